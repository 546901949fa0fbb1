"""Starts the real binary as a newcomer would: ingest, serve, stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

INGEST_SECONDS = 240
READY_SECONDS = 60
STOP_SECONDS = 15
NOTHING: Mapping[str, str] = MappingProxyType({})

DEVELOPMENT = {
    "APP_ENV": "development",
    "SESSION_ALLOW_EPHEMERAL": "1",
    "SESSION_COOKIE_SECURE": "0",
}


def environment(data_dir: Path, settings: Mapping[str, str] = NOTHING) -> dict[str, str]:
    """The caller's environment without settings that would leak in, plus development's."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in {"PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "TMPDIR"}
    }
    return {**kept, **DEVELOPMENT, "WILDSIDE_DATA_DIR": str(data_dir), **settings}


def wildside(
    *arguments: str | Path,
    data_dir: Path,
    seconds: float = INGEST_SECONDS,
    binary: tuple[str, ...] = (sys.executable, "-m", "wildside"),
    settings: Mapping[str, str] = NOTHING,
    given: str = "",
) -> subprocess.CompletedProcess[str]:
    """Runs one command to its end, with a text in its pipe, and gives what it printed."""
    return subprocess.run(
        [*binary, *map(str, arguments)],
        env=environment(data_dir, settings),
        input=given,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def children_of(pid: int) -> set[int]:
    """Every process below this one."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found |= {int(child)} | children_of(int(child))
    return found


@dataclass
class ServerProcess:
    """A running server: where it listens, its process, and what it has logged so far."""

    url: str
    process: subprocess.Popen[str]
    log_lines: list[str]

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """Asks it to end and gives its exit code; a server that does not end is killed and told of."""
        self.process.send_signal(sign)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


@contextmanager
def server(
    data_dir: Path,
    *arguments: str,
    binary: tuple[str, ...] = (sys.executable, "-m", "wildside"),
    settings: Mapping[str, str] = NOTHING,
) -> Iterator[ServerProcess]:
    """A server on a free port, ready to be asked; ended when the block ends."""
    process = subprocess.Popen(
        [*binary, "--mode=server", "--port", "0", *arguments],
        env=environment(data_dir, settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    log_lines: list[str] = []
    stderr = process.stderr
    reader = threading.Thread(target=lambda: log_lines.extend(stderr), daemon=True)
    reader.start()
    watchdog = threading.Timer(READY_SECONDS, process.kill)
    watchdog.start()
    line = process.stdout.readline()
    watchdog.cancel()
    if not line.startswith("ready http://"):
        process.kill()
        process.wait()
        reader.join(5)
        raise AssertionError(f"not ready: {line!r}\n" + "".join(log_lines[-20:]))
    try:
        yield ServerProcess(line.removeprefix("ready ").strip(), process, log_lines)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        reader.join(5)
        process.stdout.close()
        process.stderr.close()
