"""A deployment of plain processes on this machine: PostgreSQL, Redis, servers and workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.end_to_end.jumping_clock import JumpingClock, build_jumping_clocks
from tests.end_to_end.server_process import children_of, environment, wildside
from tests.postgres_server import PostgresServer, free_port, postgres_server
from tests.redis_server import RedisServer

READY_SECONDS = 60
STOP_SECONDS = 15
KEPT_LOG_LINES = 2000
USUAL = {
    "SOLVER_PROCESSES": "1",
    "LEASE_SECONDS": "2",
    "ROUTES_PER_MINUTE": "1000000",
    "NEW_WALKERS_PER_MINUTE": "1000000",
}


@dataclass
class Member:
    """One server or worker: may be killed, stopped and started again at its address."""

    name: str
    mode: str
    port: int
    settings: Mapping[str, str]
    folder: Path
    clock: JumpingClock | None = None
    log_lines: list[str] = field(default_factory=list)
    lives: int = 0
    _process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Where walkers, or of a worker operators, ask."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Of its present life."""
        assert self._process is not None
        return self._process.pid

    def launch(self) -> None:
        """Starts it without waiting."""
        port = ("PORT", "METRICS_PORT")[self.mode == "worker"]
        shift = {} if self.clock is None else self.clock.environment
        self._process = subprocess.Popen(
            [sys.executable, "-m", "wildside", f"--mode={self.mode}"],
            env=environment(self.folder, {**self.settings, **shift, port: str(self.port)}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lives += 1
        threading.Thread(target=self._keep_log, args=(self._process,), daemon=True).start()

    def wait_until_ready(self) -> None:
        """Until it has said so."""
        assert self._process is not None
        assert self._process.stdout is not None
        watchdog = threading.Timer(READY_SECONDS, self._process.kill)
        watchdog.start()
        line = self._process.stdout.readline()
        watchdog.cancel()
        if not line.startswith("ready "):
            raise AssertionError(f"{self.name} is not ready:\n" + "".join(self.log_lines[-20:]))

    def _keep_log(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            self.log_lines.append(line)
            del self.log_lines[:-KEPT_LOG_LINES]

    def signal(self, number: signal.Signals) -> None:
        """SIGSTOP freezes it, SIGCONT lets it go on."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """Ends it and its children as a power cut would."""
        assert self._process is not None
        children = children_of(self.pid) if self._process.poll() is None else set()
        self._process.kill()
        self._process.wait()
        for child in children:
            _kill(child)

    def kill_a_child(self) -> bool:
        """Ends one of its solver processes; False where there is none just now."""
        assert self._process is not None
        if self._process.poll() is not None:
            return False
        children = sorted(children_of(self.pid))
        return bool(children) and _kill(children[-1])

    def stop(self) -> None:
        """Ends it in order."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGCONT)
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()


def _kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


@dataclass
class Cluster:
    """Everything that runs, each part within reach."""

    folder: Path
    postgres: PostgresServer
    redis: RedisServer
    servers: list[Member]
    workers: list[Member]
    redis_clock: JumpingClock | None = None

    @property
    def members(self) -> list[Member]:
        """Servers and workers."""
        return [*self.servers, *self.workers]


def clocks_of(folder: Path, servers: int, workers: int) -> dict[str, JumpingClock]:
    """A clock for each member and for Redis, by name."""
    build_jumping_clocks(folder)
    names = [
        "redis",
        *(f"server-{number}" for number in range(1, servers + 1)),
        *(f"worker-{number}" for number in range(1, workers + 1)),
    ]
    return {name: JumpingClock(folder, name) for name in names}


@contextmanager
def cluster(
    folder: Path,
    extract: Path,
    *,
    servers: int = 2,
    workers: int = 3,
    redis_url: str | None = None,
    settings: Mapping[str, str] | None = None,
    clocks: Path | None = None,
) -> Iterator[Cluster]:
    """A deployment with one region, all of it ready; workers have folders, so machines, of their own.

    `redis_url` is where members look for Redis, if not at Redis itself: a proxy may stand between.
    `clocks` is where clocks are built that may jump, one for each member and for Redis.
    """
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_server())
        postgres.execute("CREATE DATABASE wildside")
        redis_folder = folder / "redis"
        redis_folder.mkdir(parents=True)
        made = {} if clocks is None else clocks_of(clocks, servers, workers)
        redis = RedisServer(
            redis_folder,
            *("--appendonly", "yes", "--maxmemory-policy", "noeviction"),
            environment=made["redis"].environment if made else None,
        )
        redis.start()
        stack.callback(redis.stop)
        (folder / "session_key").write_text("k" * 64)
        common = {
            **USUAL,
            "DATABASE_URL": postgres.url("wildside"),
            "REDIS_URL": redis_url or redis.url,
            "SESSION_KEY_FILE": str(folder / "session_key"),
            **(settings or {}),
        }
        home = folder / "servers"
        ingested = wildside("ingest-osm", extract, data_dir=home, settings=common)
        if ingested.returncode != 0:
            raise AssertionError(ingested.stderr)
        members = [
            Member(f"server-{number}", "server", free_port(), common, home)
            for number in range(1, servers + 1)
        ] + [
            Member(f"worker-{number}", "worker", free_port(), common, folder / f"worker-{number}")
            for number in range(1, workers + 1)
        ]
        for member in members:
            member.clock = made.get(member.name)
            stack.callback(member.stop)
            member.launch()
        for member in members:
            member.wait_until_ready()
        running = Cluster(
            folder, postgres, redis, members[:servers], members[servers:], made.get("redis")
        )
        yield running
        # All at once, in order: each takes some seconds for itself.
        for member in members:
            threading.Thread(target=member.stop).start()
        time.sleep(0.1)
