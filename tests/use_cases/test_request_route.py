"""Which wishes are accepted, with what filled in, and whose the answers are."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from trio.testing import MockClock

from tests.town import MIDDLE, MURALS, PUBS, TRACE, House, a_place, a_wish
from wildside.domain.errors import Invalid, NotFound
from wildside.domain.geography import Point
from wildside.domain.identifiers import PlaceId, RequestId, RouteId, ThemeId
from wildside.domain.paging import PageRequest
from wildside.domain.route_request import RouteRequest
from wildside.use_cases.accounts import ProfileChange
from wildside.use_cases.catalogue import ReadCatalogue
from wildside.use_cases.keep_routes import KeepRoutes

LAKE = Point(-3.14, 55.99)
OCEAN = Point(-30.0, 50.0)


async def fault_of(house: House, wish: RouteRequest) -> tuple[str, str]:
    ada = await house.arrive()
    with pytest.raises(Invalid) as refusal:
        await house.request_route.prepare(ada, wish, TRACE)
    (fault,) = refusal.value.faults
    async with house.storage.read() as work:
        assert await work.requests.owed(house.clock.now() + timedelta(hours=1), None, 1) == []
    return fault.field, fault.code


async def test_a_start_nobody_can_walk_from_is_refused_at_once(house: House) -> None:
    """Outside every region, or in the middle of the lake; the same for the end."""
    assert await fault_of(house, a_wish(start=OCEAN)) == ("start_location", "outside_coverage")
    assert await fault_of(house, a_wish(start=LAKE)) == ("start_location", "outside_coverage")
    for end in (OCEAN, LAKE):
        assert await fault_of(house, replace(a_wish(180), end=end)) == (
            "end_location",
            "outside_coverage",
        )


async def test_an_end_farther_than_one_can_walk_is_refused(house: House) -> None:
    """Six kilometres in a quarter of an hour."""
    wish = replace(a_wish(15), end=Point(-3.24, 55.91))
    assert await fault_of(house, wish) == ("end_location", "out_of_reach")


async def test_unknown_themes_and_places_are_refused_by_field(house: House) -> None:
    """An avoided place that is unknown is avoided already."""
    assert await fault_of(house, replace(a_wish(), theme_ids=(ThemeId(UUID(int=1)),))) == (
        "interest_theme_ids",
        "unknown_theme",
    )
    assert await fault_of(house, replace(a_wish(), must_visit=(PlaceId(4711),))) == (
        "must_visit_poi_ids",
        "unknown_place",
    )
    ada = await house.arrive()
    await house.ask(ada, replace(a_wish(), avoid=(PlaceId(4711),)))


async def test_a_wish_without_themes_takes_the_walkers_interests(house: House) -> None:
    """None chosen means all; what the wish names goes first; pace comes from the preferences."""
    ada = await house.arrive()
    assert (await house.request_route.prepare(ada, a_wish(), TRACE)).request.theme_ids == ()
    async with house.storage.write() as work:
        await house.walkers.choose_interests(work, ada.id, [MURALS.id], None)
        slow = ProfileChange(walking_speed_kmh=3.0)
        ada = await house.walkers.change_profile(work, ada.id, slow)
    request = (await house.request_route.prepare(ada, a_wish(), TRACE)).request
    assert request.theme_ids == (MURALS.id,)
    assert request.walking_speed_kmh == 3.0
    named = replace(a_wish(), theme_ids=(PUBS.id,))
    assert (await house.request_route.prepare(ada, named, TRACE)).request.theme_ids == (PUBS.id,)


async def test_an_answer_that_is_known_asks_for_no_footpaths(
    house: House, autojump_clock: MockClock
) -> None:
    """Whoever wished the same was asked already; another wish at the same corner is looked at."""
    ada = await house.arrive()
    asked = await house.ask(ada)
    known = await house.request_route.prepare(ada, a_wish(), TRACE)
    await house.generate_route(known.fingerprint)
    sought = house.engine.footpaths_sought
    again = await house.request_route.prepare(ada, a_wish(), TRACE)
    ended = await house.read_routes.status(ada.id, asked.request_id)
    assert again.known_route == ended.route_id is not None
    assert house.engine.footpaths_sought == sought
    await house.request_route.prepare(ada, a_wish(90), TRACE)
    assert house.engine.footpaths_sought == sought + 1


async def test_the_engine_hears_of_wanted_places_only(
    house: House, autojump_clock: MockClock
) -> None:
    """Wanted themes, musts whatever their theme, nothing that is avoided."""
    async with house.storage.write() as work:
        await work.catalogue.replace_region(
            (await work.catalogue.regions())[0],
            [
                a_place(1, themes=(MURALS,)),
                a_place(2, themes=(PUBS,)),
                a_place(3, themes=(PUBS,)),
                a_place(4, themes=()),
                a_place(5, themes=(PUBS,), at=Point(-3.25, 55.90)),
            ],
            house.clock.now(),
        )
    ada = await house.arrive()
    wish = replace(
        a_wish(),
        theme_ids=(PUBS.id,),
        must_visit=(a_place(4).id,),
        avoid=(a_place(3).id,),
    )
    prepared = await house.request_route.prepare(ada, wish, TRACE)
    async with house.storage.write() as work:
        await house.request_route.accept(work, prepared)
    await house.generate_route(prepared.fingerprint)
    (candidates,) = house.engine.heard_of
    assert [candidate.place.osm_id for candidate in candidates] == [4, 2]


async def test_what_is_anothers_is_not_there(house: House, autojump_clock: MockClock) -> None:
    """Status, route, cancelling, saving, deleting: another walker's is the same as none."""
    ada, bob = await house.arrive(), await house.arrive()
    asked = await house.ask(ada)
    prepared = await house.request_route.prepare(ada, a_wish(), TRACE)
    await house.generate_route(prepared.fingerprint)
    ended = await house.read_routes.status(ada.id, asked.request_id)
    assert ended.route_id is not None
    for request_id in (asked.request_id, RequestId(UUID(int=4711))):
        with pytest.raises(NotFound):
            await house.read_routes.status(bob.id, request_id)
        with pytest.raises(NotFound):
            await house.cancel(bob, request_id)
    for route_id in (ended.route_id, RouteId(UUID(int=4711))):
        with pytest.raises(NotFound):
            await house.read_routes.route(bob.id, route_id)
        async with house.storage.write() as work:
            with pytest.raises(NotFound):
                await KeepRoutes(house.cache).save(work, bob.id, route_id, saved=True)
            with pytest.raises(NotFound):
                await KeepRoutes(house.cache).delete(work, bob.id, route_id)
    assert (await house.read_routes.page(bob.id, None, PageRequest())).items == []
    async with house.storage.write() as work:
        await KeepRoutes(house.cache).save(work, ada.id, ended.route_id, saved=True)
    (summary,) = (await house.read_routes.page(ada.id, True, PageRequest())).items
    assert summary.id == ended.route_id


