"""The link among several Redis: Sentinels name the master, a cluster says where a slot lies."""

from __future__ import annotations

import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
import trio

from tests.redis_server import PROGRAM, RedisServer, free_port, linked, started
from wildside.outbound.queue.redis_streams.keys import OUR_KEYS
from wildside.outbound.redis_link.errors import RedisAway

SERVICE = "walks"
CLUSTERED = ("--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf")


@contextmanager
def a_redis(stack: ExitStack, *options: str, port: int | None = None) -> Iterator[RedisServer]:
    """One more, until the stack ends."""
    servers = started(*options, port=port)
    server = next(servers)
    stack.callback(lambda: next(servers, None))
    yield server


def another(stack: ExitStack, *options: str, port: int | None = None) -> RedisServer:
    return stack.enter_context(a_redis(stack, *options, port=port))


def port_of_a_node() -> int:
    """Nodes of a cluster talk to each other ten thousand ports further up."""
    while True:
        port = free_port()
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port + 10_000))
            except (OSError, OverflowError):
                continue
            return port


class Sentinel:
    """One Sentinel that watches one master."""

    def __init__(self, folder: Path, master: RedisServer) -> None:
        self.port = free_port()
        settings = folder / "sentinel.conf"
        settings.write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {folder}\n"
            f"sentinel monitor {SERVICE} 127.0.0.1 {master.port} 1\n"
            f"sentinel down-after-milliseconds {SERVICE} 300\n"
            f"sentinel failover-timeout {SERVICE} 2000\n"
        )
        self._process = subprocess.Popen(
            [str(PROGRAM), str(settings), "--sentinel"], stdout=subprocess.DEVNULL
        )

    def replicas(self) -> int:
        """How many it knows of, itself not counted; it takes a moment to find them."""
        try:
            state: Any = redis.Redis(port=self.port, decode_responses=True).sentinel_masters()
        except redis.ConnectionError:
            return 0
        return int(state[SERVICE]["num-slaves"])

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.mark.timeout(40)
async def test_after_a_failover_the_new_master_is_asked() -> None:
    """The old one dies; the Sentinel names its replica, and the link goes there by itself."""
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        master = another(stack, "--repl-diskless-sync-delay", "0")
        replica = another(stack, "--replicaof", "127.0.0.1", str(master.port))
        sentinel = Sentinel(Path(folder), master)
        stack.callback(sentinel.stop)
        with trio.fail_after(15):
            while sentinel.replicas() < 1:  # noqa: ASYNC110 - it tells nobody
                await trio.sleep(0.05)
        # The first Sentinel in the list is not there: the next is asked.
        url = f"redis+sentinel://127.0.0.1:1,127.0.0.1:{sentinel.port}/{SERVICE}/0"
        async with linked(url, patience_seconds=30) as link:
            await link.set("a", "1")
            assert await link.wait(1, 10_000) == 1
            master.kill()
            assert await link.ask("SET", "b", "2", again=True) == b"OK"
            assert await link.get("a") == b"1"
        assert replica.admin().role()[0] == "master"


async def test_a_sentinel_that_knows_nothing_is_told_of() -> None:
    """A misspelt service is a fault an operator can read."""
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        sentinel = Sentinel(Path(folder), another(stack))
        stack.callback(sentinel.stop)
        with trio.fail_after(10):
            while sentinel.replicas() < 0:  # noqa: ASYNC110
                await trio.sleep(0.05)
        url = f"redis+sentinel://127.0.0.1:{sentinel.port}/waks/0"
        async with linked(url, patience_seconds=0.5) as link:
            with pytest.raises(RedisAway, match="waks"):
                await link.ping()


def tell(node: redis.Redis, *words: object) -> Any:
    """A command of the cluster's own."""
    ask: Any = node.execute_command
    return ask("CLUSTER", *words)


def knows_all(node: redis.Redis) -> bool:
    """Whether the node knows who holds each slot."""
    return "cluster_state:ok" in str(tell(node, "INFO"))


@pytest.mark.timeout(40)
async def test_in_a_cluster_the_link_goes_where_the_slot_lies() -> None:
    """All keys of ours lie in one slot: MOVED is followed once, then everything is there."""
    with ExitStack() as stack:
        nodes = [another(stack, *CLUSTERED, port=port_of_a_node()) for _ in range(2)]
        first, second = (node.admin() for node in nodes)
        slot = tell(first, "KEYSLOT", OUR_KEYS.workers)
        assert slot == tell(first, "KEYSLOT", "{wildside}:news:x")
        # Everything but our slot is the first one's, who is asked first.
        ranges = [0, slot - 1, slot + 1, 16383]
        tell(first, "ADDSLOTSRANGE", *ranges)
        tell(second, "ADDSLOTS", slot)
        tell(second, "SET-CONFIG-EPOCH", 2)
        tell(first, "MEET", "127.0.0.1", nodes[1].port)
        with trio.fail_after(20):
            while not (knows_all(first) and knows_all(second)):  # noqa: ASYNC110
                await trio.sleep(0.05)
        async with linked(nodes[0].url, patience_seconds=10) as link:
            assert await link.set("{wildside}:a", "1") is True
            assert await link.get("{wildside}:a") == b"1"
            assert link.connections == 2
        assert tell(second, "COUNTKEYSINSLOT", slot) == 1
