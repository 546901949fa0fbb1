"""What PostgreSQL's storage does when the server, the network or its own walkers play tricks."""

from __future__ import annotations

import select
from collections.abc import Awaitable, Callable

import pytest
import structlog
import trio
import trio.testing
from trio.testing import MockClock

from tests.contracts.test_storage_accounts import a_walker
from tests.contracts.test_storage_routes import a_request
from tests.postgres.stalling_proxy import stalling_proxy
from tests.postgres_server import DATABASE, PostgresServer
from wildside.domain.accounts import User
from wildside.domain.errors import Invalid, Unauthorized, Unavailable
from wildside.domain.events import StatementRan
from wildside.outbound.journal import SLOW_STATEMENT_SECONDS, write_log
from wildside.outbound.metrics import Metrics
from wildside.outbound.persistence.postgres.database import PostgresStorage
from wildside.outbound.persistence.postgres.pool import Reach
from wildside.outbound.persistence.postgres.session import Session
from wildside.outbound.persistence.postgres.statements import Statement

SLEEP = Statement("test.sleep", "SELECT pg_sleep($1::float8)")


async def add(storage: PostgresStorage, user: User) -> None:
    async with storage.write() as work:
        await work.accounts.add(user)


async def found(storage: PostgresStorage, user: User) -> User | None:
    async with storage.read() as work:
        return await work.accounts.find(user.id)


def session_of(work: object) -> Session:
    """The session beneath a work's repositories."""
    session: Session = work.routes._session  # type: ignore[attr-defined]
    return session


async def until_it_works(attempt: Callable[[], Awaitable[None]]) -> int:
    """Tries again for as long as it is Unavailable; says how often it was."""
    refusals = 0
    with trio.fail_after(20):
        while True:
            try:
                await attempt()
            except Unavailable:
                refusals += 1
                await trio.sleep(0.02)
            else:
                return refusals


async def kill_backends(postgres: PostgresServer) -> None:
    """Ends every connection but the asking one, as an administrator might."""
    await trio.to_thread.run_sync(
        postgres.execute,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = 'wildside' AND pid <> pg_backend_pid()",
    )


async def test_connections_are_used_again(database_url: str) -> None:
    """A hundred works one after the other are one connection's."""
    async with PostgresStorage.open(Reach(database_url)) as storage:
        for _ in range(100):
            await found(storage, a_walker())
        assert (storage.pool.lent, storage.pool.idle) == (0, 1)


async def test_no_more_connections_are_made_than_allowed(database_url: str) -> None:
    """Fifty readers at once share three; all of them are served."""
    most = 0
    async with PostgresStorage.open(Reach(database_url, 3)) as storage:
        ada = a_walker()
        await add(storage, ada)

        async def look() -> None:
            nonlocal most
            async with storage.read() as work:
                most = max(most, storage.pool.lent)
                assert await work.accounts.find(ada.id) == ada

        async with trio.open_nursery() as nursery:
            for _ in range(50):
                nursery.start_soon(look)
        assert most == 3
        assert storage.pool.idle == 3


async def test_who_waits_too_long_for_a_connection_is_told_so(database_url: str) -> None:
    """503 with Retry-After; when the others have gone the next is served."""
    reach = Reach(database_url, 2, acquire_seconds=0.05)
    async with PostgresStorage.open(reach) as storage:
        async with storage.read(), storage.read():
            with pytest.raises(Unavailable, match="all 2 connections") as refusal:
                await found(storage, a_walker())
            assert refusal.value.retry_after_seconds >= 1
        assert await found(storage, a_walker()) is None


async def test_a_server_without_connections_left_is_unavailable(postgres: PostgresServer) -> None:
    """Others have taken all that PostgreSQL allows; when they leave, all is well by itself."""
    url = postgres.url(DATABASE)
    refused = trio.Event()
    async with (
        PostgresStorage.open(Reach(url, 100)) as hog,
        PostgresStorage.open(Reach(url)) as storage,
        trio.open_nursery() as nursery,
    ):

        async def hold_one() -> None:
            try:
                async with hog.read():
                    await trio.sleep_forever()
            except Unavailable:
                refused.set()

        # As the owner is a superuser, the reserved ones go too.
        for _ in range(70):
            nursery.start_soon(hold_one)
        with trio.fail_after(20):
            await refused.wait()
        with pytest.raises(Unavailable):
            await storage.check()
        nursery.cancel_scope.cancel()
    async with PostgresStorage.open(Reach(url)) as storage:
        await until_it_works(storage.check)


async def test_dead_connections_are_replaced_without_anybody_noticing(
    postgres: PostgresServer, database_url: str
) -> None:
    """The server ended all of them while they were idle: no work fails."""
    async with PostgresStorage.open(Reach(database_url)) as storage:
        ada = a_walker()
        await add(storage, ada)
        async with trio.open_nursery() as nursery:
            for _ in range(5):
                nursery.start_soon(found, storage, ada)
        await kill_backends(postgres)
        for _ in range(5):
            assert await found(storage, ada) == ada


