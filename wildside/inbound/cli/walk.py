"""`wildside walk --from LAT,LON --minutes 60 --themes …`: one tour in the terminal, and as a file."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from rich.console import Console, Group
from rich.markup import escape
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from wildside.domain.catalogue import Region, Theme
from wildside.domain.errors import EngineFailed, Invalid, Unavailable, WildsideError
from wildside.domain.geography import BoundingBox, Point
from wildside.domain.ground import GroundShape
from wildside.domain.identifiers import RequestId, RouteId, ThemeId, TraceId, UserId
from wildside.domain.route import Route, Walk
from wildside.domain.route_request import LONGEST_MINUTES, SHORTEST_MINUTES, RouteRequest
from wildside.inbound.forms.attribution import ATTRIBUTION
from wildside.inbound.forms.braille import mark, sketch
from wildside.inbound.forms.geojson import geojson
from wildside.inbound.forms.gpx import gpx
from wildside.inbound.forms.itinerary import WARNINGS, clock, directions, distance, title
from wildside.inbound.forms.picture import picture, sheet_of
from wildside.use_cases.find_walk import FindWalk, FoundWalk

FORMS = (".gpx", ".geojson", ".svg")
FOUND, FAILED, WRONG = 0, 1, 2

# What to do about the engine's reasons.
_ADVICE = {
    "outside_coverage": "Take in an extract that covers the walk: wildside ingest-osm FILE",
    "end_out_of_reach": "Give more --minutes, up to 180, or a nearer --to.",
}
_TRY_AGAIN = "Try again; if it stays so, take the map in again: wildside ingest-osm FILE"


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
        "--from", dest="start", type=_point, metavar="LAT,LON", help="where you are (needed)"
    )
    command.add_argument(
        "--to", dest="end", type=_point, metavar="LAT,LON", help="where to end (default: a loop)"
    )
    command.add_argument(
        "--minutes", type=_minutes, default=60, metavar="15..180", help="your time (default: 60)"
    )
    command.add_argument(
        "--themes",
        default="",
        metavar="NAMES",
        help="interests, comma separated, as in the list of `--themes help` (default: all)",
    )
    command.add_argument(
        "--popularity", type=_share, default=0.5, metavar="0..1", help="0 hidden gems, 1 hotspots"
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
    """Finds the walk and prints it; 0 found, 1 not, 2 wrong usage, each with a plain sentence."""
    if arguments.start is None and not _asks_for_themes(arguments):
        return _told("--from LAT,LON is needed: where you are, such as 55.9533,-3.1883", WRONG)
    try:
        async with open_walks(data_folder) as walks:
            # What goes wrong in here is told in here: outside it comes as a group of errors.
            try:
                return await _walk(arguments, walks)
            except WildsideError as error:
                return _told_error(error)
    except WildsideError as error:
        return _told_error(error)


async def _walk(arguments: argparse.Namespace, walks: TerminalWalks) -> int:
    out, err = Console(), Console(stderr=True)
    if _asks_for_themes(arguments):
        out.print(_theme_table(walks.themes))
        return FOUND
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
    if not found.walk.stops and request.end in {None, request.start}:
        return _told(_nothing_found(request, walks.themes), FAILED)
    out.print(itinerary(found.walk))
    if arguments.out is not None:
        # After the itinerary: a walk that was found is not lost for want of a file.
        _write(arguments.out, found, walks)
        written = f"[dim]written to {escape(str(arguments.out))}[/]"
        out.print(written, highlight=False, soft_wrap=True)
    return FOUND


def _asks_for_themes(arguments: argparse.Namespace) -> bool:
    return str(arguments.themes).strip() == "help"


def _nothing_found(request: RouteRequest, themes: Sequence[Theme]) -> str:
    wanted = [theme.name for theme in themes if theme.id in request.theme_ids]
    kind = f" for {', '.join(wanted)}" if wanted else ""
    return (
        f"there is nothing to see{kind} that a walk of {request.duration_minutes} minutes"
        " reaches from there. Try more --minutes, more --themes or another --from."
    )


def _told_error(error: WildsideError) -> int:
    match error:
        case Invalid():
            return _told(error.message, WRONG)
        case EngineFailed():
            return _told(f"{error.message}. {_ADVICE.get(error.reason, _TRY_AGAIN)}", FAILED)
        case _:
            return _told(error.message, FAILED)


def _told(message: str, code: int) -> int:
    print(f"wildside walk: {message}", file=sys.stderr)
    return code


async def _found(find: FindWalk, request: RouteRequest, err: Console) -> FoundWalk:
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
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
        if not matching:
            raise Invalid(
                f"no theme begins with {word!r}; `wildside walk --themes help` lists them all"
            )
        if len(exact or matching) != 1:
            names = " or ".join(theme.name for theme in matching)
            raise Invalid(f"{word!r} may be {names}; write more of the name")
        meant.append((exact or matching)[0].id)
    return tuple(dict.fromkeys(meant))


def itinerary(walk: Walk) -> Group:
    """What is printed: a title, a sketch, the stops with the way to each, and the sum."""
    summary = walk.summary
    stops = {0: "no stop", 1: "1 stop"}.get(summary.stop_count, f"{summary.stop_count} stops")
    facts = (
        f"{distance(summary.distance_metres)} on foot, {stops}, "
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
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or error
        raise Unavailable(f"{path} cannot be written: {reason}. Name another --out") from error


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


def _minutes(text: str) -> int:
    minutes = int(text) if text.isdecimal() else 0
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number of minutes from {SHORTEST_MINUTES} to {LONGEST_MINUTES}"
        )
    return minutes


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0.0 <= share <= 1.0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 1")
    return share


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
        raise argparse.ArgumentTypeError(f"{text!r} must end in {' or '.join(FORMS)}")
    # Told before the search, which takes its time.
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {str(path.parent)!r} to write into")
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is a folder, not a file")
    return path
