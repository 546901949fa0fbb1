"""What every store promises about accounts: finding, listing, erasing, credentials."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.contracts.test_storage_accounts import a_walker, with_themes
from tests.contracts.test_storage_routes import a_request, a_route, a_stored_walker, another_walker
from tests.contracts.test_storage_shares import a_share
from tests.town import NOON, PUBS
from wildside.domain.identifiers import UserId
from wildside.domain.paging import PageRequest
from wildside.ports import RememberedAnswer, Storage


async def test_an_account_is_found_by_its_name_whatever_the_case(storage: Storage) -> None:
    """As typed on a phone; the whole walker comes, interests included."""
    await with_themes(storage)
    ada = a_walker(username="Ada.L", interest_theme_ids=(PUBS.id,))
    async with storage.write() as work:
        await work.accounts.add(ada)
        await work.accounts.add(a_walker())
    async with storage.read() as work:
        assert await work.accounts.named("aDA.l") == ada
        assert await work.accounts.named("Ada") is None
        assert await work.accounts.named("Ada_L") is None
        assert await work.accounts.named("%") is None


async def test_everybody_is_listed_page_by_page_the_oldest_first(storage: Storage) -> None:
    """Ties of created_at are broken by id; forth and back give the same pages."""
    people = [a_walker(created_at=NOON + timedelta(minutes=number // 2)) for number in range(7)]
    people.sort(key=lambda user: (user.created_at, str(user.id)))
    async with storage.write() as work:
        for user in reversed(people):
            await work.accounts.add(user)
    async with storage.read() as work:
        pages = [await work.accounts.page(PageRequest(3))]
        while pages[-1].next is not None:
            pages.append(await work.accounts.page(PageRequest(3, pages[-1].next)))
        back = await work.accounts.page(PageRequest(3, pages[1].prev))
    assert [user for page in pages for user in page.items] == people
    assert [len(page.items) for page in pages] == [3, 3, 1]
    assert list(back.items) == people[:3]
    assert back.prev is None


async def test_only_those_who_are_there_stand(storage: Storage) -> None:
    """Epochs of the present; the disabled and the unknown are left out."""
    here = a_walker(session_epoch=4)
    disabled = a_walker(disabled=True)
    other = a_walker()
    async with storage.write() as work:
        for user in (here, disabled, other):
            await work.accounts.add(user)
    async with storage.read() as work:
        asked = [here.id, disabled.id, UserId(uuid4())]
        assert await work.accounts.standing(asked) == {here.id: 4}
        assert await work.accounts.standing([]) == {}


async def test_a_hash_is_kept_until_the_next(storage: Storage) -> None:
    """One for each walker; no walker, no hash."""
    ada = a_walker(username="ada")
    async with storage.write() as work:
        await work.accounts.add(ada)
        assert await work.credentials.find(ada.id) is None
        await work.credentials.keep(ada.id, "first", NOON)
        await work.credentials.keep(ada.id, "second", NOON)
    async with storage.read() as work:
        assert await work.credentials.find(ada.id) == "second"
        assert await work.credentials.find(UserId(uuid4())) is None


async def test_an_erased_walker_leaves_nothing(storage: Storage) -> None:
    """Walks, wishes, shares, answers, interests, the hash and the name are gone; the name is free."""
    ada = await a_stored_walker(storage)
    route, request, key = a_route(ada), a_request(ada), uuid4()
    share = a_share(route)
    async with storage.write() as work:
        await work.accounts.update(
            a_walker(id=ada.id, username="ada", interest_theme_ids=(PUBS.id,)), expected_revision=1
        )
        await work.credentials.keep(ada.id, "hash", NOON)
        await work.routes.save(route)
        await work.requests.add(request)
        await work.shares.add(share)
        await work.idempotency.keep(ada.id, key, RememberedAnswer("p", 202, {}, b"{}", NOON))
    async with storage.write() as work:
        assert await work.accounts.erase(ada.id)
        assert not await work.accounts.erase(ada.id)
    async with storage.read() as work:
        assert await work.accounts.find(ada.id) is None
        assert await work.accounts.named("ada") is None
        assert await work.credentials.find(ada.id) is None
        assert await work.routes.find(route.id) is None
        assert await work.requests.find(request.progress.request_id) is None
        assert await work.requests.of_walker(ada.id) == []
        assert await work.shares.find(share.token_hash) is None
        assert await work.idempotency.find(ada.id, key) is None
        assert list((await work.routes.page(ada.id, None, PageRequest())).items) == []
    async with storage.write() as work:
        await work.accounts.add(a_walker(username="ada"))


async def test_erasing_one_walker_touches_no_other(storage: Storage) -> None:
    """The neighbour's walk of the same places stays."""
    ada, bo = await a_stored_walker(storage), await another_walker(storage)
    async with storage.write() as work:
        await work.routes.save(a_route(ada))
        await work.routes.save(kept := a_route(bo))
        await work.accounts.erase(ada.id)
    async with storage.read() as work:
        assert await work.routes.find(kept.id) == kept


async def test_erasing_is_undone_with_its_work(storage: Storage) -> None:
    """Half an erasure would be worse than none."""
    ada = await a_stored_walker(storage)

    async def erase_and_fall() -> None:
        async with storage.write() as work:
            await work.accounts.erase(ada.id)
            raise RuntimeError("a fall")

    with pytest.raises(RuntimeError, match="a fall"):
        await erase_and_fall()
    async with storage.read() as work:
        assert await work.accounts.find(ada.id) == ada


async def test_all_wishes_of_a_walker_come_the_oldest_first(storage: Storage) -> None:
    """Ended ones included, another walker's not."""
    ada, bo = await a_stored_walker(storage), await another_walker(storage)
    late, early = a_request(ada, minute=2), a_request(ada, minute=1)
    async with storage.write() as work:
        for stored in (late, early, a_request(bo)):
            await work.requests.add(stored)
        await work.requests.advance(early.progress.failed("cancelled", NOON))
    async with storage.read() as work:
        wishes = await work.requests.of_walker(ada.id)
    assert [wish.progress.request_id for wish in wishes] == [
        early.progress.request_id,
        late.progress.request_id,
    ]
    assert wishes[0].progress.error == "cancelled"
    assert wishes[0].request == early.request
