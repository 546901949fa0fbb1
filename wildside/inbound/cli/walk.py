"""`wildside walk --from LAT,LON --minutes 60 --themes …`: one tour in the terminal, and as a file."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from rich.console import Console, Group
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from wildside.domain.catalogue import Region, Theme
from wildside.domain.errors import Invalid, WildsideError
from wildside.domain.geography import BoundingBox, Point
from wildside.domain.ground import GroundShape
from wildside.domain.identifiers import RequestId, RouteId, ThemeId, TraceId, UserId
from wildside.domain.route import Route, Walk
from wildside.domain.route_request import RouteRequest
from wildside.inbound.forms.attribution import ATTRIBUTION
from wildside.inbound.forms.braille import mark, sketch
from wildside.inbound.forms.geojson import geojson
from wildside.inbound.forms.gpx import gpx
from wildside.inbound.forms.itinerary import WARNINGS, clock, directions, distance, title
from wildside.inbound.forms.picture import picture, sheet_of
from wildside.use_cases.find_walk import FindWalk, FoundWalk

FORMS = (".gpx", ".geojson", ".svg")


@dataclass(frozen=True, slots=True)
class TerminalWalks:
    """What the command needs: the search, the themes, and the ground for the picture."""

    find: FindWalk
    themes: Sequence[Theme]
    ground: Callable[[Region, BoundingBox], list[GroundShape]]


OpenWalks = Callable[[Path], "AbstractAsyncContextManager[TerminalWalks]"]


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command and its arguments."""
    command = commands.add_parser(
        "walk",
        help="find one walk and print it",
        description="Finds the most interesting walk and prints it as an itinerary.",
    )
    command.add_argument(
        "--from", dest="start", type=_point, required=True, metavar="LAT,LON", help="where you are"
    )
    command.add_argument(
        "--to", dest="end", type=_point, metavar="LAT,LON", help="where to end (default: a loop)"
    )
    command.add_argument("--minutes", type=int, default=60, help="your time, 15 to 180")
    command.add_argument(
        "--themes",
        default="",
        metavar="NAMES",
        help="interests, comma separated, as in the list of `--themes help` (default: all)",
    )
    command.add_argument(
        "--popularity", type=float, default=0.5, metavar="0..1", help="0 hidden gems, 1 hotspots"
    )
    command.add_argument(
        "--depart-at",
        type=_moment,
        metavar="TIME",
        help="when you set out, as 2026-05-04T15:00+01:00: then opening hours count",
    )
    command.add_argument("--avoid-stairs", action="store_true")
    command.add_argument("--prefer-well-lit", action="store_true")
    command.add_argument(
        "--out", type=_file, metavar="FILE", help="also write it as .gpx, .geojson or .svg"
    )
    command.add_argument("--data-dir", type=Path, metavar="DIR", help="WILDSIDE_DATA_DIR")


async def run(arguments: argparse.Namespace, data_folder: Path, open_walks: OpenWalks) -> int:
    """Finds the walk and prints it; 0 found, 1 not, each with a plain sentence."""
    try:
        async with open_walks(data_folder) as walks:
            # What goes wrong in here is told in here: outside it comes as a group of errors.
            return await _walk(arguments, walks)
    except (WildsideError, OSError) as error:
        return _not_found(error)


async def _walk(arguments: argparse.Namespace, walks: TerminalWalks) -> int:
    out, err = Console(), Console(stderr=True)
    if arguments.themes.strip() == "help":
        out.print(_theme_table(walks.themes))
        return 0
    try:
        request = RouteRequest(
            start=arguments.start,
            duration_minutes=arguments.minutes,
            theme_ids=chosen(arguments.themes, walks.themes),
            popularity_bias=arguments.popularity,
            avoid_stairs=arguments.avoid_stairs,
            prefer_well_lit=arguments.prefer_well_lit,
            end=arguments.end,
            depart_at=arguments.depart_at,
        )
        found = await _found(walks.find, request, err)
        if arguments.out is not None:
            _write(arguments.out, found, walks)
    except (WildsideError, OSError) as error:
        return _not_found(error)
    out.print(itinerary(found.walk))
    if arguments.out is not None:
        out.print(f"[dim]written to {arguments.out}[/]")
    return 0


