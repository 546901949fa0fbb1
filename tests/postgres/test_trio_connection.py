"""psycopg on trio: everything our storage and its jobs ask of a connection."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
import trio
from psycopg.rows import DictRow

from tests.postgres.stalling_proxy import stalling_proxy
from tests.postgres_server import DATABASE, PostgresServer
from wildside.outbound.persistence.postgres.trio_connection import TrioConnection

LONG = "SELECT pg_sleep(60)"


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[TrioConnection]:
    connection = await TrioConnection.open(url)
    try:
        yield connection
    finally:
        await connection.close()


def at_work(postgres: PostgresServer) -> int:
    """How many sleepers the server counts."""
    count = postgres.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(%'"
        " AND pid <> pg_backend_pid()"
    )[0][0]
    assert isinstance(count, int)
    return count


async def until_asleep(postgres: PostgresServer, count: int) -> None:
    with trio.fail_after(10):
        while at_work(postgres) != count:
            await trio.lowlevel.checkpoint()


async def test_values_travel_there_and_back(database_url: str) -> None:
    """Each type that our tables have, as Python knows it; JSON stays text."""
    sent = (7, 2**40, 0.1 + 0.2, "Àite – №1", True, None, b"\x00\xff", uuid4())
    moment = datetime(2026, 5, 4, 12, 0, 0, 123456, tzinfo=UTC)
    async with connected(database_url) as connection:
        await connection.script("SET timezone TO 'UTC'")
        cursor = await connection.execute(
            "SELECT $1::int8 AS a, $2::int8 AS b, $3::float8 AS c, $4::text AS d, $5::bool AS e,"
            " $6::text AS f, $7::bytea AS g, $8::uuid AS h, $9::timestamptz AS i,"
            " $10::json AS j, $11::jsonb AS k, $12::uuid[] AS l",
            (*sent, moment, '{"b": 1,  "a": 2}', '{"a":"\u00e0"}', [sent[-1]]),
            binary=True,
        )
        row = await cursor.fetchone()
    assert row is not None
    assert tuple(row[name] for name in "abcdefgh") == sent
    assert row["i"] == moment
    assert row["i"].tzinfo is UTC
    assert row["j"] == '{"b": 1,  "a": 2}'
    assert row["k"] == '{"a": "à"}'
    assert row["l"] == [sent[-1]]


async def test_a_statement_is_prepared_once(database_url: str) -> None:
    """However big its numbers are: one plan, found again by the server."""
    async with connected(database_url) as connection:
        for number in (1, 100_000, 2**40):
            await connection.execute("SELECT $1::bigint + 1 AS next", (number,))
        cursor = await connection.execute(
            "SELECT count(*) AS plans FROM pg_prepared_statements WHERE statement LIKE '%AS next'",
            prepare=False,
        )
        assert await cursor.fetchone() == {"plans": 1}


async def test_a_cancelled_statement_is_cancelled_on_the_server(postgres: PostgresServer) -> None:
    """Gone from pg_stat_activity, and the connection serves the next statement."""
    async with connected(postgres.url(DATABASE)) as connection:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(connection.script, LONG)
            await until_asleep(postgres, 1)
            nursery.cancel_scope.cancel()
        await until_asleep(postgres, 0)
        cursor = await connection.script("SELECT 1 AS one")
        assert await cursor.fetchone() == {"one": 1}


async def test_a_cancelled_prepared_statement_leaves_its_transaction_failed(
    postgres: PostgresServer,
) -> None:
    """What it wrote before can only be undone; then all is well again."""
    async with connected(postgres.url(DATABASE)) as connection:
        await connection.script("BEGIN")
        with trio.move_on_after(0.1):
            await connection.execute("SELECT pg_sleep($1::float8)", (60.0,))
        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            await connection.script("SELECT 1")
        await connection.script("ROLLBACK")
        assert (await connection.script("SELECT 1 AS one")).rowcount == 1


async def test_a_server_that_does_not_hear_the_cancelling_is_left(postgres: PostgresServer) -> None:
    """Behind a silent network there is nobody to wait for: the line is cut soon."""
    async with stalling_proxy(postgres.port) as proxy:
        connection = await TrioConnection.open(postgres.url(DATABASE, port=proxy.port))
        proxy.stall()
        with trio.fail_after(10), trio.move_on_after(0.1):
            await connection.script("SELECT 1")
        assert connection.closed
        proxy.flow()


async def test_connecting_can_be_cancelled(postgres: PostgresServer) -> None:
    """A firewall that swallows everything costs no more than the deadline."""
    async with stalling_proxy(postgres.port) as proxy:
        proxy.stall()
        with trio.move_on_after(0.05) as scope:
            await TrioConnection.open(postgres.url(DATABASE, port=proxy.port))
        assert scope.cancelled_caught


async def test_a_line_cut_in_the_middle_is_an_operational_error(postgres: PostgresServer) -> None:
    """Not a hang, and not a result."""
    async with stalling_proxy(postgres.port) as proxy:
        connection = await TrioConnection.open(postgres.url(DATABASE, port=proxy.port))
        async with trio.open_nursery() as nursery:

            async def be_cut_off() -> None:
                with pytest.raises(psycopg.OperationalError):
                    await connection.script(LONG)

            nursery.start_soon(be_cut_off)
            await until_asleep(postgres, 1)
            await proxy.cut()
        assert connection.closed
    # Nothing tells the server before it wants to answer; other tests count sleepers.
    postgres.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(%'"
        " AND pid <> pg_backend_pid()"
    )
    await until_asleep(postgres, 0)


async def test_a_farewell_is_noticed_without_asking(postgres: PostgresServer) -> None:
    """The server ends an idle connection: a look at the socket tells."""
    async with connected(postgres.url(DATABASE)) as connection:
        assert not connection.has_news
        await trio.to_thread.run_sync(
            postgres.execute, f"SELECT pg_terminate_backend({connection.info.backend_pid})"
        )
        with trio.fail_after(5):
            await trio.lowlevel.wait_readable(connection.fileno())
        assert connection.has_news


async def test_a_long_copy_leaves_room_for_others(database_url: str) -> None:
    """A hundred thousand rows in, all of them there; the event loop turns meanwhile."""
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            await trio.lowlevel.checkpoint()
            turns += 1

    async with connected(database_url) as connection:
        await connection.script("CREATE TEMPORARY TABLE pile (number bigint, text text)")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(turn)
            async with connection.cursor().copy("COPY pile FROM STDIN") as copy:
                for number in range(100_000):
                    await copy.write_row((number, f"row {number}"))
            nursery.cancel_scope.cancel()
        cursor = await connection.script("SELECT count(*) AS n, sum(number) AS s FROM pile")
        row = await cursor.fetchone()
    assert row is not None
    assert row["n"] == 100_000
    assert int(row["s"]) == sum(range(100_000))
    assert turns > 10


async def test_notifications_arrive_while_others_wait(postgres: PostgresServer) -> None:
    """LISTEN on trio: the waiting takes no thread and can be cancelled."""
    heard: list[str] = []
    async with connected(postgres.url(DATABASE)) as connection:
        await connection.script("LISTEN regions")

        async def listen() -> None:
            heard.extend([told.payload async for told in connection.notifies(stop_after=2)])

        async with trio.open_nursery() as nursery:
            nursery.start_soon(listen)
            for word in ("v1", "v2"):
                await trio.to_thread.run_sync(
                    postgres.execute, f"NOTIFY regions, '{word}'", DATABASE
                )
    assert heard == ["v1", "v2"]


async def test_nested_transactions_and_pipelines_work(database_url: str) -> None:
    """Savepoints are undone alone; statements in a pipeline share their way to the server."""
    async with connected(database_url) as connection:
        await connection.script("CREATE TEMPORARY TABLE marks (mark bigint)")
        async with connection.transaction():
            await connection.execute("INSERT INTO marks VALUES ($1)", (1,))
            with suppress(ZeroDivisionError):
                async with connection.transaction():
                    await connection.execute("INSERT INTO marks VALUES ($1)", (2,))
                    raise ZeroDivisionError
        async with connection.pipeline():
            for mark in (3, 4, 5):
                await connection.execute("INSERT INTO marks VALUES ($1)", (mark,))
        cursor = await connection.script("SELECT array_agg(mark ORDER BY mark) AS marks FROM marks")
        assert await cursor.fetchone() == {"marks": [1, 3, 4, 5]}


async def test_two_statements_at_once_on_one_connection_are_refused(
    postgres: PostgresServer,
) -> None:
    """One unit of work is one task's; a second statement would wait for ever or read the wrong rows."""
    async with connected(postgres.url(DATABASE)) as connection, trio.open_nursery() as nursery:
        nursery.start_soon(connection.script, LONG)
        await until_asleep(postgres, 1)
        with pytest.raises(psycopg.InterfaceError, match="another statement"):
            await connection.script("SELECT 1")
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://127.0.0.1:1/wildside",
        "postgresql://nowhere.invalid/wildside",
        "postgresql:///wildside?host=/nowhere",
    ],
)
async def test_who_is_not_there_is_an_operational_error(url: str) -> None:
    """A closed port, an unknown name, an absent socket."""
    with pytest.raises(psycopg.OperationalError):
        await TrioConnection.open(url)


