"""Schemathesis against the real server: every check, every phase, links followed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.server_process import ServerProcess, server, wildside

HERE = Path(__file__).parent
SETTINGS = {
    "ROUTES_PER_MINUTE": "1000000",
    "NEW_WALKERS_PER_MINUTE": "1000000",
    "LOGINS_PER_MINUTE": "1000000",
    "SOLVER_PROCESSES": "1",
}
LONGEST_SECONDS = 90
# After it every other answer would be 401: it is asked alone, at the end.
BUT_ERASING, ERASING = (
    ("--exclude-operation-id=erase_me", "--phases=examples,coverage,fuzzing,stateful"),
    ("--include-operation-id=erase_me", "--phases=coverage,fuzzing"),
)


@dataclass(frozen=True)
class People:
    """Whose cookies are sent: an administrator's session, an anonymous walker's long-lived cookie."""

    session: str
    walker: str
    centre: Sequence[float]


def arrived(running: ServerProcess, folder: Path, settings: Mapping[str, str]) -> People:
    """An administrator with walks among their own, so that lists are not empty, and a walker."""
    with httpx.Client(base_url=running.url) as client:
        account = {"username": "muriel", "password": "a-long-way-to-arthurs-seat"}
        created = client.post("/api/v1/users", json=account)
        assert created.status_code == 201, created.text
        promoted = wildside("users", "promote", "muriel", data_dir=folder, settings=settings)
        assert promoted.returncode == 0, promoted.stderr
        session = client.cookies["session"]
        region = client.get("/api/v1/regions").json()["data"][0]
        wish = {"start_location": region["centre"], "duration_minutes": 30}
        for _ in range(3):
            url = client.post("/api/v1/routes", json=wish).json()["status_url"]
            while client.get(url).json()["status"] != "complete":
                pass
    with httpx.Client(base_url=running.url) as client:
        client.post("/api/v1/users", json={})
        walker = next(cookie.value for cookie in client.cookies.jar if cookie.name == "walker")
    return People(session, walker or "", region["centre"]["coordinates"])


def ask_everything(
    running: ServerProcess, people: People, folder: Path, *options: str, seconds: int
) -> str:
    """Runs schemathesis with these cookies and gives what it printed; fails where it found something."""
    environment = {
        **os.environ,
        "WILDSIDE_SESSION": people.session,
        "WILDSIDE_WALKER": people.walker,
        "WILDSIDE_CENTRE": ",".join(map(str, people.centre)),
        "SCHEMATHESIS_HOOKS": "tests.attacks.schemathesis_hooks",
        "PYTHONPATH": str(HERE.parent.parent),
    }
    finished = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            f"--config-file={HERE / 'schemathesis.toml'}",
            "run",
            f"{running.url}/api-docs/openapi.json",
            f"--url={running.url}",
            "--checks=all",
            "--seed=20261121",
            "--continue-on-failure",
            "--request-timeout=10",
            "--generation-database=none",
            "--warnings=off",
            "--no-color",
            *options,
        ],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout[-8000:] + finished.stderr[-2000:]
    return finished.stdout


def linked(told: str) -> tuple[int, int]:
    """How many of the document's links were followed, and how many there are."""
    found = re.search(r"API Links:\s+(\d+) covered / (\d+) selected", told)
    assert found, told
    return int(found[1]), int(found[2])


@pytest.mark.timeout(LONGEST_SECONDS + 30)
def test_nothing_that_the_document_allows_or_forbids_breaks_the_server(
    town_folder: Path, town_settings: Mapping[str, str], tmp_path: Path
) -> None:
    """Answers as documented, rubbish refused, good requests taken, sessions demanded, links that lead."""
    with server(town_folder, settings={**SETTINGS, **town_settings}) as running:
        people = arrived(running, town_folder, town_settings)
        told = ask_everything(
            running, people, tmp_path, *BUT_ERASING, "--max-examples=5", seconds=LONGEST_SECONDS
        )
        followed, links = linked(told)
        assert links >= 15
        assert followed >= 10
        ask_everything(running, people, tmp_path, *ERASING, "--max-examples=5", seconds=30)
        assert not [line for line in running.log_lines if "Traceback" in line]


@pytest.mark.soak
@pytest.mark.timeout(1500)
def test_nothing_breaks_the_server_in_a_long_time(
    town_folder: Path, town_settings: Mapping[str, str], tmp_path: Path
) -> None:
    """The same with three hundred examples an operation."""
    with server(town_folder, settings={**SETTINGS, **town_settings}) as running:
        people = arrived(running, town_folder, town_settings)
        ask_everything(running, people, tmp_path, *BUT_ERASING, "--max-examples=300", seconds=1400)
        assert not [line for line in running.log_lines if "Traceback" in line]
