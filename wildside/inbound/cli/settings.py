"""`wildside settings`: every setting, its value's source and why the default is what it is."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Protocol, TextIO


class Row(Protocol):
    """One setting as a person may see it."""

    @property
    def name(self) -> str: ...
    @property
    def shown(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def why(self) -> str: ...


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command."""
    commands.add_parser(
        "settings",
        help="print every setting, where its value comes from and why",
        description="Prints every setting with its value's source; secrets are masked.",
    )


def run(rows: Iterable[Row], out: TextIO) -> int:
    """One setting a paragraph."""
    out.writelines(f"{row.name}={row.shown}  ({row.source})\n    {row.why}\n" for row in rows)
    return 0