def _not_found(error: Exception) -> int:
    print(f"wildside walk: {error}", file=sys.stderr)
    return 1


async def _found(find: FindWalk, request: RouteRequest, err: Console) -> FoundWalk:
    with Progress(
        TextColumn("{task.description}"), BarColumn(), console=err, transient=True
    ) as progress:
        task = progress.add_task("looking for the best walk", total=100)

        async def tell(percent: int) -> None:
            progress.update(task, completed=percent)

        return await find(request, trace_id=TraceId(str(uuid4())), on_progress=tell)


def chosen(text: str, themes: Sequence[Theme]) -> tuple[ThemeId, ...]:
    """The themes meant by a comma separated list; a beginning is enough where it is one theme's."""
    meant = []
    for word in (part.strip().casefold() for part in text.split(",")):
        if not word:
            continue
        matching = [theme for theme in themes if theme.name.casefold().startswith(word)]
        exact = [theme for theme in matching if theme.name.casefold() == word]
        if len(exact or matching) != 1:
            names = ", ".join(theme.name for theme in matching or themes)
            raise Invalid(f"which theme is {word!r}? One of: {names}")
        meant.append((exact or matching)[0].id)
    return tuple(dict.fromkeys(meant))


def itinerary(walk: Walk) -> Group:
    """What is printed: a title, a sketch, the stops with the way to each, and the sum."""
    summary = walk.summary
    facts = (
        f"{distance(summary.distance_metres)} on foot, {summary.stop_count} stops, "
        f"{clock(summary.total_seconds)} h in all"
    )
    drawing = sketch(walk.path, [stop.place.location for stop in walk.stops])
    table = Table(box=None, show_header=False, padding=(0, 1))
    table.add_column(justify="right", style="dim")
    table.add_column(style="bold red")
    table.add_column()
    for number, leg in enumerate(walk.legs):
        table.add_row("", "", Text("\n".join(directions(leg)), style="dim"))
        if number < len(walk.stops):
            stop = walk.stops[number]
            line = Text(stop.place.name, style="bold")
            line.append(f"  {' · '.join(stop.why)}", style="italic cyan")
            table.add_row(clock(stop.arrival_offset_seconds), mark(stop.position), line)
    warnings = [Text(WARNINGS.get(code, code), style="yellow") for code in walk.warnings]
    return Group(
        Panel(Text(drawing, style="red"), title=title(walk), subtitle=facts, expand=False),
        table,
        *warnings,
        Text(ATTRIBUTION, style="dim"),
    )


def _write(path: Path, found: FoundWalk, walks: TerminalWalks) -> None:
    match path.suffix:
        case ".gpx":
            text = gpx(_as_route(found))
        case ".geojson":
            text = json.dumps(geojson(_as_route(found)), ensure_ascii=False, indent=1) + "\n"
        case _:
            shapes = walks.ground(found.region, sheet_of(found.walk).bounds())
            text = picture(found.walk, shapes)
    path.write_text(text, encoding="utf-8")


def _as_route(found: FoundWalk) -> Route:
    """The forms speak of somebody's route; this one is nobody's, so its ids are fresh."""
    return Route(
        id=RouteId(uuid4()),
        request_id=RequestId(uuid4()),
        user_id=UserId(uuid4()),
        created_at=datetime.now(UTC),
        walk=found.walk,
        region=found.region.id,
        engine_version="",
        fingerprint=found.fingerprint,
    )


def _theme_table(themes: Sequence[Theme]) -> Table:
    table = Table(box=None)
    table.add_column("theme", style="bold")
    table.add_column("what it is")
    for theme in themes:
        table.add_row(theme.name, theme.description)
    return table


def _point(text: str) -> Point:
    try:
        latitude, longitude = (float(part) for part in text.split(","))
        return Point(longitude, latitude)
    except (ValueError, Invalid):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not LAT,LON in degrees, such as 55.9533,-3.1883"
        ) from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.min  # noqa: DTZ901 - as good as none: it has no zone either
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time with a zone, such as 2026-05-04T15:00+01:00"
        )
    return moment


def _file(text: str) -> Path:
    path = Path(text)
    if path.suffix not in FORMS:
        raise argparse.ArgumentTypeError(f"{text!r} must end in {', '.join(FORMS)}")
    return path