async def test_a_host_may_be_a_name(postgres: PostgresServer) -> None:
    """The name localhost is two addresses; the one that answers is taken."""
    url = postgres.url(DATABASE).replace("127.0.0.1", "localhost")
    async with connected(url) as connection:
        assert (await connection.script("SELECT 1 AS one")).rowcount == 1


BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


async def begun(
    connection: TrioConnection, begin: str, sql: str, parameters: Sequence[object]
) -> psycopg.AsyncCursor[DictRow]:
    return await connection.run([(begin.encode(), None), (sql.encode(), parameters)])


async def test_a_transaction_begins_with_its_first_statement(database_url: str) -> None:
    """Prepared on the way the first time, in one packet from then on; the answers are the same."""
    async with connected(database_url) as connection:
        for number in (1, 2, 3):
            cursor = await begun(connection, BEGIN, "SELECT $1::bigint AS n", (number,))
            assert await cursor.fetchone() == {"n": number}
            cursor = await connection.script("SHOW transaction_isolation")
            assert await cursor.fetchone() == {"transaction_isolation": "repeatable read"}
            connection.commit_later()
            await connection.settle()
            assert connection.pgconn.transaction_status == psycopg.pq.TransactionStatus.IDLE


@pytest.mark.parametrize("first", [True, False])
async def test_a_first_statement_that_fails_leaves_a_transaction_to_undo(
    database_url: str, first: bool
) -> None:
    """Whether it went in one packet or not; afterwards the connection serves on."""
    divide = "SELECT 1 / $1::bigint AS n"
    async with connected(database_url) as connection:
        if not first:
            await connection.execute(divide, (1,), binary=True)
        with pytest.raises(psycopg.errors.DivisionByZero):
            await begun(connection, BEGIN, divide, (0,))
        assert connection.pgconn.transaction_status == psycopg.pq.TransactionStatus.INERROR
        await connection.script("ROLLBACK")
        cursor = await begun(connection, BEGIN, divide, (1,))
        assert await cursor.fetchone() == {"n": 1}