async def test_cancelling_what_has_ended_changes_nothing(
    house: House, autojump_clock: MockClock
) -> None:
    """The walk is there; the answer says so."""
    ada = await house.arrive()
    asked = await house.ask(ada)
    await house.generate_route(
        (await house.request_route.prepare(ada, a_wish(), TRACE)).fingerprint
    )
    ended = await house.read_routes.status(ada.id, asked.request_id)
    assert await house.cancel(ada, asked.request_id) == ended


async def test_the_catalogue_is_open_to_everybody(house: House) -> None:
    """Themes in order, the region, places one by one and in pages."""
    catalogue = ReadCatalogue(house.storage)
    assert await catalogue.themes() == [PUBS, MURALS]
    (region,) = await catalogue.regions()
    assert region.centre == MIDDLE
    assert await catalogue.place(a_place(2).id) == a_place(2)
    with pytest.raises(NotFound):
        await catalogue.place(PlaceId(4711))
    page = await catalogue.page(None, [PUBS.id], PageRequest(2))
    assert list(page.items) == [a_place(1), a_place(2)]
    with pytest.raises(Invalid) as refusal:
        await catalogue.page(None, [ThemeId(UUID(int=1))], PageRequest())
    assert refusal.value.faults[0].field == "theme_ids"
    assert await catalogue.count() == 3
