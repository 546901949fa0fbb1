"""Requests a second of three endpoints, beside the same three in FastAPI on uvicorn and the same database.

python -m bench.api [--quick] [--json FILE]

Each server has one core (its own process is what is timed), the asker another; they take turns on the
same data. Beside the wall clock's figures stands what a second of the server's own CPU answers: on a
machine that others use too it is the steadier of the two. Time spent inside PostgreSQL is PostgreSQL's.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from bench.harness import Row, arguments, peer_python, report
from tests.end_to_end.server_process import server, wildside
from tests.postgres_server import free_port, postgres_server, programs
from wildside.outbound.sample_town.town import write_sample_town

CONNECTIONS = 32
WALKS = 1000  # more than our server remembers the bytes of
HERE = Path(__file__).parent
PEER = ("fastapi", "uvicorn[standard]", "asyncpg", "itsdangerous", "pydantic")
TICKS = os.sysconf("SC_CLK_TCK")
SERVERS_CORE, ASKERS_CORE = 0, 1


@dataclass(frozen=True)
class Side:
    """A running server: its port and its process."""

    name: str
    port: int
    pid: int


@dataclass(frozen=True)
class Scene:
    """What both answer from: a walker's cookie and a walk of theirs."""

    cookie: str
    route_ids: Sequence[str]
    wish: Mapping[str, Any]

    def requests(self) -> Mapping[str, bytes]:
        """The three questions as bytes; the walk once the same and once another each time."""
        body = json.dumps(self.wish).encode()
        return {
            "GET /users/me": self._request("GET", "/api/v1/users/me"),
            "GET /routes/{id}, the same": self._walk(self.route_ids[0]),
            "GET /routes/{id}, each another": b"\0".join(map(self._walk, self.route_ids)),
            "POST /routes (cached)": self._request("POST", "/api/v1/routes", body),
        }

    def _walk(self, route_id: str) -> bytes:
        return self._request("GET", f"/api/v1/routes/{route_id}")

    def _request(self, method: str, path: str, body: bytes = b"") -> bytes:
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {self.cookie}"]
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return "\r\n".join((*lines, "", "")).encode() + body


def pinned(pid: int, core: int) -> None:
    """Every thread of the process on one core, where there is more than one."""
    if core < (os.cpu_count() or 1):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {core})