async def test_a_line_that_died_unnoticed_costs_one_try(postgres: PostgresServer) -> None:
    """Cut between the look at the socket and the BEGIN: the work begins on a new line."""
    async with stalling_proxy(postgres.port) as proxy:
        url = postgres.url(DATABASE, port=proxy.port)
        async with PostgresStorage.open(Reach(url)) as storage:
            await storage.check()
            (line,) = storage.pool._idle
            # A poll that watches nothing: so the look at the socket sees no farewell.
            line.connection._poll = select.poll()
            await proxy.cut()
            await storage.check()
            assert storage.pool.idle == 1


async def test_a_work_whose_connection_dies_stores_nothing(
    postgres: PostgresServer, database_url: str
) -> None:
    """Half of it was written; the asker hears Unavailable, the next one finds nothing of it."""
    ada, bob = a_walker(), a_walker()
    async with PostgresStorage.open(Reach(database_url)) as storage:

        async def be_interrupted() -> None:
            async with storage.write() as work:
                await work.accounts.add(ada)
                await kill_backends(postgres)
                await work.accounts.add(bob)

        with pytest.raises(Unavailable):
            await be_interrupted()
        assert await found(storage, ada) is None
        assert await found(storage, bob) is None
        await add(storage, ada)


async def test_a_commit_that_cannot_be_heard_of_is_unavailable(
    postgres: PostgresServer, database_url: str
) -> None:
    """Nobody is told that it was stored, and no effect follows."""
    told: list[str] = []

    async def tell() -> None:
        told.append("stored")

    async with PostgresStorage.open(Reach(database_url)) as storage:

        async def write() -> None:
            async with storage.write() as work:
                await work.accounts.add(a_walker())
                work.after_commit(tell)
                await kill_backends(postgres)

        with pytest.raises(Unavailable):
            await write()
    assert told == []


async def test_a_silent_network_is_unavailable_and_then_forgotten(
    postgres: PostgresServer, database_url: str
) -> None:
    """Statements, new connections and readiness all give up; when it speaks again, so do we."""
    ada = a_walker()
    async with stalling_proxy(postgres.port) as proxy:
        reach = Reach(
            postgres.url(DATABASE, port=proxy.port),
            2,
            acquire_seconds=0.2,
            statement_seconds=0.2,
            connect_seconds=0.3,
        )
        async with PostgresStorage.open(reach) as storage:
            await add(storage, ada)
            proxy.stall()
            with trio.fail_after(20):
                with pytest.raises(Unavailable):
                    await found(storage, ada)
                with pytest.raises(Unavailable):
                    await storage.check()
            proxy.flow()
            await until_it_works(storage.check)
            assert await found(storage, ada) == ada


async def test_a_statement_past_its_deadline_is_ended_on_the_server(database_url: str) -> None:
    """The server counts itself; its connection serves on."""
    async with PostgresStorage.open(Reach(database_url, statement_seconds=0.05)) as storage:

        async def dawdle() -> None:
            async with storage.read() as work:
                await session_of(work).row(SLEEP, 30.0)

        with pytest.raises(Unavailable, match="took too long"):
            await dawdle()
        assert storage.pool.idle == 1
        assert await found(storage, a_walker()) is None


async def test_an_asker_who_hangs_up_frees_the_connection(
    postgres: PostgresServer, database_url: str
) -> None:
    """Their statement is gone from the server, and the connection is lent to the next."""
    async with PostgresStorage.open(Reach(database_url, 1)) as storage:

        async def dawdle() -> None:
            async with storage.read() as work:
                await session_of(work).row(SLEEP, 30.0)

        with trio.move_on_after(0.2):
            await dawdle()
        assert await found(storage, a_walker()) is None
        sleepers = await trio.to_thread.run_sync(
            postgres.execute,
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
            " AND query LIKE '%pg_sleep(%' AND pid <> pg_backend_pid()",
        )
        assert sleepers == [(0,)]


async def test_a_hang_up_during_the_commit_is_too_late(database_url: str) -> None:
    """The answer to COMMIT is waited for: what is stored has its effects."""
    ada, told = a_walker(), []

    async def tell() -> None:
        told.append("stored")

    async with PostgresStorage.open(Reach(database_url)) as storage:
        with trio.CancelScope() as scope:
            async with storage.write() as work:
                await work.accounts.add(ada)
                work.after_commit(tell)
                scope.cancel()
        assert told == ["stored"]
        assert await found(storage, ada) == ada


async def test_going_on_after_an_error_stores_nothing(database_url: str) -> None:
    """The server has undone all of it; a commit that only looks like one is not taken for one."""
    ada = a_walker(username="ada")
    async with PostgresStorage.open(Reach(database_url)) as storage:
        stored = a_request(ada)

        async def go_on() -> None:
            async with storage.write() as work:
                await work.accounts.add(ada)
                await work.requests.add(stored)
                await work.requests.add(stored)
                with pytest.raises(Exception, match="unique"):
                    await work.requests.find(stored.progress.request_id)

        with pytest.raises(Exception, match="failed transaction"):
            await go_on()
        assert await found(storage, ada) is None


