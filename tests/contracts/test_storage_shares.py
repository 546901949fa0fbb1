"""What every store promises about shares, and about where enrichment came from."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from tests.contracts.test_storage_routes import a_route, a_stored_walker, another_walker
from tests.town import NOON, TOWN
from wildside.domain.enrichment import Enrichment
from wildside.domain.identifiers import RouteId
from wildside.domain.paging import PageRequest
from wildside.domain.route import Route
from wildside.domain.shares import SHARED_FOR, Share, token_hash
from wildside.ports import Storage


def a_share(route: Route, minute: int = 0) -> Share:
    created_at = NOON + timedelta(minutes=minute)
    return Share(token_hash(uuid4().hex), route.id, created_at, created_at + SHARED_FOR)


async def test_a_share_comes_back_as_it_was_stored(storage: Storage) -> None:
    """By the hash of its token, and by nothing else."""
    route = a_route(await a_stored_walker(storage))
    share = a_share(route)
    async with storage.write() as work:
        await work.routes.save(route)
        await work.shares.add(share)
    async with storage.read() as work:
        assert await work.shares.find(share.token_hash) == share
        assert await work.shares.find(token_hash("another")) is None


async def test_shares_are_listed_by_route_and_by_walker(storage: Storage) -> None:
    """Oldest first; another walker's are not among them."""
    ada, bo = await a_stored_walker(storage), await another_walker(storage)
    first, second, other = a_route(ada), a_route(ada), a_route(bo)
    late, early, of_second, of_other = (
        a_share(first, 3),
        a_share(first, 1),
        a_share(second, 2),
        a_share(other),
    )
    async with storage.write() as work:
        for route in (first, second, other):
            await work.routes.save(route)
        for share in (late, early, of_second, of_other):
            await work.shares.add(share)
    async with storage.read() as work:
        assert await work.shares.of_route(first.id) == [early, late]
        assert await work.shares.of_walker(ada.id) == [early, of_second, late]
        assert await work.shares.of_route(RouteId(uuid4())) == []


async def test_revoking_takes_all_shares_of_one_route(storage: Storage) -> None:
    """And says how many there were."""
    ada = await a_stored_walker(storage)
    first, second = a_route(ada), a_route(ada)
    kept = a_share(second)
    async with storage.write() as work:
        await work.routes.save(first)
        await work.routes.save(second)
        for share in (a_share(first), a_share(first), kept):
            await work.shares.add(share)
        assert await work.shares.revoke(first.id) == 2
        assert await work.shares.revoke(first.id) == 0
    async with storage.read() as work:
        assert await work.shares.of_walker(ada.id) == [kept]


async def test_one_share_is_forgotten_alone(storage: Storage) -> None:
    """Forgetting what is not there changes nothing."""
    route = a_route(await a_stored_walker(storage))
    gone, kept = a_share(route, 1), a_share(route, 2)
    async with storage.write() as work:
        await work.routes.save(route)
        await work.shares.add(gone)
        await work.shares.add(kept)
        await work.shares.forget(gone.token_hash)
        await work.shares.forget(gone.token_hash)
    async with storage.read() as work:
        assert await work.shares.of_route(route.id) == [kept]


async def test_expired_shares_are_forgotten_at_their_moment(storage: Storage) -> None:
    """Not a microsecond before."""
    route = a_route(await a_stored_walker(storage))
    share = a_share(route)
    async with storage.write() as work:
        await work.routes.save(route)
        await work.shares.add(share)
        assert await work.shares.forget_expired(share.expires_at - timedelta(microseconds=1)) == 0
        assert await work.shares.forget_expired(share.expires_at) == 1
        assert await work.shares.find(share.token_hash) is None


async def test_shares_go_with_their_route(storage: Storage) -> None:
    """A deleted walk is shown to nobody."""
    ada = await a_stored_walker(storage)
    route = a_route(ada)
    share = a_share(route)
    async with storage.write() as work:
        await work.routes.save(route)
        await work.shares.add(share)
        await work.routes.delete(ada.id, route.id)
        assert await work.shares.find(share.token_hash) is None


async def test_enrichment_is_listed_page_by_page_the_newest_first(storage: Storage) -> None:
    """Every field survives, ties of created_at are broken by id, forth and back agree."""
    records = [
        Enrichment(
            uuid4(),
            NOON + timedelta(minutes=number // 2),
            "overpass",
            f"https://overpass.example/?{number}",
            replace(TOWN.bounds, north=TOWN.bounds.north + number / 7),
            number,
        )
        for number in range(5)
    ]

    def place(record: Enrichment) -> tuple[object, UUID]:
        return record.created_at, record.id

    async with storage.write() as work:
        for record in records:
            await work.provenance.add(record)
    async with storage.read() as work:
        first = await work.provenance.page(PageRequest(3))
        second = await work.provenance.page(PageRequest(3, first.next))
        back = await work.provenance.page(PageRequest(3, second.prev))
    newest_first = sorted(records, key=place, reverse=True)
    assert [*first.items, *second.items] == newest_first
    assert second.next is None
    assert list(back.items) == list(first.items)
