"""The server as a process: starting, refusing to start, serving without a map, ending."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.server_process import NOTHING, children_of, environment, server, wildside

STOP_LIMIT_SECONDS = 5.0
WISH = {
    "start_location": {"type": "Point", "coordinates": [-3.19, 55.95]},
    "duration_minutes": 60,
}


def refused(data_dir: Path, *arguments: str, settings: Mapping[str, str] = NOTHING) -> str:
    """The one line with which a start is refused."""
    ended = wildside("--mode=server", *arguments, data_dir=data_dir, seconds=30, settings=settings)
    assert ended.returncode == 1, ended
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    return line


def test_a_start_that_cannot_be_is_one_clear_line(tmp_path: Path) -> None:
    """A busy port, a data folder that is none, missing or short keys, a bad setting; exit code 1."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"127.0.0.1:{port}: Address already in use" in refused(
            tmp_path / "a", "--port", port
        )
    (tmp_path / "file").write_text("not a folder")
    assert "WILDSIDE_DATA_DIR" in refused(tmp_path / "file", "--port", "0")
    production = {"APP_ENV": "production", "SESSION_ALLOW_EPHEMERAL": "0"}
    absent = str(tmp_path / "absent")
    line = refused(
        tmp_path / "b", "--port", "0", settings=production | {"SESSION_KEY_FILE": absent}
    )
    assert f"SESSION_KEY_FILE {absent} cannot be read" in line
    (tmp_path / "short").write_text("sesame")
    short = str(tmp_path / "short")
    line = refused(tmp_path / "b", "--port", "0", settings=production | {"SESSION_KEY_FILE": short})
    assert "64 bytes" in line
    assert "sesame" not in line
    (tmp_path / "tiles").write_text("sesame")
    (tmp_path / "long").write_text("k" * 64)
    tiles = {
        "TILE_TOKEN_KEY_FILE": str(tmp_path / "tiles"),
        "SESSION_KEY_FILE": str(tmp_path / "long"),
    }
    line = refused(tmp_path / "b", "--port", "0", settings=tiles)
    assert "TILE_TOKEN_KEY_FILE" in line
    assert "sesame" not in line
    line = refused(tmp_path / "b", "--port", "0", settings={"SESSION_ALLOW_EPHEMERAL": "0"})
    assert "SESSION_KEY_FILE" in line
    assert "PORT='x'" in refused(tmp_path / "b", "--port", "x")
    wrong = wildside("--mode=both", data_dir=tmp_path, seconds=30)
    assert wrong.returncode == 2


def test_a_worker_without_a_queue_to_work_for_is_refused(tmp_path: Path) -> None:
    """`--mode=worker` needs REDIS_URL."""
    ended = wildside("--mode=worker", data_dir=tmp_path, seconds=30)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "REDIS_URL" in ended.stderr


def test_a_server_without_a_map_lives_and_says_what_is_missing(tmp_path: Path) -> None:
    """Alive, not ready with the reason; a wish is outside coverage; stdout is the ready line alone."""
    with server(tmp_path) as running, httpx.Client(base_url=running.url) as http:
        assert http.get("/healthz").status_code == 200
        ready = http.get("/health/ready")
        assert ready.status_code == 503
        assert "ingest-osm" in ready.json()["reasons"]["regions"]
        assert http.post("/api/v1/users", json={}).status_code == 201
        wish = http.post("/api/v1/routes", json=WISH)
        assert wish.json()["details"][0]["code"] == "outside_coverage"
        family = children_of(running.process.pid)
        began = time.monotonic()
        running.process.send_signal(signal.SIGTERM)
        assert running.process.stdout is not None
        rest = running.process.stdout.read()
        assert running.process.wait(15) == 0
        assert time.monotonic() - began < STOP_LIMIT_SECONDS
        assert rest == ""
    assert [pid for pid in family if Path(f"/proc/{pid}").exists()] == []
    lines = [json.loads(line) for line in running.log_lines]
    (posted,) = [line for line in lines if line.get("route") == "/api/v1/routes"]
    assert posted["trace_id"] == wish.headers["trace-id"]
    text = "".join(running.log_lines)
    assert "-3.19" not in text
    assert "session=" not in text


def test_a_client_that_reads_nothing_cannot_hold_up_sigterm(tmp_path: Path) -> None:
    """A hundred answers asked for and none read, a head half sent: gone within five seconds, code 0."""
    with server(tmp_path, settings={"LOG_LEVEL": "error"}) as running:
        port = int(running.url.rsplit(":", 1)[1])
        deaf, slow = (socket.create_connection(("127.0.0.1", port)) for _ in range(2))
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        deaf.settimeout(0.5)
        request = b"GET /api-docs/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"
        with pytest.raises(TimeoutError):
            deaf.sendall(request * 500_000)
        slow.sendall(b"GET / HTTP/1.1\r\nHos")
        began = time.monotonic()
        assert running.stop() == 0
        assert time.monotonic() - began < STOP_LIMIT_SECONDS
        deaf.close()
        slow.close()


def test_metrics_may_have_a_port_of_their_own(tmp_path: Path) -> None:
    """There, with health; and no longer on the server's."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with server(tmp_path, settings={"METRICS_PORT": str(port)}) as running:
        apart = f"http://127.0.0.1:{port}"
        assert "pois_total" in httpx.get(f"{apart}/metrics").text
        assert httpx.get(f"{apart}/healthz").status_code == 200
        assert httpx.get(f"{apart}/api/v1/regions").status_code == 404
        assert httpx.get(f"{running.url}/metrics").status_code == 404


def test_settings_are_printed_with_their_sources(tmp_path: Path) -> None:
    """Even those of a start that would be refused; exit code 0."""
    printed = subprocess.run(
        [sys.executable, "-m", "wildside", "--port", "7", "settings"],
        env=environment(tmp_path, {"LOG_LEVEL": "chatty", "REDIS_URL": "redis://:sesame@x"}),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert "PORT=7  (command line)" in printed.stdout
    assert "LOG_LEVEL=chatty  (environment)" in printed.stdout
    assert "sesame" not in printed.stdout
