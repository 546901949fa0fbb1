"""What every store promises about walks, wishes and how far they have come."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from tests.contracts.test_storage_accounts import a_walker
from tests.contracts.test_storage_catalogue import put
from tests.town import MIDDLE, NOON, TRACE, a_place, a_wish, stroll
from wildside.domain.accounts import User
from wildside.domain.errors import Unauthorized
from wildside.domain.geography import Point
from wildside.domain.identifiers import PlaceId, RegionId, RequestId, RouteId, ThemeId
from wildside.domain.paging import PageRequest
from wildside.domain.progress import Progress, Stage
from wildside.domain.route import OwnCopy, Route
from wildside.ports import Storage, StoredRequest


async def a_stored_walker(storage: Storage) -> User:
    """Somebody in a town with three places."""
    await put(storage, a_place(1), a_place(2), a_place(3))
    return await another_walker(storage)


async def another_walker(storage: Storage) -> User:
    user = a_walker()
    async with storage.write() as work:
        await work.accounts.add(user)
    return user


def a_route(user: User, minute: int = 0, **changes: object) -> Route:
    route = Route(
        id=RouteId(uuid4()),
        request_id=RequestId(uuid4()),
        user_id=user.id,
        created_at=NOON + timedelta(minutes=minute),
        walk=stroll([a_place(1), a_place(2)]),
        region=RegionId("town"),
        engine_version="stroll-1",
        fingerprint="f" * 64,
        generation_params=a_wish().params(),
    )
    return replace(route, **changes)  # type: ignore[arg-type]


def a_request(user: User, fingerprint: str = "f", minute: int = 0) -> StoredRequest:
    return StoredRequest(
        a_wish(),
        Progress(
            RequestId(uuid4()),
            user.id,
            Stage.PENDING,
            0,
            NOON + timedelta(minutes=minute),
            TRACE,
        ),
        fingerprint,
    )


async def test_a_route_comes_back_as_it_was_stored(storage: Storage) -> None:
    """Stops, legs, instructions, places and parameters survive the storing."""
    route = a_route(await a_stored_walker(storage), saved=True)
    async with storage.write() as work:
        await work.routes.save(route)
    async with storage.read() as work:
        assert await work.routes.find(route.id) == route
        assert await work.routes.find(RouteId(uuid4())) is None


async def test_a_request_is_answered_by_one_route_only(storage: Storage) -> None:
    """A job that runs twice must not leave two routes: the second is refused by the store itself."""
    user = await a_stored_walker(storage)
    route = a_route(user)

    async def save_twice() -> None:
        async with storage.write() as work:
            await work.routes.save(route)
            await work.routes.save(replace(route, id=RouteId(uuid4())))

    with pytest.raises(Exception, match=r"(?i)unique"):
        await save_twice()
    async with storage.read() as work:
        assert await work.routes.find(route.id) is None


async def test_a_route_still_names_its_places_when_the_map_has_lost_them(storage: Storage) -> None:
    """A saved walk is a memory of how it was."""
    route = a_route(await a_stored_walker(storage))
    async with storage.write() as work:
        await work.routes.save(route)
    await put(storage, a_place(3), version="v2", later=True)
    async with storage.read() as work:
        assert await work.routes.find(route.id) == route


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 20])
async def test_pages_of_routes_are_newest_first_and_lead_back(storage: Storage, limit: int) -> None:
    """Two of them were made in the same microsecond; another walker's are never among them."""
    user = await a_stored_walker(storage)
    routes = [a_route(user, minute) for minute in (0, 1, 1, 2, 3, 4, 5)]
    stranger = await another_walker(storage)
    async with storage.write() as work:
        for route in routes:
            await work.routes.save(route)
        await work.routes.save(a_route(stranger, 2))
    expected = sorted(routes, key=lambda route: (route.created_at, str(route.id)), reverse=True)
    async with storage.read() as work:
        page = await work.routes.page(user.id, None, PageRequest(limit))
        assert page.prev is None
        seen = list(page.items)
        while page.next is not None:
            page = await work.routes.page(user.id, None, PageRequest(limit, page.next))
            seen += page.items
        assert seen == [route.summary() for route in expected]
        while page.prev is not None:
            page = await work.routes.page(user.id, None, PageRequest(limit, page.prev))
        assert list(page.items) == seen[: len(page.items)]


