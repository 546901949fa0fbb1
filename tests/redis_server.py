"""A real redis-server of the tests' own, on a free port and in a temporary folder."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import redis
import trio

from wildside.outbound.redis_link.address import read_address
from wildside.outbound.redis_link.link import RedisLink

PROGRAM = shutil.which("redis-server")
START_SECONDS = 10.0


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class RedisServer:
    """One process; what it keeps survives `kill` as far as its options make it durable."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        port: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        if PROGRAM is None:
            pytest.skip("redis-server is not installed: scripts/install-test-tools does it")
        self.folder = folder
        self.port = port or free_port()
        self._options = options
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is, by database 0."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> RedisServer:
        """Starts it, and waits until it takes connections."""
        quiet = ("--save", "", "--dir", str(self.folder), "--loglevel", "warning")
        self._process = subprocess.Popen(
            [str(PROGRAM), "--port", str(self.port), "--bind", "127.0.0.1", *quiet, *self._options],
            stdout=(self.folder / "redis.log").open("ab"),
            stderr=subprocess.STDOUT,
            env=self._environment,
        )
        self._wait_until_it_listens()
        return self

    def _wait_until_it_listens(self) -> None:
        give_up_at = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up_at:
            assert self._process is not None
            if self._process.poll() is not None:
                break
            for port in {self.port, self._tls_port()} - {0}:
                with socket.socket() as probe:
                    probe.settimeout(0.2)
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        return
            time.sleep(0.01)
        raise AssertionError((self.folder / "redis.log").read_text())

    def _tls_port(self) -> int:
        options = list(self._options)
        return int(options[options.index("--tls-port") + 1]) if "--tls-port" in options else 0

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        """SIGSTOP freezes it, SIGCONT lets it go on."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """Ends it as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Ends it in order."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            self._process.wait()

    def admin(self) -> redis.Redis:
        """A client of redis-py's own, which waits: for what a test looks at from outside."""
        return redis.Redis(port=self.port, decode_responses=True)


def started(*options: str, port: int | None = None) -> Iterator[RedisServer]:
    """A server, and nothing of it afterwards."""
    with tempfile.TemporaryDirectory(prefix="wildside-redis-") as folder:
        server = RedisServer(Path(folder), *options, port=port)
        try:
            yield server.start()
        finally:
            server.stop()


@pytest.fixture(scope="session")
def shared_redis() -> Iterator[RedisServer]:
    """One for all tests that leave it alive."""
    yield from started()


@pytest.fixture
def redis_server(shared_redis: RedisServer) -> RedisServer:
    """An empty Redis."""
    shared_redis.admin().flushall()
    return shared_redis


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """One to be ill-treated: it writes every command to the disk before it answers."""
    yield from started("--appendonly", "yes", "--appendfsync", "always")


@asynccontextmanager
async def linked(
    url: str, *, patience_seconds: float = 5.0, answer_seconds: float = 5.0
) -> AsyncIterator[RedisLink]:
    """A link that runs until the block ends."""
    link = RedisLink(
        read_address(url),
        "tests",
        patience_seconds=patience_seconds,
        answer_seconds=answer_seconds,
    )
    async with trio.open_nursery() as nursery:
        await nursery.start(link.run)
        yield link
        nursery.cancel_scope.cancel()
