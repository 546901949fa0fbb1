"""The schema arrives once, whole, and as its files say."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.town import NOON
from wildside.bundled import folder
from wildside.domain.errors import Unavailable
from wildside.outbound.persistence.migrate import Migration, pending, read_migrations
from wildside.outbound.persistence.sqlite.schema import migrate_up, migrations_missing

FIRST = Migration(1, "first", "CREATE TABLE a (id INTEGER);\nCREATE TABLE b (id INTEGER);\n")
SECOND = Migration(2, "second", "INSERT INTO a VALUES (1); -- one;\nINSERT INTO b VALUES (2);")
BROKEN = Migration(2, "broken", "INSERT INTO a VALUES (1);\nINSERT INTO nowhere VALUES (2);")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "wildside.sqlite3"


def rows(file: Path, statement: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(file) as connection:
        return connection.execute(statement).fetchall()


def test_what_is_missing_is_applied_once_and_in_order(file: Path) -> None:
    """Today one, tomorrow the next; a third start does nothing. The folder is made."""
    assert migrations_missing(file, [FIRST]) == (FIRST,)
    assert not file.exists()
    assert migrate_up(file, [FIRST], NOON) == (FIRST,)
    assert migrations_missing(file, [FIRST, SECOND]) == (SECOND,)
    assert migrate_up(file, [FIRST, SECOND], NOON) == (SECOND,)
    assert migrate_up(file, [FIRST, SECOND], NOON) == ()
    assert rows(file, "SELECT * FROM a UNION ALL SELECT * FROM b") == [(1,), (2,)]


def test_a_broken_migration_leaves_nothing_of_itself(file: Path) -> None:
    """Its first statement worked; it is undone with the rest."""
    migrate_up(file, [FIRST], NOON)
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        migrate_up(file, [FIRST, BROKEN], NOON)
    assert rows(file, "SELECT * FROM a") == []
    assert migrate_up(file, [FIRST, SECOND], NOON) == (SECOND,)


def test_an_edited_migration_is_found_out(file: Path) -> None:
    """The schema would not be what the files say."""
    migrate_up(file, [FIRST], NOON)
    edited = Migration(1, "first", FIRST.sql + "CREATE TABLE c (id INTEGER);")
    with pytest.raises(Unavailable, match="0001_first was edited"):
        migrate_up(file, [edited], NOON)


def test_an_older_wildside_keeps_off_a_newer_database(file: Path) -> None:
    """Somebody rolled the program back; writing by an old schema would do harm."""
    migrate_up(file, [FIRST, SECOND], NOON)
    with pytest.raises(Unavailable, match="newer than this Wildside"):
        migrate_up(file, [FIRST], NOON)


def test_files_must_be_named_and_numbered(tmp_path: Path) -> None:
    """A gap or a stray name is somebody's mistake, told at once."""
    with pytest.raises(Unavailable, match="no migrations"):
        read_migrations(tmp_path)
    (tmp_path / "0001_one.sql").write_text("SELECT 1;")
    (tmp_path / "0003_three.sql").write_text("SELECT 1;")
    with pytest.raises(Unavailable, match="numbered"):
        read_migrations(tmp_path)
    (tmp_path / "two.sql").write_text("SELECT 1;")
    with pytest.raises(Unavailable, match=r"two\.sql"):
        read_migrations(tmp_path)


def test_our_own_migrations_apply_to_an_empty_file(file: Path) -> None:
    """Every table is STRICT, and nothing is left pending."""
    migrations = read_migrations(folder("migrations") / "sqlite")
    assert migrate_up(file, migrations, NOON) == migrations
    assert pending(migrations, {one.number: one.checksum for one in migrations}) == ()
    tables = rows(
        file, "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
    )
    assert [name for name, strict in tables if not strict and name != "sqlite_schema"] == []
    assert rows(file, "PRAGMA integrity_check") == [("ok",)]


def test_servers_that_start_at_once_agree(file: Path) -> None:
    """Four processes begin together: the migrations are applied by exactly one of them."""
    code = f"""
import sys
from pathlib import Path
from tests.town import NOON
from wildside.bundled import folder
from wildside.outbound.persistence.migrate import read_migrations
from wildside.outbound.persistence.sqlite.schema import migrate_up
migrations = read_migrations(folder("migrations") / "sqlite")
print("ready", flush=True)
sys.stdin.readline()
print(len(migrate_up(Path({str(file)!r}), migrations, NOON)))
"""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    answers = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        answers.append(int(output))
    count = len(read_migrations(folder("migrations") / "sqlite"))
    assert sorted(answers) == [0, 0, 0, count]