async def test_saved_routes_can_be_listed_alone(storage: Storage) -> None:
    """Only their walker can save or delete them."""
    user = await a_stored_walker(storage)
    stranger = await another_walker(storage)
    kept, other = a_route(user), a_route(user, 1)
    async with storage.write() as work:
        await work.routes.save(kept)
        await work.routes.save(other)
        assert not await work.routes.pin(stranger.id, kept.id, saved=True)
        assert await work.routes.pin(user.id, kept.id, saved=True)
        assert not await work.routes.delete(stranger.id, other.id)
    async with storage.read() as work:
        page = await work.routes.page(user.id, True, PageRequest())
        assert [summary.id for summary in page.items] == [kept.id]
        page = await work.routes.page(user.id, False, PageRequest())
        assert [summary.id for summary in page.items] == [other.id]
    async with storage.write() as work:
        assert await work.routes.delete(user.id, other.id)
        assert await work.routes.find(other.id) is None


async def test_a_wish_comes_back_as_it_was_accepted(storage: Storage) -> None:
    """After a restart the job is done by what is stored, so nothing may be lost."""
    user = await a_stored_walker(storage)
    wish = replace(
        a_wish(90),
        theme_ids=(ThemeId(UUID(int=7)),),
        popularity_bias=0.123,
        avoid_stairs=True,
        prefer_well_lit=True,
        end=Point(-3.2, 55.96),
        depart_at=NOON,
        must_visit=(PlaceId(4),),
        avoid=(PlaceId(8), PlaceId(12)),
        walking_speed_kmh=3.3,
    )
    stored = replace(a_request(user), request=wish)
    async with storage.write() as work:
        await work.requests.add(stored)
    async with storage.read() as work:
        assert await work.requests.find(stored.progress.request_id) == stored
        assert await work.requests.find(RequestId(uuid4())) is None


async def test_progress_never_goes_back(storage: Storage) -> None:
    """A retried job begins at 5 % again, a zombie may finish late: the walker never sees either."""
    stored = a_request(await a_stored_walker(storage))
    word = stored.progress
    async with storage.write() as work:
        await work.requests.add(stored)
        assert await work.requests.advance(word.moved_on(40, NOON))
        assert not await work.requests.advance(word.moved_on(5, NOON))
        assert not await work.requests.advance(word)
        assert await work.requests.advance(word.failed("cancelled", NOON))
        assert not await work.requests.advance(word.completed(RouteId(uuid4()), NOON))
        known = await work.requests.find(word.request_id)
        assert known is not None
        assert known.progress == replace(word, stage=Stage.FAILED, error="cancelled")
        assert not await work.requests.advance(
            replace(word, request_id=RequestId(uuid4())).moved_on(9, NOON)
        )


async def test_only_the_latest_claim_of_a_request_writes(storage: Storage) -> None:
    """A runner thought dead comes back: its word is refused, even where it would be the last one."""
    user = await a_stored_walker(storage)
    stored = a_request(user)
    word = stored.progress
    async with storage.write() as work:
        await work.requests.add(stored)
        assert await work.requests.advance(word.moved_on(5, NOON), fence=10)
        assert await work.requests.advance(word.moved_on(40, NOON), fence=10)
        # The next claim begins anew: its word may not follow, but from now on it is the one to write.
        assert not await work.requests.advance(word.moved_on(5, NOON), fence=2**61)
        assert not await work.requests.advance(word.moved_on(50, NOON), fence=10)
        assert not await work.requests.advance(word.completed(RouteId(uuid4()), NOON), fence=10)
        assert await work.requests.advance(word.moved_on(60, NOON), fence=2**61)
        # A walker who cancels shows no claim.
        assert await work.requests.advance(word.failed("cancelled", NOON))


async def test_what_changed_lately_is_found_oldest_first(storage: Storage) -> None:
    """For all walkers at once: what other processes have stored."""
    user = await a_stored_walker(storage)
    words = [a_request(user, minute=minute) for minute in (0, 3, 2, 1)]
    async with storage.write() as work:
        for stored in words:
            await work.requests.add(stored)
        ended = words[0].progress.failed("cancelled", NOON + timedelta(minutes=9))
        await work.requests.advance(ended)
    async with storage.read() as work:
        changed = await work.requests.changed_since(NOON + timedelta(minutes=2))
        assert changed == [words[2].progress, words[1].progress, ended]
        assert await work.requests.changed_since(NOON + timedelta(minutes=10)) == []


