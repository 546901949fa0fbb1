"""`wildside demo`: finds a city to show, takes it in and says where to look."""

from __future__ import annotations

import argparse
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from wildside.domain.errors import Unavailable, WildsideError
from wildside.domain.extract import name_of_extract
from wildside.inbound.cli.ingest_osm import OpenIngest, progress_bar, told

if TYPE_CHECKING:
    from wildside.use_cases.ingest_places import IngestOrder, OnProgress

USUAL_PORT = 8080

# A laptop's browser speaks plain HTTP to it, and nobody signs in for longer than the demo lasts.
SETTINGS = {
    "APP_ENV": "development",
    "SESSION_ALLOW_EPHEMERAL": "1",
    "SESSION_COOKIE_SECURE": "0",
}


class Download(Protocol):
    """Fetches the demo's city; raises Unavailable where it cannot be reached."""

    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def target(self) -> Path: ...
    @property
    def area(self) -> Path: ...
    async def fetch(self, on_progress: Callable[[float], None]) -> str: ...


@dataclass(frozen=True, slots=True)
class DemoGround:
    """Where the demo's map may come from."""

    download: Download
    town: Path  # where the invented town lies, or will lie
    town_name: str
    write_town: Callable[[Path], None]
    open_ingest: OpenIngest


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command and its arguments."""
    command = commands.add_parser(
        "demo",
        help="walk through a city in a minute",
        description="Takes a city in and serves it on this machine: the given extract, or "
        "Edinburgh downloaded once, or an invented town where there is no network.",
    )
    command.add_argument("--extract", type=Path, metavar="FILE", help="the city to show")
    # Its own destination: the server's --port before the command means something else to argparse.
    command.add_argument("--port", dest="demo_port", help=f"default {USUAL_PORT}, or a free one")
    command.add_argument("--data-dir", type=Path, metavar="DIR", help="WILDSIDE_DATA_DIR")


async def prepare(arguments: argparse.Namespace, data_folder: Path, ground: DemoGround) -> int:
    """Has a region ready to be served; 0 when it is, 1 and one line on stderr when it is not."""
    try:
        with progress_bar(sys.stderr) as on_progress:
            order = await _choose(arguments.extract, ground, on_progress)
            async with ground.open_ingest(data_folder) as ingest:
                outcome = await ingest(order, on_progress)
    except WildsideError as error:
        print(f"wildside demo: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"wildside demo: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    print(told(outcome), file=sys.stderr)
    return 0


def free_port(wished: str | None) -> str:
    """The port to serve on: as wished, else the usual one, else any that is free."""
    if wished is not None:
        return wished
    for port in (USUAL_PORT, 0):
        with socket.socket() as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                door.bind(("127.0.0.1", port))
            except OSError:
                continue
            return str(door.getsockname()[1])
    return "0"


async def _choose(extract: Path | None, ground: DemoGround, on_progress: OnProgress) -> IngestOrder:
    from wildside.use_cases.ingest_places import IngestOrder

    if extract is not None:
        return IngestOrder(extract, None, name_of_extract(extract))
    download = ground.download
    if not download.target.exists() and ground.town.exists():
        # The network was asked once; a second start should not wait for it again.
        return IngestOrder(ground.town, None, ground.town_name)
    try:
        digest = await download.fetch(lambda share: on_progress("Downloading the city", share))
    except Unavailable as error:
        print(f"{error}: showing the invented town of {ground.town_name} instead.", file=sys.stderr)
        on_progress("Inventing a town", 0.0)
        ground.write_town(ground.town)
        on_progress("Inventing a town", 1.0)
        return IngestOrder(ground.town, None, ground.town_name)
    print(f"{download.target.name}: sha256 {digest}", file=sys.stderr)
    return IngestOrder(download.target, download.area, download.name)
