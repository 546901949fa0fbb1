"""Writers at once: PostgreSQL locks what each of them is about to change, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
import trio
import trio.testing

from tests.contracts.test_storage_accounts import a_walker
from tests.contracts.test_storage_routes import a_request, a_route, a_stored_walker
from tests.contracts.test_storage_shares import a_share
from tests.contracts.test_storage_work import ANSWER, KEY
from tests.postgres.test_trouble import add
from tests.town import NOON
from wildside.domain.errors import NotFound, Unauthorized
from wildside.outbound.persistence.postgres.database import PostgresStorage
from wildside.outbound.persistence.postgres.pool import Reach


async def test_writers_of_different_walkers_do_not_wait_for_each_other(database_url: str) -> None:
    """One is in the middle of their work; another's begins and ends meanwhile."""
    ada, bob = a_walker(), a_walker()
    async with PostgresStorage.open(Reach(database_url)) as storage:
        await add(storage, ada)
        await add(storage, bob)
        async with storage.write() as slow:
            assert await slow.accounts.find(ada.id) == ada
            with trio.fail_after(5):
                async with storage.write() as quick:
                    changed = replace(bob, display_name="Bob", revision=2)
                    assert await quick.accounts.update(changed, expected_revision=1)


async def test_twins_of_one_idempotency_key_take_turns(database_url: str) -> None:
    """Ten at once: the first finds nothing and keeps its answer, the others find that."""
    ada, seen = a_walker(), []
    async with PostgresStorage.open(Reach(database_url)) as storage:
        await add(storage, ada)

        async def answer() -> None:
            async with storage.write() as work:
                known = await work.idempotency.find(ada.id, KEY)
                await trio.lowlevel.checkpoint()
                if known is None:
                    await work.idempotency.keep(ada.id, KEY, ANSWER)
                seen.append(known)

        async with trio.open_nursery() as nursery:
            for _ in range(10):
                nursery.start_soon(answer)
    assert sorted(seen, key=lambda known: known is not None) == [None] + [ANSWER] * 9


async def test_many_writers_of_one_walk_answer_it_once(database_url: str) -> None:
    """Ten workers advance one request to its end at once: one of them may, nine are told no."""
    ada, outcomes = a_walker(), []
    async with PostgresStorage.open(Reach(database_url)) as storage:
        stored = a_request(ada)
        async with storage.write() as work:
            await work.accounts.add(ada)
            await work.requests.add(stored)

        async def finish() -> None:
            async with storage.write() as work:
                ended = stored.progress.completed(uuid4(), NOON)  # type: ignore[arg-type]
                outcomes.append(await work.requests.advance(ended))

        async with trio.open_nursery() as nursery:
            for _ in range(10):
                nursery.start_soon(finish)
    assert sorted(outcomes) == [False] * 9 + [True]


async def test_what_belongs_to_somebody_just_erased_is_refused(database_url: str) -> None:
    """Their session ended between the look and the write: 401; the route of a share: 404."""
    gone = a_walker()
    async with PostgresStorage.open(Reach(database_url)) as storage:

        async def wish() -> None:
            async with storage.write() as work:
                await work.requests.add(a_request(gone))

        async def share() -> None:
            async with storage.write() as work:
                await work.shares.add(a_share(a_route(gone)))

        with pytest.raises(Unauthorized):
            await wish()
        with pytest.raises(NotFound):
            await share()


async def test_a_walk_stored_while_its_walker_is_erased_is_erased_too(database_url: str) -> None:
    """The erasing waits for the job that is about to store it, and neither for the other for ever."""
    async with PostgresStorage.open(Reach(database_url)) as storage:
        ada = await a_stored_walker(storage)
        stored = a_request(ada)
        async with storage.write() as work:
            await work.requests.add(stored)

        async def erase() -> None:
            async with storage.write() as work:
                assert await work.accounts.find(ada.id) == ada
                assert await work.accounts.erase(ada.id)

        async with trio.open_nursery() as nursery, storage.write() as job:
            assert await job.requests.waiting_for(stored.fingerprint) == [stored]
            nursery.start_soon(erase)
            await trio.testing.wait_all_tasks_blocked(0.05)
            route = a_route(ada, request_id=stored.progress.request_id)
            await job.requests.advance(stored.progress.completed(route.id, NOON))
            await job.routes.save(route)
        async with storage.read() as work:
            assert await work.routes.find(route.id) is None
            assert await work.accounts.find(ada.id) is None


async def test_a_password_replaced_meanwhile_is_not_replaced_back(database_url: str) -> None:
    """Who read the old hash in order to strengthen it waits, and then finds the new one."""
    ada = a_walker()
    async with PostgresStorage.open(Reach(database_url)) as storage:
        async with storage.write() as work:
            await work.accounts.add(ada)
            await work.credentials.keep(ada.id, "old", NOON)
        seen: list[str | None] = []

        async def look() -> None:
            async with storage.write() as work:
                seen.append(await work.credentials.find(ada.id))

        async with trio.open_nursery() as nursery, storage.write() as work:
            assert await work.credentials.find(ada.id) == "old"
            nursery.start_soon(look)
            await trio.testing.wait_all_tasks_blocked(0.05)
            await work.credentials.keep(ada.id, "new", NOON)
        assert seen == ["new"]
