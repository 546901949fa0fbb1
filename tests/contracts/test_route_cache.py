"""What every cache of answers promises."""

import random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildside.domain.identifiers import RouteId
from wildside.outbound.cache.memory import ANSWER_SECONDS, MemoryRouteCache

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
