"""Everything that can die dies, again and again, while walkers ask: no wish is lost, none granted twice.

CHAOS_SEED replays a run, CHAOS_SECONDS makes it shorter or longer.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.data_folder import data_file
from tests.end_to_end.cluster import Cluster, Member, cluster
from tests.end_to_end.jumping_clock import JumpingClock
from tests.end_to_end.stroller import Stroller
from tests.end_to_end.walker import Walker
from tests.redis.stalling_proxy import StallingProxy, stalling_proxy
from tests.redis_server import free_port

ROYAL_MILE = "osm/edinburgh-royal-mile.osm.pbf"
SECONDS = float(os.environ.get("CHAOS_SECONDS", "600"))
SEED = int(os.environ.get("CHAOS_SEED", "20261121"))
WALKERS_EACH = 3
PAUSE_SECONDS = (0.5, 3.0)
FREEZE_SECONDS = (0.5, 6.0)
# A session that begins a minute and more in a server's future is refused: a walker may only meet servers
# whose clocks agree so far. Nothing of the kind binds workers and Redis.
SERVERS_OFF_SECONDS = 45.0
OTHERS_OFF_SECONDS = 3600.0
CALM_SECONDS = 120.0  # for everything accepted to end, after the last blow


def wishes() -> Iterator[dict[str, Any]]:
    """Never the same twice: an answer from the cache would ask nothing of anybody."""
    return (
        {
            "start_location": {"type": "Point", "coordinates": [-3.1897 + step / 2000, 55.9500]},
            "duration_minutes": minutes,
            "popularity_bias": percent / 100,
        }
        for step, percent, minutes in itertools.product(range(8), range(101), range(30, 91))
    )


class Chaos:
    """Strikes by the dice; one blow at a time, each made good before long."""

    def __init__(self, running: Cluster, proxy: StallingProxy, dice: random.Random) -> None:
        self._running = running
        self._proxy = proxy
        self._dice = dice
        self.blows: Counter[str] = Counter()

    async def rage(self, seconds: float) -> None:
        """For so long."""
        blows: list[Callable[[], Awaitable[None]]] = [
            self.kill_worker,
            self.kill_worker,
            self.freeze_worker,
            self.freeze_worker,
            self.kill_server,
            self.freeze_server,
            self.kill_solver,
            self.kill_solver,
            self.restart_redis,
            self.kill_redis,
            self.restart_postgres,
            self.cut_redis,
            self.stall_redis,
            self.set_a_servers_clock,
            self.set_a_workers_clock,
            self.set_redis_clock,
        ]
        with trio.move_on_after(seconds):
            while True:
                blow = self._dice.choice(blows)
                self.blows[blow.__name__] += 1
                # A blow that has begun is made good, even at the end.
                with trio.CancelScope(shield=True):
                    await blow()
                await trio.sleep(self._dice.uniform(*PAUSE_SECONDS))

    async def kill_worker(self) -> None:
        await self._begin_anew(self._dice.choice(self._running.workers))

    async def kill_server(self) -> None:
        await self._begin_anew(self._dice.choice(self._running.servers))

    async def freeze_worker(self) -> None:
        await self._freeze(self._dice.choice(self._running.workers).signal)

    async def freeze_server(self) -> None:
        await self._freeze(self._dice.choice(self._running.servers).signal)

    async def kill_solver(self) -> None:
        self._dice.choice(self._running.workers).kill_a_child()

    async def restart_redis(self) -> None:
        await trio.to_thread.run_sync(self._running.redis.stop)
        await trio.to_thread.run_sync(self._running.redis.start)

    async def kill_redis(self) -> None:
        await trio.to_thread.run_sync(self._running.redis.kill)
        await trio.sleep(self._dice.uniform(0, 1))
        await trio.to_thread.run_sync(self._running.redis.start)

    async def restart_postgres(self) -> None:
        # Not in a thread: the server is bound to the life of the thread that started it, and trio's
        # threads end when they have nothing to do.
        postgres = self._running.postgres
        postgres.stop(signal.SIGINT)
        postgres.start()

    async def cut_redis(self) -> None:
        self._proxy.cut()

    async def stall_redis(self) -> None:
        self._proxy.stall()
        await trio.sleep(0.5)
        self._proxy.flow()

    async def set_a_servers_clock(self) -> None:
        self._set(self._dice.choice(self._running.servers).clock, SERVERS_OFF_SECONDS)

    async def set_a_workers_clock(self) -> None:
        self._set(self._dice.choice(self._running.workers).clock, OTHERS_OFF_SECONDS)

    async def set_redis_clock(self) -> None:
        self._set(self._running.redis_clock, OTHERS_OFF_SECONDS)

    def _set(self, clock: JumpingClock | None, most_seconds: float) -> None:
        """Stays wrong, or right, until it is set again: whatever else falls meanwhile."""
        assert clock is not None
        off_seconds = self._dice.uniform(-most_seconds, most_seconds)
        clock.jump_to(self._dice.choice([0.0, off_seconds, off_seconds]))

    async def _begin_anew(self, member: Member) -> None:
        await trio.to_thread.run_sync(member.kill)
        await trio.sleep(self._dice.uniform(0, 1))
        await trio.to_thread.run_sync(member.launch)
        await trio.to_thread.run_sync(member.wait_until_ready)

    async def _freeze(self, signalled: Callable[[signal.Signals], None]) -> None:
        signalled(signal.SIGSTOP)
        await trio.sleep(self._dice.uniform(*FREEZE_SECONDS))
        signalled(signal.SIGCONT)


@pytest.mark.soak
@pytest.mark.timeout(SECONDS + 600)
async def test_no_wish_is_lost_or_granted_twice_whatever_dies(tmp_path: Path) -> None:
    """Every accepted wish ends complete or failed with a reason, once, and its walker hears how."""
    print(f"seed {SEED}, {SECONDS:g} s")
    port = free_port()
    with ExitStack() as stack:
        running = stack.enter_context(
            cluster(
                tmp_path,
                data_file(ROYAL_MILE),
                redis_url=f"redis://127.0.0.1:{port}/0",
                clocks=tmp_path / "clocks",
            )
        )
        async with stalling_proxy(running.redis.port, port) as proxy:
            chaos = Chaos(running, proxy, random.Random(SEED))
            crowd = await through_chaos(chaos, running)
        counts = count(crowd, running)
        reasons = reasons_of(running)
        print(f"blows {sum(chaos.blows.values())}: {dict(chaos.blows)}")
        print(counts)
        print(f"failed because of {reasons}")
        assert counts["unheard"] == counts["unfinished"] == 0
        assert counts["without a reason"] == counts["doubled"] == counts["without a route"] == 0
        assert counts["complete"] > 0


async def through_chaos(chaos: Chaos, running: Cluster) -> list[Stroller]:
    """Walkers of every server who ask while it rages, and wait for their ends when it is over."""
    source = wishes()
    crowd = [
        Stroller(await Walker.arrive(server.url), source)
        for server in running.servers
        for _ in range(WALKERS_EACH)
    ]
    async with trio.open_nursery() as nursery:
        for stroller in crowd:
            nursery.start_soon(stroller.stroll)
        await chaos.rage(SECONDS)
        for stroller in crowd:
            stroller.going_home = True
        with trio.move_on_after(CALM_SECONDS):
            for stroller in crowd:
                await stroller.at_home.wait()
        nursery.cancel_scope.cancel()
    return crowd


def reasons_of(running: Cluster) -> dict[str, int]:
    """What failed requests tell their walkers, and how often."""
    rows = running.postgres.execute(
        "SELECT error, count(*) FROM route_requests WHERE status = 'failed' GROUP BY error",
        "wildside",
    )
    return {str(row[0]): int(str(row[1])) for row in rows}


def count(crowd: list[Stroller], running: Cluster) -> dict[str, int]:
    """What was heard on the sockets beside what is stored."""
    heard = {
        request_id: stroller.heard.get(request_id, {})
        for stroller in crowd
        for request_id in stroller.accepted
    }
    ends = Counter(word.get("status") for word in heard.values())
    rows = running.postgres.execute(
        "SELECT r.id::text, r.status, r.error,"
        " (SELECT count(*) FROM routes WHERE request_id = r.id) FROM route_requests r",
        "wildside",
    )
    stored = {str(row[0]): row for row in rows}
    return {
        "accepted": len(heard),
        "complete": ends["complete"],
        "failed": ends["failed"],
        "unheard": len(heard) - ends["complete"] - ends["failed"],
        "unfinished": sum(row[1] in {"pending", "in_progress"} for row in stored.values()),
        "without a reason": sum(row[1] == "failed" and not row[2] for row in stored.values()),
        "without a route": sum(row[1] == "complete" and row[3] != 1 for row in stored.values()),
        "doubled": sum(int(str(row[3])) > 1 for row in stored.values()),
        "told otherwise": sum(
            word.get("status") != stored[request_id][1] for request_id, word in heard.items()
        ),
        "sockets": sum(stroller.sockets for stroller in crowd),
        "lives": sum(member.lives for member in running.members),
    }
