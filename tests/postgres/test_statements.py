"""Every statement of the code is understood by the migrated schema, so a misspelt column fails here."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import psycopg
import pytest

from wildside.outbound.persistence import postgres as package
from wildside.outbound.persistence.postgres.statements import (
    Statement,
    known_statements,
    statement,
)

for _module in pkgutil.iter_modules(package.__path__):
    importlib.import_module(f"{package.__name__}.{_module.name}")
STATEMENTS = known_statements()
FOLDER = Path(package.__path__[0])
# Statements that only speak of the connection, of transactions or of the ledger of migrations.
PLAIN = re.compile(r"BEGIN|COMMIT|ROLLBACK|SET |SELECT 1$|SELECT pg_advisory|.*schema_migrations")
NOT_FOR_PREPARING = ("COPY", "CREATE", "DROP")


def prepare(connection: psycopg.Connection[object], one: Statement) -> None:
    """Lets the server parse it and look all names up; what cannot be prepared is run."""
    if one.after is not None:
        prepare(connection, STATEMENTS[one.after])
    if one.sql.split()[0] == "COPY":
        columns = one.sql.replace("COPY", "SELECT").replace("(", "", 1)
        table, names = columns.split(None, 2)[1:]
        connection.execute(f"SELECT {names.rpartition(')')[0]} FROM {table}".encode())
    elif one.sql.split()[0] in NOT_FOR_PREPARING:
        connection.execute(one.sql.encode())
    else:
        connection.execute(f"PREPARE looked_at AS {one.sql}".encode())


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_a_statement_fits_the_schema(database_url: str, name: str) -> None:
    """Parsed and analysed by the server, its parameters' types found."""
    with psycopg.connect(database_url) as connection:
        prepare(connection, STATEMENTS[name])
        connection.rollback()


def test_a_misspelt_column_would_be_found(database_url: str) -> None:
    """The check above can fail."""
    wrong = Statement("test.wrong", "SELECT usrname FROM users WHERE id = $1")
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(psycopg.errors.UndefinedColumn),
    ):
        prepare(connection, wrong)


def test_names_are_taken_once() -> None:
    """Two statements of one name would be one line in the metrics."""
    with pytest.raises(ValueError, match=r"accounts\.find"):
        statement("accounts.find", "SELECT 1")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_no_statement_is_sent_that_the_book_does_not_know(path: Path) -> None:
    """Repositories pass statements by name; text goes straight to a connection for the session's own."""
    for call in ast.walk(ast.parse(path.read_text())):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            continue
        if call.func.attr not in {"execute", "executemany", "script", "copy", "run", "row", "rows"}:
            continue
        first = call.args[0] if call.args else None
        if isinstance(first, ast.JoinedStr):
            first = first.values[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            assert PLAIN.match(first.value), f"{path.name}:{call.lineno} {first.value}"


# Small tables, read whole: themes, regions; a number of all; and what is done once an ingest.
WHOLE_TABLES = {
    "catalogue.themes",
    "catalogue.regions",
    "catalogue.count",
    "catalogue.withdraw_themes",
    "catalogue.lose_places",
    "schema.check",
}


def plan_of(connection: psycopg.Connection[object], one: Statement) -> str:
    """How the server would go about it for values that it does not know yet."""
    # A table of three rows is read whole whatever indexes it has, unless that is made expensive.
    connection.execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
    connection.execute(f"PREPARE looked_at AS {one.sql}".encode())
    numbers = {int(number) for number in re.findall(r"\$(\d+)", one.sql)}
    values = f"({', '.join(['NULL'] * max(numbers))})" if numbers else ""
    lines = connection.execute(f"EXPLAIN EXECUTE looked_at{values}".encode()).fetchall()
    return "\n".join(str(line[0]) for line in lines)  # type: ignore[index]


@pytest.mark.parametrize(
    "name",
    sorted(
        one.name
        for one in STATEMENTS.values()
        if one.after is None
        and one.name not in WHOLE_TABLES
        and one.sql.split()[0] in {"SELECT", "UPDATE", "DELETE"}
    ),
)
def test_a_statement_finds_its_rows_by_an_index(database_url: str, name: str) -> None:
    """A million walks later it costs what it costs today."""
    with psycopg.connect(database_url) as connection:
        plan = plan_of(connection, STATEMENTS[name])
        connection.rollback()
    assert "Seq Scan" not in plan, plan


def test_a_missing_index_would_be_found(database_url: str) -> None:
    """The check above can fail."""
    slow = Statement("test.slow", "SELECT id FROM users WHERE display_name = $1")
    with psycopg.connect(database_url) as connection:
        assert "Seq Scan" in plan_of(connection, slow)
        connection.rollback()
