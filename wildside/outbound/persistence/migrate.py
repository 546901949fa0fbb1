"""Plain SQL files, applied once each and in order, and what speaks against applying or undoing them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from wildside.domain.errors import Unavailable

_FILE_NAME = re.compile(r"(?P<number>\d{4})_(?P<name>[a-z0-9_]+)(?P<down>\.down)?\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One file `NNNN_name.sql`; an applied file never changes, a later one mends it.

    `down_sql` is what undoes it, from `NNNN_name.down.sql`; None where there is no such file.
    """

    number: int
    name: str
    sql: str
    down_sql: str | None = None

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, by which an edited file is found out."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def title(self) -> str:
        """The file's name without its ending."""
        return f"{self.number:04d}_{self.name}"


def read_migrations(folder: Path) -> tuple[Migration, ...]:
    """The folder's migrations in order; Unavailable where files are missing or numbered twice."""
    found, downs = [], {}
    for path in sorted(folder.glob("*.sql")):
        match = _FILE_NAME.fullmatch(path.name)
        if match is None:
            raise Unavailable(f"{path.name} is not named like a migration (0001_name.sql)")
        sql = path.read_text(encoding="utf-8")
        if match["down"]:
            downs[int(match["number"]), match["name"]] = sql
        else:
            found.append(Migration(int(match["number"]), match["name"], sql))
    found = [replace(one, down_sql=downs.pop((one.number, one.name), None)) for one in found]
    for number, name in downs:
        raise Unavailable(f"{number:04d}_{name}.down.sql undoes a migration that is not there")
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise Unavailable(f"the migrations in {folder} are not numbered 1, 2, 3, …")
    if not found:
        raise Unavailable(f"there are no migrations in {folder}")
    return tuple(found)


def pending(migrations: Sequence[Migration], applied: Mapping[int, str]) -> tuple[Migration, ...]:
    """What is still to be applied, given number → checksum of what was.

    Raises Unavailable where the database knows a migration that we do not (a newer Wildside was
    here) or where a file was edited after it had been applied (the schema is not what it says).
    """
    known = {migration.number: migration for migration in migrations}
    for number, checksum in applied.items():
        if number not in known:
            raise Unavailable(
                f"the database is newer than this Wildside: migration {number:04d} is unknown here"
            )
        if known[number].checksum != checksum:
            raise Unavailable(
                f"migration {known[number].title} was edited after the database had applied it"
            )
    return tuple(migration for migration in migrations if migration.number not in applied)


def last_applied(
    migrations: Sequence[Migration], applied: Mapping[int, str], count: int
) -> tuple[Migration, ...]:
    """The `count` newest applied migrations, newest first: what going down undoes.

    Raises Unavailable for what `pending` refuses, and where one of them cannot be undone.
    """
    pending(migrations, applied)
    newest_first = [one for one in reversed(migrations) if one.number in applied]
    for migration in newest_first[:count]:
        if migration.down_sql is None:
            raise Unavailable(f"there is no {migration.title}.down.sql to undo it by")
    return tuple(newest_first[:count])


@dataclass(frozen=True, slots=True)
class Step:
    """A migration, and when the database took it; None: it has not yet."""

    title: str
    applied_at: datetime | None
    can_go_down: bool


def steps(migrations: Sequence[Migration], applied_at: Mapping[int, datetime]) -> tuple[Step, ...]:
    """Every migration with what the ledger says of it."""
    return tuple(
        Step(one.title, applied_at.get(one.number), one.down_sql is not None) for one in migrations
    )
