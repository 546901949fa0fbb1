"""`wildside migrate`: brings the database to the newest schema, back again, or says where it is."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol, TextIO

DONE, FAILED = 0, 1


class Step(Protocol):
    """A migration and what became of it."""

    @property
    def title(self) -> str: ...
    @property
    def applied_at(self) -> datetime | None: ...
    @property
    def can_go_down(self) -> bool: ...


class SchemaKeeper(Protocol):
    """Who looks after the schema of one database; raises Unavailable where it cannot."""

    async def up(self) -> Sequence[str]: ...
    async def down(self, count: int) -> Sequence[str]: ...
    async def status(self) -> Sequence[Step]: ...
    async def diagram(self) -> str: ...


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command and its arguments."""
    command = commands.add_parser(
        "migrate",
        help="bring the database to the newest schema, or back",
        description="Migrates the database that DATABASE_URL names, or SQLite in the data folder. "
        "Servers migrate by themselves when they start; several at once agree on who does it.",
    )
    command.add_argument("--data-dir", type=Path, metavar="DIR", help="WILDSIDE_DATA_DIR")
    ways = command.add_subparsers(dest="way", metavar="up|status|down|diagram", required=True)
    ways.add_parser("up", help="apply what is missing")
    ways.add_parser("status", help="what was applied when; exit code 1 while something is missing")
    ways.add_parser("diagram", help="print docs/diagrams/tables.md as the database has it")
    down = ways.add_parser("down", help="undo the newest migration, with what its tables hold")
    down.add_argument("--steps", type=_count, default=1, metavar="N", help="undo so many (1)")
    down.add_argument("--yes", action="store_true", help="really")


async def run(
    arguments: argparse.Namespace, keeper: SchemaKeeper, out: TextIO, errors: TextIO
) -> int:
    """0 when it is done; 1 where `down` was not meant or `status` finds something missing."""
    if arguments.way == "up":
        _tell(out, "applied", await keeper.up())
        return DONE
    if arguments.way == "status":
        return _tell_status(out, await keeper.status())
    if arguments.way == "diagram":
        out.write(await keeper.diagram())
        return DONE
    if not arguments.yes:
        errors.write("wildside migrate: what the tables hold would be lost; add --yes\n")
        return FAILED
    _tell(out, "undone", await keeper.down(arguments.steps))
    return DONE


def _tell(out: TextIO, what: str, titles: Sequence[str]) -> None:
    out.writelines(f"{what} {title}\n" for title in titles)
    if not titles:
        out.write("nothing to do\n")


def _tell_status(out: TextIO, steps: Sequence[Step]) -> int:
    for step in steps:
        applied = "missing" if step.applied_at is None else f"{step.applied_at:%Y-%m-%d %H:%M:%S}Z"
        one_way = "" if step.can_go_down else "  (no way back)"
        out.write(f"{step.title}  {applied}{one_way}\n")
    return FAILED if any(step.applied_at is None for step in steps) else DONE


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 9999):
        raise argparse.ArgumentTypeError("a whole number from 1 on")
    return int(text)