def cpu_seconds(pid: int) -> float:
    """The process's own time, its children's left out."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def asked(side: Side, request: bytes, seconds: float) -> dict[str, Any]:
    """One round of questions; the figures of the asker, and the server's CPU time."""
    began = cpu_seconds(side.pid)
    command = ["taskset", "-c", str(ASKERS_CORE)] if (os.cpu_count() or 1) > 1 else []
    command += [sys.executable, "-m", "bench.http_load", str(side.port), str(seconds)]
    done = subprocess.run(
        [*command, str(CONNECTIONS)], input=request, capture_output=True, check=True, timeout=120
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    figures["per_cpu_second"] = figures["count"] / max(cpu_seconds(side.pid) - began, 1 / TICKS)
    wrong = {status: count for status, count in figures["statuses"].items() if status[0] != "2"}
    if wrong:
        raise RuntimeError(f"{side.name} answered {wrong}")
    return figures


def furnished(url: str) -> Scene:
    """A walker with a walk, made through our own doors."""
    with httpx.Client(base_url=url, timeout=30) as client:
        client.post("/api/v1/users", json={}).raise_for_status()
        region = client.get("/api/v1/regions").json()["data"][0]
        wish = {"start_location": region["centre"], "duration_minutes": 60}
        accepted = client.post("/api/v1/routes", json=wish).json()
        while True:
            status = client.get(accepted["status_url"]).json()
            if status["status"] == "complete":
                break
            time.sleep(0.05)
        copies = [client.post("/api/v1/routes", json=wish).json() for _ in range(WALKS - 1)]
        found = [client.get(copy["status_url"]).json()["route_id"] for copy in copies]
        cookie = f"session={client.cookies['session']}"
        return Scene(cookie, [status["route_id"], *found], wish)


@contextmanager
def peer_running(database: str, key: str, scene: Scene) -> Iterator[Side]:
    """FastAPI on uvicorn, ready to be asked."""
    python, port = peer_python("fastapi", *PEER), free_port()
    script = HERE / "api_peers.py"
    process = subprocess.Popen(
        [python, "-P", script, str(port), database, key, scene.route_ids[0]],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": ""},
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            until = time.monotonic() + 20
            while True:
                try:
                    answer = client.get("/api/v1/users/me", headers={"cookie": scene.cookie})
                    answer.raise_for_status()
                    break
                except httpx.TransportError:
                    if time.monotonic() > until or process.poll() is not None:
                        raise
                    time.sleep(0.1)
        yield Side("FastAPI", port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def measured(
    store: str, database_url: str, folder: Path, seconds: float, rounds: int
) -> Iterator[Row]:
    """The rows of one store."""
    key = secrets.token_hex(64)
    (folder / "key").write_text(key)
    settings = {
        "SESSION_KEY_FILE": str(folder / "key"),
        "SESSION_ALLOW_EPHEMERAL": "0",
        "ROUTES_PER_MINUTE": "1000000",
        "SOLVER_PROCESSES": "1",
        # As the peer: one line for a request is not what is measured.
        "LOG_LEVEL": "warning",
    }
    if database_url:
        settings["DATABASE_URL"] = database_url
    data = folder / "data"
    write_sample_town(folder / "town.osm.pbf")
    ingested = wildside(
        "ingest-osm", folder / "town.osm.pbf", "--name", "Town", data_dir=data, settings=settings
    )
    if ingested.returncode:
        raise RuntimeError(ingested.stderr)
    with ExitStack() as stack:
        running = stack.enter_context(server(data, settings=settings))
        scene = furnished(running.url)
        ours = Side("ours", int(running.url.rpartition(":")[2]), running.process.pid)
        database = database_url or str(data / "wildside.sqlite3")
        theirs = stack.enter_context(peer_running(database, key, scene))
        for side in (ours, theirs):
            pinned(side.pid, SERVERS_CORE)
        for what, request in scene.requests().items():
            sides: dict[str, list[dict[str, Any]]] = {ours.name: [], theirs.name: []}
            for number in range(rounds + 1):
                for side in (ours, theirs):
                    figures = asked(side, request, seconds)
                    if number:  # the first round warms both up
                        sides[side.name].append(figures)
            yield from compared(f"{store}: {what}", sides)


def compared(what: str, sides: Mapping[str, list[dict[str, Any]]]) -> Iterator[Row]:
    """The medians of the rounds, ours beside the peer's."""
    units = {
        "per_second": "requests/s",
        "per_cpu_second": "requests/s of its CPU",
        "p50_ms": "ms p50",
        "p99_ms": "ms p99",
    }
    for figure, unit in units.items():
        ours, theirs = (
            median(round_[figure] for round_ in sides[name]) for name in ("ours", "FastAPI")
        )
        ahead = ours >= theirs if figure.startswith("per") else ours <= theirs
        promised = figure in {"per_second", "per_cpu_second"}
        yield Row(
            what,
            unit,
            ours,
            {"FastAPI": theirs},
            "ahead" if promised else "",
            ahead if promised else None,
        )


def main() -> None:
    """SQLite first, then PostgreSQL where it is installed."""
    options = arguments(__doc__ or "")
    seconds, rounds = (1.0, 1) if options.quick else (2.0, 3)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        rows += measured("SQLite", "", Path(name), seconds, rounds)
    if programs() is not None:
        with tempfile.TemporaryDirectory() as name, postgres_server() as postgres:
            rows += measured("PostgreSQL", postgres.new_database(), Path(name), seconds, rounds)
    sys.exit(0 if report("api", rows, options) else 1)


if __name__ == "__main__":
    main()
