"""PostgreSQL's schema arrives once, whole, and as its files say; and it can be taken back."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
import trio

from tests.postgres_server import PostgresServer
from tests.town import NOON
from wildside.bundled import folder
from wildside.domain.errors import Unavailable
from wildside.outbound.persistence.migrate import Migration, read_migrations
from wildside.outbound.persistence.postgres.schema import (
    migrate_down,
    migrate_up,
    migration_steps,
)
from wildside.outbound.persistence.postgres.unreachable import unreachable

FIRST = Migration(
    1, "first", "CREATE TABLE a (id INTEGER); CREATE TABLE b (id INTEGER);", "DROP TABLE a, b;"
)
SECOND = Migration(
    2, "second", "INSERT INTO a VALUES (1); INSERT INTO b VALUES (2);", "DELETE FROM a;"
)
BROKEN = Migration(2, "broken", "INSERT INTO a VALUES (1); INSERT INTO nowhere VALUES (2);")


@pytest.fixture
def fresh(postgres: PostgresServer) -> Iterator[str]:
    """A database without anything."""
    url = postgres.new_database()
    yield url
    postgres.forget(url)


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode()).fetchall()


async def test_what_is_missing_is_applied_once_and_in_order(fresh: str) -> None:
    """Today one, tomorrow the next; a third start does nothing."""
    assert await migrate_up(fresh, [FIRST], NOON) == (FIRST,)
    assert await migrate_up(fresh, [FIRST, SECOND], NOON) == (SECOND,)
    assert await migrate_up(fresh, [FIRST, SECOND], NOON) == ()
    assert rows(fresh, "SELECT * FROM a UNION ALL SELECT * FROM b") == [(1,), (2,)]


async def test_a_broken_migration_leaves_nothing_of_itself(fresh: str) -> None:
    """Its first statement worked; it is undone with the rest."""
    await migrate_up(fresh, [FIRST], NOON)
    with pytest.raises(psycopg.errors.UndefinedTable, match="nowhere"):
        await migrate_up(fresh, [FIRST, BROKEN], NOON)
    assert rows(fresh, "SELECT * FROM a") == []
    assert await migrate_up(fresh, [FIRST, SECOND], NOON) == (SECOND,)


async def test_an_edited_migration_is_found_out(fresh: str) -> None:
    """On the way up, down, and by looking."""
    await migrate_up(fresh, [FIRST], NOON)
    edited = [Migration(1, "first", FIRST.sql + " ", FIRST.down_sql)]
    with pytest.raises(Unavailable, match="0001_first was edited"):
        await migrate_up(fresh, edited, NOON)
    with pytest.raises(Unavailable, match="0001_first was edited"):
        await migrate_down(fresh, edited, 1)
    with pytest.raises(Unavailable, match="0001_first was edited"):
        await migration_steps(fresh, edited)


async def test_an_older_wildside_keeps_off_a_newer_database(fresh: str) -> None:
    """Somebody rolled the program back; writing by an old schema would do harm."""
    await migrate_up(fresh, [FIRST, SECOND], NOON)
    with pytest.raises(Unavailable, match="newer than this Wildside"):
        await migrate_up(fresh, [FIRST], NOON)


async def test_the_way_down_is_the_way_up_backwards(fresh: str) -> None:
    """Step by step, the newest first; and up again."""
    both = [FIRST, SECOND]
    assert await migrate_down(fresh, both, 1) == ()
    await migrate_up(fresh, both, NOON)
    assert await migrate_down(fresh, both, 1) == (SECOND,)
    steps = await migration_steps(fresh, both)
    assert [(step.title, step.applied_at) for step in steps] == [
        ("0001_first", NOON),
        ("0002_second", None),
    ]
    assert await migrate_up(fresh, both, NOON) == (SECOND,)
    assert await migrate_down(fresh, both, 9) == (SECOND, FIRST)
    assert rows(fresh, "SELECT to_regclass('a')") == [(None,)]


async def test_without_a_way_down_nothing_is_undone(fresh: str) -> None:
    """Not even what comes before it on the way."""
    one_way = Migration(1, "first", FIRST.sql)
    await migrate_up(fresh, [one_way, SECOND], NOON)
    with pytest.raises(Unavailable, match=r"0001_first\.down\.sql"):
        await migrate_down(fresh, [one_way, SECOND], 2)
    assert rows(fresh, "SELECT count(*) FROM a") == [(1,)]


async def test_servers_that_start_at_once_agree(fresh: str) -> None:
    """Five begin together: all migrations are applied by exactly one of them."""
    migrations = read_migrations(folder("migrations") / "postgres")
    counts: list[int] = []

    async def start() -> None:
        counts.append(len(await migrate_up(fresh, migrations, NOON)))

    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(start)
    assert sorted(counts) == [0, 0, 0, 0, len(migrations)]


async def test_our_own_migrations_go_up_down_and_up_again(fresh: str) -> None:
    """Down leaves no table of ours; what PostGIS brought stays."""
    migrations = read_migrations(folder("migrations") / "postgres")
    tables = (
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        " AND tablename <> 'spatial_ref_sys' ORDER BY 1"
    )
    assert await migrate_up(fresh, migrations, NOON) == migrations
    made = rows(fresh, tables)
    assert len(made) > 10
    assert await migrate_down(fresh, migrations, len(migrations)) == migrations[::-1]
    assert rows(fresh, tables) == [("schema_migrations",)]
    assert await migrate_up(fresh, migrations, NOON) == migrations
    assert rows(fresh, tables) == made


async def refusal_of(url: str) -> str:
    with pytest.raises(Unavailable) as refusal:
        await migrate_up(url, [FIRST], NOON)
    return refusal.value.message


async def test_a_database_that_cannot_be_reached_is_named_with_the_reason(
    postgres: PostgresServer,
) -> None:
    """A wrong host, port, database, user and password read differently, and no password is shown."""
    port = postgres.port
    secret = "open-sesame"
    postgres.execute(f"CREATE ROLE ali LOGIN PASSWORD '{secret}'")
    for url, where, why in (
        (f"postgresql://ali:{secret}@127.0.0.1:1/w", "127.0.0.1:1/w as ali", "nobody listens"),
        (f"postgresql://ali:{secret}@no.invalid/w", "no.invalid:5432/w", "no host of this name"),
        (postgres.url("nowhere"), f":{port}/nowhere", "no database nowhere"),
        (f"postgresql://who:{secret}@127.0.0.1:{port}/w", f"127.0.0.1:{port}/w as who", ""),
        ("postgresql:///w?host=/nowhere", "/nowhere:5432/w", "nobody listens"),
        (f"postgresql://ali:{secret}@[::1/w", "", "cannot be understood"),
        (f"postgresql://ali:{secret}%zz@127.0.0.1/w", "", "cannot be understood"),
        (f"postgresql://ali:{secret}@127.0.0.1:abc/w", "127.0.0.1:abc/w", 'value "abc"'),
    ):
        message = await refusal_of(url)
        assert where in message
        assert why in message
        assert secret not in message
        assert "\n" not in message
    postgres.execute("DROP ROLE ali")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ('FATAL:  password authentication failed for user "ali"', "the user or the password is"),
        ('FATAL:  role "ali" does not exist', "the server has no user ali"),
        ('FATAL:  no pg_hba.conf entry for host "1.2.3.4"', "does not let this user in from here"),
        ("FATAL:  sorry, too many clients already", "no connection left"),
        ("FATAL:  the database system is starting up", "is starting"),
        ("FATAL:  etwas anderes\n\tDETAIL:  mehr", "FATAL: etwas anderes DETAIL: mehr"),
    ],
)
def test_what_the_server_says_is_said_shorter(said: str, why: str) -> None:
    """What is not known is passed on as it is, in one line."""
    error = psycopg.OperationalError(f'connection failed: server at "a", port 5432 failed: {said}')
    message = unreachable("postgresql://ali:open-sesame@a/w", error).message
    assert message.startswith("the database a:5432/w as ali cannot be reached: ")
    assert why in message
    assert "open-sesame" not in message


def test_silence_has_a_reason_too() -> None:
    """A packet filter that swallows everything."""
    assert "firewall" in unreachable("postgresql://10.1.2.3/w", None).message


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_every_migration_has_a_way_back_and_a_twin(store: str) -> None:
    """Both stores are at the same step, and each step can be undone."""
    migrations = read_migrations(folder("migrations") / store)
    assert [one.title for one in migrations if one.down_sql is None] == []
    other = {"sqlite": "postgres", "postgres": "sqlite"}[store]
    twins = read_migrations(folder("migrations") / other)
    assert {one.name for one in migrations} == {one.name for one in twins}
