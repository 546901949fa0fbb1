"""Schemathesis against the real server: every check, every phase, links followed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.server_process import ServerProcess, server

HERE = Path(__file__).parent
SETTINGS = {
    "ROUTES_PER_MINUTE": "1000000",
    "NEW_WALKERS_PER_MINUTE": "1000000",
    "LOGINS_PER_MINUTE": "1000000",
    "SOLVER_PROCESSES": "1",
}
LONGEST_SECONDS = 90


def ask_everything(running: ServerProcess, folder: Path, examples: int, seconds: int) -> str:
    """Runs schemathesis as a walker and gives what it printed; fails where it found something."""
    with httpx.Client(base_url=running.url) as client:
        assert client.post("/api/v1/users", json={}).status_code == 201
        cookies = {cookie.name: cookie.value or "" for cookie in client.cookies.jar}
        centre = client.get("/api/v1/regions").json()["data"][0]["centre"]
        # So that the walker's lists are not empty, and their links lead somewhere.
        accepted = client.post(
            "/api/v1/routes", json={"start_location": centre, "duration_minutes": 30}
        ).json()
        while client.get(accepted["status_url"]).json()["status"] != "complete":
            pass
    environment = {
        **os.environ,
        "WILDSIDE_SESSION": cookies["session"],
        "WILDSIDE_WALKER": cookies["walker"],
        "WILDSIDE_CENTRE": ",".join(map(str, centre["coordinates"])),
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
            # Whoever erases themselves is answered 401 from then on: that has stories of its own.
            "--exclude-operation-id=erase_me",
            "--checks=all",
            "--phases=examples,coverage,fuzzing,stateful",
            f"--max-examples={examples}",
            "--seed=20261121",
            "--continue-on-failure",
            "--request-timeout=10",
            "--generation-database=none",
            "--warnings=off",
            "--no-color",
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
    town_folder: Path, tmp_path: Path
) -> None:
    """Answers as documented, rubbish refused, good requests taken, sessions demanded, links that lead."""
    with server(town_folder, settings=SETTINGS) as running:
        told = ask_everything(running, tmp_path, examples=10, seconds=LONGEST_SECONDS)
        followed, links = linked(told)
        assert links >= 15
        assert followed >= 5
        assert not [line for line in running.log_lines if "Traceback" in line]


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_nothing_breaks_the_server_in_a_long_time(town_folder: Path, tmp_path: Path) -> None:
    """The same with three hundred examples an operation."""
    with server(town_folder, settings=SETTINGS) as running:
        ask_everything(running, tmp_path, examples=300, seconds=1100)
        assert not [line for line in running.log_lines if "Traceback" in line]
