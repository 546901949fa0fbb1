"""`wildside ingest-osm FILE`: takes an OpenStreetMap extract in, with a progress bar on stderr."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from wildside.domain.errors import WildsideError

if TYPE_CHECKING:
    from wildside.use_cases.ingest_places import IngestOutcome, IngestPlaces, OnProgress

OpenIngest = Callable[[Path], "AbstractAsyncContextManager[IngestPlaces]"]


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command and its arguments."""
    command = commands.add_parser(
        "ingest-osm",
        help="take in an OpenStreetMap extract (.osm.pbf, .osm.gz, .osm.bz2)",
        description="Turns an OpenStreetMap extract into a region: places, footpaths, base map. "
        "The region's previous version stays in use until the new one is whole.",
    )
    command.add_argument("file", type=Path, metavar="FILE", help="the extract")
    command.add_argument(
        "--area", type=Path, metavar="GEOJSON", help="take in only what lies in these polygons"
    )
    command.add_argument(
        "--elevation",
        type=Path,
        metavar="DIR",
        help="SRTM tiles for heights (ELEVATION_DIR)",
    )
    command.add_argument("--name", help="the region's name (default: made from the file's)")
    command.add_argument(
        "--data-dir", type=Path, metavar="DIR", help="where regions are kept (WILDSIDE_DATA_DIR)"
    )


async def run(arguments: argparse.Namespace, data_folder: Path, open_ingest: OpenIngest) -> int:
    """Ingests and says so in one line on stderr; 0 when the region is there, 1 when it is not."""
    from wildside.use_cases.ingest_places import IngestOrder

    order = IngestOrder(arguments.file, arguments.area, arguments.name)
    try:
        async with open_ingest(data_folder) as ingest:
            with progress_bar(sys.stderr) as on_progress:
                outcome = await ingest(order, on_progress)
    except WildsideError as error:
        print(f"wildside ingest-osm: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("wildside ingest-osm: interrupted; the region is as it was", file=sys.stderr)
        return 1
    print(told(outcome), file=sys.stderr)
    return 0


def told(outcome: IngestOutcome) -> str:
    """What happened, in a sentence."""
    region = outcome.region
    if not outcome.changed:
        return f"{region.name} is up to date: the same file was taken in before (nothing changed)."
    if outcome.was_damaged:
        return (
            f"{region.name} was damaged on disk and is whole again: "
            f"{region.place_count:,} places (version {region.version})."
        )
    return f"{region.name} is ready: {region.place_count:,} places (version {region.version})."


@contextmanager
def progress_bar(stream: TextIO) -> Iterator[OnProgress]:
    """A bar for each step; where nobody watches (no terminal), a line for each step."""
    console = Console(file=stream)
    if not console.is_terminal:
        yield _Lines(console)
        return
    with Progress(
        TextColumn("{task.description:<28}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        console=console,
    ) as progress:
        yield _Bars(progress)


class _Bars:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: str, share: float) -> None:
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(step, total=1.0)
        self._progress.update(self._tasks[step], completed=share)


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._said: set[str] = set()

    def __call__(self, step: str, share: float) -> None:
        del share  # a log wants to know what is done, not how much of it
        if step not in self._said:
            self._said.add(step)
            self._console.print(f"{step} …", highlight=False)
