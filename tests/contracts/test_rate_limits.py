"""What every counter of requests promises."""

from collections.abc import AsyncIterator

import pytest
import trio

from tests.redis_server import RedisServer, linked
from wildside.outbound.rate_limits.memory import MemoryRateLimits
from wildside.outbound.rate_limits.redis import PREFIX, RedisRateLimits
from wildside.ports import RateLimits

ALLOWANCES = {"routes": 3, "logins": 1}


@pytest.fixture(params=["memory", "redis"])
async def limits(request: pytest.FixtureRequest) -> AsyncIterator[RateLimits]:
    """A counter of each kind that has counted nothing yet."""
    alone = MemoryRateLimits(ALLOWANCES, trio.current_time)
    if request.param == "memory":
        yield alone
        return
    async with linked(request.getfixturevalue("redis_server").url) as link:
        yield RedisRateLimits(link, ALLOWANCES, alone)


async def test_so_many_pass_and_no_more(limits: RateLimits) -> None:
    """Each answer says what is left and when the window ends."""
    verdicts = [await limits.take("routes", "ada") for _ in range(5)]
    assert [verdict.allowed for verdict in verdicts] == [True, True, True, False, False]
    assert [verdict.remaining for verdict in verdicts] == [2, 1, 0, 0, 0]
    assert all(verdict.limit == 3 for verdict in verdicts)
    assert all(1 <= verdict.reset_seconds <= 60 for verdict in verdicts)


async def test_each_key_and_each_allowance_is_counted_apart(limits: RateLimits) -> None:
    """Bob pays nothing for Ada, and walks nothing for logins."""
    assert (await limits.take("logins", "ada")).allowed
    assert not (await limits.take("logins", "ada")).allowed
    assert (await limits.take("logins", "bob")).allowed
    assert (await limits.take("routes", "ada")).allowed


async def test_all_servers_count_together(redis_server: RedisServer) -> None:
    """Two processes, one window; when it has ended, everything may begin again."""
    async with linked(redis_server.url) as one, linked(redis_server.url) as two:
        servers = [
            RedisRateLimits(link, ALLOWANCES, MemoryRateLimits(ALLOWANCES, trio.current_time))
            for link in (one, two)
        ]
        allowed = [(await servers[turn % 2].take("routes", "ada")).allowed for turn in range(4)]
        assert allowed == [True, True, True, False]
        assert 0 < await one.pttl(f"{PREFIX}routes:ada") <= 60_000
        await one.delete(f"{PREFIX}routes:ada")
        assert (await servers[0].take("routes", "ada")).remaining == 2


async def test_with_redis_away_each_server_counts_for_itself() -> None:
    """Nobody is kept out, and nothing is unlimited."""
    async with linked("redis://127.0.0.1:1/0", patience_seconds=0.02) as link:
        alone = MemoryRateLimits(ALLOWANCES, trio.current_time)
        limits = RedisRateLimits(link, ALLOWANCES, alone)
        assert (await limits.take("logins", "ada")).allowed
        assert not (await limits.take("logins", "ada")).allowed
