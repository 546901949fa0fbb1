"""What every cache of answers promises."""

import random
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.redis_server import RedisServer, linked, started
from wildside.domain.identifiers import RouteId
from wildside.outbound.cache.memory import ANSWER_SECONDS, MemoryRouteCache
from wildside.outbound.cache.redis import PREFIX, RedisRouteCache
from wildside.ports import RouteCache

ROUTE, OTHER = RouteId(UUID(int=1)), RouteId(UUID(int=2))


class HandClock:
    """Seconds that pass when a test says so."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


async def test_an_answer_is_found_again_and_a_newer_one_replaces_it(clock: HandClock) -> None:
    """Absence is None."""
    cache = MemoryRouteCache(clock, random.Random(1))
    assert await cache.find("f") is None
    await cache.keep("f", ROUTE)
    assert await cache.find("f") == ROUTE
    await cache.keep("f", OTHER)
    assert await cache.find("f") == OTHER


async def test_answers_last_about_a_day_and_do_not_end_together(clock: HandClock) -> None:
    """Between 21.6 and 26.4 hours, each its own time."""
    cache = MemoryRouteCache(clock, random.Random(1))
    for number in range(100):
        await cache.keep(str(number), ROUTE)
    clock.seconds = ANSWER_SECONDS * 0.89
    assert [await cache.find(str(number)) for number in range(100)] == [ROUTE] * 100
    clock.seconds = ANSWER_SECONDS
    left = sum([await cache.find(str(number)) is not None for number in range(100)])
    assert 20 < left < 80
    clock.seconds = ANSWER_SECONDS * 1.11
    assert [await cache.find(str(number)) for number in range(100)] == [None] * 100


@given(
    touches=st.lists(st.tuples(st.booleans(), st.integers(0, 6)), max_size=60),
    room=st.integers(1, 4),
)
async def test_the_answer_unused_for_longest_goes_first(
    touches: list[tuple[bool, int]], room: int
) -> None:
    """Against a list that is searched from end to end."""
    cache = MemoryRouteCache(lambda: 0.0, random.Random(1), room)
    recent: list[str] = []
    for keeps, number in touches:
        name = str(number)
        if keeps:
            await cache.keep(name, ROUTE)
        else:
            assert (await cache.find(name) is not None) == (name in recent)
            if name not in recent:
                continue
        recent = [*(other for other in recent if other != name), name][-room:]


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[RouteCache]:
    """An empty cache of each kind."""
    if request.param == "memory":
        yield MemoryRouteCache(lambda: 0.0, random.Random(1))
        return
    async with linked(request.getfixturevalue("redis_server").url) as link:
        yield RedisRouteCache(link, random.Random(1))


async def test_every_cache_finds_what_was_kept_last(cache: RouteCache) -> None:
    """Absence is None."""
    assert await cache.find("f") is None
    await cache.keep("f", ROUTE)
    assert await cache.find("f") == ROUTE
    await cache.keep("f", OTHER)
    assert await cache.find("f") == OTHER
    assert await cache.find("g") is None


async def test_a_pinned_answer_stays_what_it_is_until_it_is_unpinned(cache: RouteCache) -> None:
    """A saved walk goes on answering; the pin of another walk does not undo it."""
    await cache.pin("f", ROUTE)
    await cache.keep("f", OTHER)
    assert await cache.find("f") == ROUTE
    await cache.unpin("f", OTHER)
    await cache.keep("f", OTHER)
    assert await cache.find("f") == ROUTE
    await cache.unpin("f", ROUTE)
    await cache.keep("f", OTHER)
    assert await cache.find("f") == OTHER


async def test_pinned_answers_have_no_end_and_unpinned_ones_have(clock: HandClock) -> None:
    """Days later."""
    cache = MemoryRouteCache(clock, random.Random(1))
    await cache.pin("saved", ROUTE)
    await cache.pin("let go", ROUTE)
    await cache.unpin("let go", ROUTE)
    clock.seconds = 10 * ANSWER_SECONDS
    assert await cache.find("saved") == ROUTE
    assert await cache.find("let go") is None


async def test_answers_in_redis_end_after_about_a_day_each_in_its_own_time(
    redis_server: RedisServer,
) -> None:
    """Redis says how long each has: ends of one evening do not fall together. Pins have none."""
    async with linked(redis_server.url) as link:
        cache = RedisRouteCache(link, random.Random(1))
        for number in range(50):
            await cache.keep(str(number), ROUTE)
        left = [await link.ttl(f"{PREFIX}{number}") for number in range(50)]
        assert all(0.89 * ANSWER_SECONDS < seconds < 1.11 * ANSWER_SECONDS for seconds in left)
        assert len(set(left)) > 40
        await cache.pin("saved", ROUTE)
        assert await link.ttl(f"{PREFIX}saved") == -1
        await cache.unpin("saved", ROUTE)
        assert await link.ttl(f"{PREFIX}saved") > 0


async def test_a_redis_that_is_full_throws_the_oldest_out_and_it_is_counted() -> None:
    """The cache's own Redis may evict; the queue's never does."""
    for server in started("--maxmemory", "3mb", "--maxmemory-policy", "allkeys-lru"):
        async with linked(server.url) as link:
            cache = RedisRouteCache(link, random.Random(1))
            for number in range(20):
                await link.set(f"filler {number}", "x" * 200_000)
            await cache.keep("f", ROUTE)
            assert await cache.find("f") == ROUTE
            await cache.look()
            assert cache.evictions > 0


async def test_with_redis_away_every_lookup_is_a_miss() -> None:
    """The walk is found once more; nobody hears of it."""
    async with linked("redis://127.0.0.1:1/0", patience_seconds=0.02) as link:
        cache = RedisRouteCache(link, random.Random(1))
        await cache.keep("f", ROUTE)
        assert await cache.find("f") is None
