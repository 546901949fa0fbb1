"""Every statement of SQLite's storage is understood by the migrated schema; a misspelt column fails here."""

from __future__ import annotations

import ast
import importlib
import itertools
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.town import migrated
from wildside.outbound.persistence import sqlite as package

FOLDER = Path(package.__path__[0])
# Which argument of which call is SQL.
CALLS = {"execute": 0, "executemany": 0, "execute_many": 0, "_one": 0, "rows_of_page": 1}
# Those who speak of files, locks and the ledger, and those who are handed their text by others.
OTHERS = {"connection.py", "database.py", "schema.py", "paged.py", "neighbours.py"}
PAGED = (
    "{} ORDER BY created_at ASC, id ASC LIMIT 1",
    "{} AND (created_at, id) < (1, 1) ORDER BY created_at DESC, id DESC LIMIT 1",
)


class Anything(dict[str, object]):
    """A value for every named parameter."""

    def __missing__(self, name: str) -> object:
        return None


def texts(node: ast.expr, module: ModuleType) -> Iterator[str]:
    """What the expression may be, whichever way its conditions turn out."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.Name):
        yield getattr(module, node.id)
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body, module)
        yield from texts(node.orelse, module)
    elif isinstance(node, ast.BinOp):
        for left, right in itertools.product(texts(node.left, module), texts(node.right, module)):
            yield left + right
    elif isinstance(node, ast.JoinedStr):
        for parts in itertools.product(*(list(texts(part, module)) for part in node.values)):
            yield "".join(parts)
    elif isinstance(node, ast.FormattedValue):
        yield from texts(node.value, module)
    else:
        raise TypeError(f"{ast.unparse(node)} cannot be read as SQL")


def statements(path: Path) -> Iterator[str]:
    """Every statement of a file, with its pages both ways."""
    module = importlib.import_module(f"{package.__name__}.{path.stem}")
    tree = ast.parse(path.read_text())
    handed_on = {
        argument.arg
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for argument in function.args.args
    }
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        # `execute, executemany = connection.execute, …` and `execute(…)` are calls all the same.
        if name not in CALLS or len(call.args) <= CALLS[name]:
            continue
        sql = call.args[CALLS[name]]
        if isinstance(sql, ast.Name) and sql.id in handed_on:
            continue
        for text in texts(sql, module):
            if name == "rows_of_page":
                yield from (form.format(text) for form in PAGED)
            else:
                yield text


def explain(connection: sqlite3.Connection, sql: str) -> None:
    """Lets SQLite look all names up; nothing is run."""
    named = re.search(r":[a-z_]+", sql)
    parameters = Anything() if named else (None,) * sql.count("?")
    connection.execute(f"EXPLAIN {sql}", parameters)


FILES = sorted(path for path in FOLDER.glob("*.py") if path.name not in {*OTHERS, "__init__.py"})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_statement_fits_the_schema(path: Path, tmp_path: Path) -> None:
    """Parsed and resolved against the migrated file."""
    found = list(statements(path))
    assert found
    with sqlite3.connect(migrated(tmp_path / "wildside.sqlite3")) as connection:
        for sql in found:
            explain(connection, sql)


def test_all_of_them_are_found() -> None:
    """As many as there are today, or more: a reader that finds nothing would prove nothing."""
    assert sum(len(list(statements(path))) for path in FILES) >= 50


def test_a_misspelt_column_would_be_found(tmp_path: Path) -> None:
    """The check can fail."""
    with (
        sqlite3.connect(migrated(tmp_path / "wildside.sqlite3")) as connection,
        pytest.raises(sqlite3.OperationalError, match="usrname"),
    ):
        explain(connection, "SELECT usrname FROM users WHERE id = ?")