async def test_unfinished_requests_are_found_oldest_first(storage: Storage) -> None:
    """By fingerprint for the job that answers them, all together for a server that restarts."""
    user = await a_stored_walker(storage)
    young, old, other, done = (
        a_request(user, "f", 2),
        a_request(user, "f", 1),
        a_request(user, "g", 3),
        a_request(user, "f", 0),
    )
    async with storage.write() as work:
        for stored in (young, old, other, done):
            await work.requests.add(stored)
        await work.requests.advance(done.progress.failed("cancelled", NOON))
    async with storage.read() as work:
        assert await work.requests.waiting_for("f") == [old, young]
        assert await work.requests.waiting_for("h") == []
        everything = await work.requests.owed(NOON + timedelta(hours=1), None, 10)
        assert [owed.id for owed in everything] == [
            stored.progress.request_id for stored in (old, young, other)
        ]
        assert [(owed.fingerprint, owed.accepted_at) for owed in everything] == [
            (stored.fingerprint, stored.progress.updated_at) for stored in (old, young, other)
        ]
        # A page at a time, and none that was accepted just now.
        (first,) = await work.requests.owed(NOON + timedelta(hours=1), None, 1)
        rest = await work.requests.owed(NOON + timedelta(minutes=2), first, 10)
        assert (first, rest) == (everything[0], everything[1:2])


async def test_news_are_the_unfinished_and_the_recently_ended(storage: Storage) -> None:
    """What a socket is told on connecting: nobody else's, and nothing that ended long ago."""
    user = await a_stored_walker(storage)
    stranger = await another_walker(storage)
    waiting, ended, long_ago = (a_request(user, "f", minute) for minute in (0, 1, 2))
    theirs = a_request(stranger)
    now = NOON + timedelta(hours=1)
    async with storage.write() as work:
        for stored in (waiting, ended, long_ago, theirs):
            await work.requests.add(stored)
        failed = ended.progress.failed("cancelled", now)
        await work.requests.advance(failed)
        await work.requests.advance(long_ago.progress.failed("cancelled", NOON))
    async with storage.read() as work:
        news = await work.requests.news_for(user.id, now - timedelta(minutes=10))
        assert news == [waiting.progress, failed]


async def test_a_wide_walk_of_many_points_fits(storage: Storage) -> None:
    """Three hours on small streets have thousands of points."""
    user = await a_stored_walker(storage)
    path = tuple(Point(MIDDLE.longitude, 55.9 + number * 1e-6) for number in range(20_000))
    route = a_route(user)
    route = replace(route, walk=replace(route.walk, path=path))
    async with storage.write() as work:
        await work.routes.save(route)
    async with storage.read() as work:
        assert await work.routes.find(route.id) == route


async def test_a_copied_walk_is_the_asker_s_own(storage: Storage) -> None:
    """The same walk word for word under other ids, unsaved, and it stays when the first one goes."""
    owner = await a_stored_walker(storage)
    asker = await another_walker(storage)
    known = a_route(owner, saved=True)
    own = OwnCopy(
        RouteId(uuid4()),
        RequestId(uuid4()),
        asker.id,
        NOON + timedelta(hours=1),
        a_wish(45).params(),
    )
    async with storage.write() as work:
        await work.routes.save(known)
        assert await work.routes.copy(known.id, own)
        assert await work.routes.delete(owner.id, known.id)
    async with storage.read() as work:
        copied = await work.routes.find(own.id)
    assert copied == replace(
        known,
        id=own.id,
        request_id=own.request_id,
        user_id=asker.id,
        created_at=own.created_at,
        generation_params=own.generation_params,
        saved=False,
    )


async def test_whoever_was_erased_since_they_were_admitted_writes_nothing(storage: Storage) -> None:
    """Neither a wish nor a walk of their own, and they are told why."""
    owner, erased = await a_stored_walker(storage), a_walker()
    known = a_route(owner)
    async with storage.write() as work:
        await work.routes.save(known)
    with pytest.raises(Unauthorized):
        async with storage.write() as work:
            await work.requests.add(a_request(erased))
    own = OwnCopy(RouteId(uuid4()), RequestId(uuid4()), erased.id, NOON, {})
    with pytest.raises(Unauthorized):
        async with storage.write() as work:
            await work.routes.copy(known.id, own)


async def test_what_is_not_there_cannot_be_copied(storage: Storage) -> None:
    """False, and nothing is written."""
    asker = await a_stored_walker(storage)
    own = OwnCopy(RouteId(uuid4()), RequestId(uuid4()), asker.id, NOON, {})
    async with storage.write() as work:
        assert not await work.routes.copy(RouteId(uuid4()), own)
    async with storage.read() as work:
        assert await work.routes.find(own.id) is None


async def test_a_route_s_standing_is_whose_it_is_and_whether_it_is_saved(storage: Storage) -> None:
    """Without the walk itself; None where there is none."""
    owner = await a_stored_walker(storage)
    route = a_route(owner)
    async with storage.write() as work:
        await work.routes.save(route)
        assert await work.routes.standing(route.id) == (owner.id, False)
        await work.routes.pin(owner.id, route.id, saved=True)
    async with storage.read() as work:
        assert await work.routes.standing(route.id) == (owner.id, True)
        assert await work.routes.standing(RouteId(uuid4())) is None
