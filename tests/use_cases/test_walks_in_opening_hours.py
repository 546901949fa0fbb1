"""A walker who says when they set out is sent to open doors, and told what nobody knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.town import MIDDLE, TRACE, House, a_place, a_wish
from wildside.domain.catalogue import Place
from wildside.domain.route import Walk
from wildside.outbound.engine.translation import question_of
from wildside.use_cases.find_walk import FindWalk

NIGHT, NOON = datetime(2026, 5, 4, 2, tzinfo=UTC), datetime(2026, 5, 4, 12, tzinfo=UTC)


def place(number: int, **tags: str) -> Place:
    """A place in the middle of the town with these tags only."""
    return replace(a_place(number, at=MIDDLE), tags=tags)


MUSEUM = place(11, tourism="museum")
STATUE = place(12, historic="memorial")
CHAPEL = place(13, historic="chapel", opening_hours="10:00-12:00")
GARDEN = place(14, leisure="garden", opening_hours="when the gate is open")


async def walk_of(
    house: House, departs: datetime | None, *places: Place, musts: tuple[Place, ...] = ()
) -> Walk:
    """The walk found in a town of these places only."""
    async with house.storage.write() as work:
        region = (await work.catalogue.regions())[0]
        await work.catalogue.replace_region(region, (*places, *musts), NOON)
    wish = replace(a_wish(), depart_at=departs, must_visit=tuple(place.id for place in musts))
    find = FindWalk(house.storage, house.engine, house.opening_hours)

    async def unheard(percent: int) -> None:
        assert 0 <= percent <= 100

    return (await find(wish, trace_id=TRACE, on_progress=unheard)).walk


def names(walk: Walk) -> set[str]:
    """Who is visited."""
    return {stop.place.name for stop in walk.stops}


@pytest.mark.parametrize(
    ("departs", "visited", "warnings"),
    [
        (None, (MUSEUM, STATUE, CHAPEL, GARDEN), ()),
        (NIGHT, (STATUE, GARDEN), ("hours_unknown",)),
        (NOON, (MUSEUM, STATUE, GARDEN), ("hours_unknown",)),
    ],
)
async def test_closed_places_are_left_out_and_doubts_are_told(
    house: House, departs: datetime | None, visited: tuple[Place, ...], warnings: tuple[str, ...]
) -> None:
    """By night no museum; after noon no chapel; a garden with odd words is a doubt either way."""
    walk = await walk_of(house, departs, MUSEUM, STATUE, CHAPEL, GARDEN)
    assert names(walk) == {place.name for place in visited}
    assert walk.warnings == warnings


async def test_a_walk_past_statues_leaves_no_doubt(house: House) -> None:
    """What cannot be shut needs no hours."""
    assert (await walk_of(house, NIGHT, STATUE)).warnings == ()


async def test_a_must_that_is_closed_is_visited_and_the_walker_warned(house: House) -> None:
    """Whoever insists on the chapel at noon sees it from outside."""
    walk = await walk_of(house, NOON, STATUE, musts=(CHAPEL,))
    assert names(walk) == {STATUE.name, CHAPEL.name}
    assert walk.warnings == ("must_visit_closed",)


async def test_the_engine_hears_of_windows_but_not_of_those_of_a_closed_must(house: House) -> None:
    """At half past nine London time the chapel opens in half an hour; after noon it is no window."""
    early = datetime(2026, 5, 4, 8, 30, tzinfo=UTC)
    windows = []
    for departs in (early, NOON):
        await walk_of(house, departs, STATUE, musts=(CHAPEL,))
        question = question_of(a_wish(), house.engine.heard_of[-1], 1)
        windows.append(
            {
                candidate.key: [(w.opens_seconds, w.closes_seconds) for w in candidate.windows]
                for candidate in question.candidates
            }
        )
    assert windows == [
        {CHAPEL.id: [(1800.0, 3600.0)], STATUE.id: []},
        {CHAPEL.id: [], STATUE.id: []},
    ]