async def test_a_text_with_a_nul_is_the_askers_fault(database_url: str) -> None:
    """PostgreSQL keeps none; it is refused as invalid, not as our mistake."""
    async with PostgresStorage.open(Reach(database_url)) as storage:
        with pytest.raises(Invalid):
            await add(storage, a_walker(display_name="A\x00da"))


async def test_idle_connections_are_given_back(
    database_url: str, autojump_clock: MockClock
) -> None:
    """Five minutes without work, and the server has its process back."""
    async with PostgresStorage.open(Reach(database_url)) as storage:
        autojump_clock.autojump_threshold = float("inf")
        await storage.check()
        await storage.tidy()
        assert storage.pool.idle == 1
        autojump_clock.jump(301)
        await storage.tidy()
        assert storage.pool.idle == 0
        await storage.check()
        autojump_clock.jump(61)
        # Doubtful by now: it is asked before it is lent, and answers.
        await storage.check()
        assert storage.pool.idle == 1


async def test_statements_are_timed_and_slow_ones_logged_with_their_trace(
    database_url: str,
) -> None:
    """By name, never with their values."""
    metrics, heard = Metrics(), []

    def hear(event: object) -> None:
        heard.append(event)
        metrics.hear(event)

    async with PostgresStorage.open(Reach(database_url), hear) as storage:
        await add(storage, a_walker())
    assert [event.name for event in heard if isinstance(event, StatementRan)] == [
        "accounts.add",
        "commit",
    ]
    assert b'database_query_seconds_count{query="accounts.add"} 1.0' in metrics.exposition()[0]
    with structlog.testing.capture_logs(
        processors=[structlog.contextvars.merge_contextvars]
    ) as lines:
        structlog.contextvars.bind_contextvars(trace_id="t-1")
        write_log(StatementRan("accounts.add", SLOW_STATEMENT_SECONDS / 2))
        write_log(StatementRan("routes.find", SLOW_STATEMENT_SECONDS))
        structlog.contextvars.clear_contextvars()
    (line,) = lines
    assert (line["query"], line["trace_id"], line["log_level"]) == ("routes.find", "t-1", "warning")


async def test_what_nobody_waits_for_travels_with_the_commit(database_url: str) -> None:
    """One journey for both, and what was wrong with it undoes everything."""
    heard: list[StatementRan] = []

    def hear(event: object) -> None:
        if isinstance(event, StatementRan):
            heard.append(event)

    ada, erased = a_walker(), a_walker()
    async with PostgresStorage.open(Reach(database_url), hear) as storage:
        async with storage.write() as work:
            await work.accounts.add(ada)
            await work.requests.add(a_request(ada))
        (_, added, committed) = heard
        assert (added.name, committed.name) == ("requests.add", "commit")
        assert added.seconds == committed.seconds
        bob = a_walker()

        async def store() -> None:
            async with storage.write() as work:
                await work.accounts.add(bob)
                await work.requests.add(a_request(erased))

        with pytest.raises(Unauthorized):
            await store()
        assert await found(storage, bob) is None


async def test_a_database_without_our_schema_is_not_ready(postgres: PostgresServer) -> None:
    """Somebody pointed us at the wrong one."""
    url = postgres.new_database()
    async with PostgresStorage.open(Reach(url)) as storage:
        with pytest.raises(Unavailable, match="no schema"):
            await storage.check()
    postgres.forget(url)


async def test_a_reader_leaves_no_transaction_open(
    postgres: PostgresServer, database_url: str
) -> None:
    """Nobody waits for its COMMIT, but it is sent: an old snapshot would keep dead rows alive."""
    async with PostgresStorage.open(Reach(database_url)) as storage:
        for _ in range(3):
            await found(storage, a_walker())
        with trio.fail_after(10):
            while True:
                states = postgres.execute(
                    "SELECT state FROM pg_stat_activity WHERE application_name = 'wildside'"
                    f" AND datname = '{DATABASE}' AND state <> 'idle'"
                )
                if not states:
                    return
                await trio.lowlevel.checkpoint()


async def test_a_glance_is_one_question_and_no_transaction(
    postgres: PostgresServer, database_url: str
) -> None:
    """A second question would see another moment, and a change would be kept at once: both refused."""
    ada = a_walker()
    async with PostgresStorage.open(Reach(database_url)) as storage:

        async def ask_twice() -> None:
            async with storage.glance() as work:
                await work.accounts.find(ada.id)
                await work.catalogue.regions()

        async def change() -> None:
            async with storage.glance() as work:
                await work.accounts.add(ada)

        with pytest.raises(Exception, match="one question"):
            await ask_twice()
        with pytest.raises(Exception, match="changes nothing"):
            await change()
        assert await found(storage, ada) is None
        await add(storage, ada)
        await kill_backends(postgres)
        async with storage.glance() as work:
            assert await work.accounts.find(ada.id) == ada
        assert storage.pool.lent == 0