@pytest.mark.parametrize("first", [True, False])
async def test_a_transaction_that_cannot_begin_says_why(database_url: str, first: bool) -> None:
    """And not merely that the statement after it was skipped."""
    one = "SELECT $1::bigint AS n"
    async with connected(database_url) as connection:
        if not first:
            await connection.execute(one, (1,), binary=True)
        with pytest.raises(psycopg.errors.SyntaxError, match="NONSENSE"):
            await begun(connection, "BEGIN NONSENSE", one, (1,))
        assert connection.pgconn.transaction_status == psycopg.pq.TransactionStatus.IDLE
        cursor = await begun(connection, BEGIN, one, (1,))
        assert await cursor.fetchone() == {"n": 1}


@pytest.mark.parametrize("first", [True, False])
async def test_a_first_statement_can_be_cancelled(postgres: PostgresServer, first: bool) -> None:
    """On the server too, in whichever way it was sent."""
    sleep = "SELECT pg_sleep($1::float8)"
    async with connected(postgres.url(DATABASE)) as connection:
        if not first:
            await connection.execute(sleep, (0.0,), binary=True)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(begun, connection, BEGIN, sleep, (60.0,))
            await until_asleep(postgres, 1)
            nursery.cancel_scope.cancel()
        await until_asleep(postgres, 0)
        await connection.script("ROLLBACK")
        cursor = await begun(connection, BEGIN, "SELECT $1::bigint AS n", (1,))
        assert await cursor.fetchone() == {"n": 1}


@pytest.mark.parametrize("first", [True, False])
async def test_a_packet_runs_in_order_until_something_fails(database_url: str, first: bool) -> None:
    """The last answer is the packet's, the first error too; what follows an error is not run."""
    add, divide = "SELECT set_config('our.sum', $1::text, false)", "SELECT 1 / $1::bigint AS n"
    async with connected(database_url) as connection:
        if not first:
            await connection.run([(add.encode(), ("0",))])
            await connection.run([(divide.encode(), (1,))])
        good = [(add.encode(), ("1",)), (divide.encode(), (1,)), (b"SHOW our.sum", None)]
        assert await (await connection.run(good)).fetchone() == {"our.sum": "1"}
        bad = [(divide.encode(), (0,)), (add.encode(), ("2",))]
        with pytest.raises(psycopg.errors.DivisionByZero):
            await connection.run(bad)
        cursor = await connection.script("SHOW our.sum")
        assert await cursor.fetchone() == {"our.sum": "1"}


async def test_an_owed_answer_from_a_dead_server_is_an_error(postgres: PostgresServer) -> None:
    """Settling tells that the line is of no more use."""
    async with connected(postgres.url(DATABASE)) as connection:
        await begun(connection, BEGIN, "SELECT $1::bigint AS n", (1,))
        postgres.execute(f"SELECT pg_terminate_backend({connection.info.backend_pid})")
        with trio.fail_after(5):
            await trio.lowlevel.wait_readable(connection.fileno())
        connection.commit_later()
        with pytest.raises(psycopg.OperationalError):
            await connection.settle()
