"""Walks shared by a link: shown to whoever has it, until it ends."""

from dataclasses import replace

import pytest
import trio
from trio.testing import MockClock

from tests.contracts.test_storage_routes import a_route
from tests.town import House
from wildside.domain.accounts import User
from wildside.domain.errors import NotFound
from wildside.domain.route import Route
from wildside.domain.shares import MOST_SHARES_OF_A_ROUTE, SHARED_FOR
from wildside.use_cases.share_route import FreshShare, forget_expired_shares


async def with_a_walk(house: House) -> tuple[User, Route]:
    """A walker with one walk."""
    ada = await house.arrive()
    route = a_route(ada)
    async with house.storage.write() as work:
        await work.routes.save(route)
    return ada, route


async def share(house: House, user: User, route: Route) -> FreshShare:
    async with house.storage.write() as work:
        return await house.share_routes.share(work, user.id, route.id)


async def revoke(house: House, user: User, route: Route) -> None:
    async with house.storage.write() as work:
        await house.share_routes.revoke(work, user.id, route.id)


async def nothing_is_shown(house: House, token: str) -> bool:
    try:
        await house.share_routes.shown(token)
    except NotFound:
        return True
    return False


async def test_a_link_shows_its_walk(house: House) -> None:
    """By the token only; what is stored is not the token."""
    ada, route = await with_a_walk(house)
    fresh = await share(house, ada, route)
    assert await house.share_routes.shown(fresh.token) == route
    assert await house.share_routes.shown(fresh.token, route.id) == route
    async with house.storage.read() as work:
        (kept,) = await work.shares.of_route(route.id)
    assert fresh.token not in repr(kept)
    assert kept.expires_at == fresh.expires_at
    assert await nothing_is_shown(house, kept.token_hash)
    assert await nothing_is_shown(house, fresh.token[:-1])


async def test_a_link_opens_no_other_walk(house: House) -> None:
    """Not even another of the same walker."""
    ada, route = await with_a_walk(house)
    other = a_route(ada)
    async with house.storage.write() as work:
        await work.routes.save(other)
    fresh = await share(house, ada, route)
    with pytest.raises(NotFound):
        await house.share_routes.shown(fresh.token, other.id)


async def test_only_the_owner_shares_and_revokes(house: House) -> None:
    """To another walker the walk is not there, and the link goes on working."""
    ada, route = await with_a_walk(house)
    bo = await house.arrive()
    fresh = await share(house, ada, route)
    with pytest.raises(NotFound):
        await share(house, bo, route)
    with pytest.raises(NotFound):
        await revoke(house, bo, route)
    assert await house.share_routes.shown(fresh.token) == route


async def test_revoking_ends_every_link_of_the_walk(house: House) -> None:
    """Revoking what is not shared is no fault."""
    ada, route = await with_a_walk(house)
    links = [await share(house, ada, route) for _ in range(3)]
    for link in links:
        assert await house.share_routes.shown(link.token) == route
    await revoke(house, ada, route)
    for link in links:
        assert await nothing_is_shown(house, link.token)
    await revoke(house, ada, route)


async def test_a_link_ends_at_its_moment(house: House, autojump_clock: MockClock) -> None:
    """Thirty days, and the row goes with the next tidying."""
    ada, route = await with_a_walk(house)
    fresh = await share(house, ada, route)
    await trio.sleep(SHARED_FOR.total_seconds() - 1)
    assert await house.share_routes.shown(fresh.token) == route
    assert await forget_expired_shares(house.storage, house.clock.now()) == 0
    await trio.sleep(1)
    assert await nothing_is_shown(house, fresh.token)
    assert await forget_expired_shares(house.storage, house.clock.now()) == 1


async def test_the_oldest_link_gives_way_beyond_twenty(
    house: House, autojump_clock: MockClock
) -> None:
    """A script fills no table."""
    ada, route = await with_a_walk(house)
    links = []
    for _ in range(MOST_SHARES_OF_A_ROUTE + 2):
        links.append(await share(house, ada, route))
        await trio.sleep(1)
    shown = [not await nothing_is_shown(house, link.token) for link in links]
    assert shown == [False, False] + [True] * MOST_SHARES_OF_A_ROUTE


async def test_a_disabled_or_erased_owner_s_links_show_nothing(house: House) -> None:
    """Whoever was shut out speaks through no link."""
    ada, route = await with_a_walk(house)
    fresh = await share(house, ada, route)
    async with house.storage.write() as work:
        await work.accounts.update(replace(ada, disabled=True), expected_revision=1)
    assert await nothing_is_shown(house, fresh.token)
    async with house.storage.write() as work:
        await work.accounts.update(ada, expected_revision=1)
    assert await house.share_routes.shown(fresh.token) == route
    async with house.storage.write() as work:
        await house.erase_walker(work, ada.id)
    assert await nothing_is_shown(house, fresh.token)


async def test_a_deleted_walk_is_shown_to_nobody(house: House) -> None:
    """Its links go with it."""
    ada, route = await with_a_walk(house)
    fresh = await share(house, ada, route)
    async with house.storage.write() as work:
        await work.routes.delete(ada.id, route.id)
    assert await nothing_is_shown(house, fresh.token)
