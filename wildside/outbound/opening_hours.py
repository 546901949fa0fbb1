"""Reads OSM's opening_hours in a region's own time, with its holidays and its sun.

Syntax: https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification, read by the Rust crate
behind opening-hours-py. The region's time zone and country are found at ingest and kept beside its
graph: the map of the world's zones takes a second and 100 MB, which a server should not spend.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import opening_hours
import trio

from wildside.domain.catalogue import Place, Region
from wildside.domain.errors import Unavailable
from wildside.domain.extract import Extract
from wildside.domain.geography import Point
from wildside.domain.opening_hours import ALWAYS_OPEN, Hours, Span, customary_hours

CALENDAR_FORMAT = 2  # part of a region's version: raise it when the file says something else
CALENDAR_FILE = "calendar.json"
# A clock that reads otherwise is set wrong; near year 1 and 9999 moments cannot even change zones.
TOLD_YEARS = range(1970, 2200)
# Holidays and sunsets are alike within about ten kilometres, so places share what was parsed.
COORDINATE_DECIMALS = 1
PARSED_KEPT = 4096  # a city has some hundred different texts
LONGEST_TEXT = 1000  # OSM allows 255 characters; longer ones are joined by hand and nonsense
_UTC = ZoneInfo("UTC")  # the library takes zones with a name only
# There, but left out of the library's types.
_UnknownCountry: type[Exception] = opening_hours.UnknownCountryError  # type: ignore[attr-defined]
_DASHES = str.maketrans("–—−", "---")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Calendar:
    """By which clock and which public holidays a region lives; `country` is an ISO 3166 code."""

    zone: ZoneInfo
    country: str | None


class CalendarBuilder:
    """Finds out at ingest by which calendar a region lives: that of its middle."""

    @property
    def format(self) -> int:
        """Changes when the same extract gives another calendar."""
        return CALENDAR_FORMAT

    def build(self, extract: Extract, target: Path, on_progress: Callable[[float], None]) -> None:
        """Writes the calendar as JSON."""
        zone = time_zone_of(extract.bounds.centre)
        told = {"time_zone": zone, "country": country_of(zone)}
        target.write_text(json.dumps(told) + "\n", encoding="utf-8")
        on_progress(1.0)


class RegionOpeningHours:
    """The opening hours of places, by the calendars that lie in the regions' folders."""

    def __init__(self, data_folder: Path) -> None:
        self._regions = data_folder / "regions"
        self._calendars: dict[str, Calendar] = {}

    async def during(
        self, region: Region, depart_at: datetime, seconds: float
    ) -> Callable[[Place], Hours]:
        """What tells a place's hours for a walk.

        Without a calendar that can be read (a region taken in by an older version) whatever has
        hours is in doubt, and the walker is told: a walk is worth more than a refusal. So it is in
        centuries of which no map tells.
        """
        if depart_at.year not in TOLD_YEARS:
            return _in_doubt
        calendar = self._calendars.get(region.version)
        if calendar is None:
            path = self._regions / region.id / region.version / CALENDAR_FILE
            try:
                calendar = await trio.to_thread.run_sync(read_calendar, path)
            except Unavailable:
                return _in_doubt
            self._calendars[region.version] = calendar
        # Wishes of one minute share one answer, so they must share its hours.
        departure = depart_at.astimezone(_UTC).replace(second=0, microsecond=0)
        end = departure + timedelta(seconds=seconds)
        return lambda place: hours_of(place, calendar, departure, end)


def time_zone_of(point: Point) -> str:
    """The name of the time zone there, such as Europe/London; at sea it counts hours only."""
    told = opening_hours.OpeningHours("24/7", coords=(point.latitude, point.longitude))
    noon = datetime(2026, 1, 1, 12, tzinfo=_UTC)
    begin, *_ = next(told.intervals(noon, noon + timedelta(hours=1)))
    return str(getattr(begin.tzinfo, "key", "UTC"))


def country_of(zone: str) -> str | None:
    """The country whose time the zone is, by the time zone database; None for a zone at sea."""
    table = (resources.files("tzdata.zoneinfo") / "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return next((row[0] for row in rows if row[2] == zone), None)


def read_calendar(path: Path) -> Calendar:
    """The calendar that an ingest wrote down; Unavailable where it cannot be read."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        country = told["country"]
        # Reading the simplest hours by it shows whether it can be used at all.
        opening_hours.OpeningHours("24/7", timezone=ZoneInfo(told["time_zone"]), country=country)
        return Calendar(ZoneInfo(told["time_zone"]), country)
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        ZoneInfoNotFoundError,
        _UnknownCountry,
    ) as error:
        raise Unavailable(f"{path} does not tell the calendar: ingest the map again") from error


def hours_of(place: Place, calendar: Calendar, departure: datetime, end: datetime) -> Hours:
    """The place's hours between two moments, told or customary."""
    customary = customary_hours(place.tags)
    text = place.opening_hours
    if text is not None:
        told = _spans(text, place.location, calendar, departure, end)
        if told is not None:
            return told
    if customary is not None:
        presumed = _spans(customary, place.location, calendar, departure, end)
        if presumed is not None:
            return Hours(presumed.spans, is_told=False)
    # A park with a garbled text is open as far as we know; one without any cannot be shut.
    return ALWAYS_OPEN if text is None else Hours(is_told=False)


def _in_doubt(place: Place) -> Hours:
    """Open as far as anybody knows."""
    has_hours = place.opening_hours is not None or customary_hours(place.tags) is not None
    return Hours(is_told=not has_hours)


def _spans(
    text: str, place: Point, calendar: Calendar, departure: datetime, end: datetime
) -> Hours | None:
    """None where the text cannot be read."""
    parsed = _parsed(
        text,
        calendar,
        round(place.latitude, COORDINATE_DECIMALS),
        round(place.longitude, COORDINATE_DECIMALS),
    )
    if parsed is None:
        return None
    spans: list[Span] = []
    is_told = True
    last = 0.0  # intervals follow each other without gaps, the first begins at departure
    for _, closes, state, comment in parsed.intervals(departure, end):
        first, last = last, _seconds_after(departure, closes)
        if state == opening_hours.State.CLOSED:
            continue
        # "by appointment" and the like: perhaps open.
        is_told = is_told and state == opening_hours.State.OPEN and not comment
        if spans and spans[-1].closes_seconds >= first:
            spans[-1] = Span(spans[-1].opens_seconds, last)
        elif last > first:
            spans.append(Span(first, last))
    if spans == [Span(0.0, _seconds_after(departure, end))]:
        return Hours(None, is_told)
    return Hours(tuple(spans), is_told)


def _seconds_after(departure: datetime, moment: datetime) -> float:
    # Through UTC: two moments of one zone subtract by the clock on the wall, wrong when it is put back.
    return max(0.0, (moment.astimezone(UTC) - departure.astimezone(UTC)).total_seconds())


@lru_cache(maxsize=PARSED_KEPT)
def _parsed(
    text: str, calendar: Calendar, latitude: float, longitude: float
) -> opening_hours.OpeningHours | None:
    # What mappers type by hand or paste: line breaks and typographic dashes.
    tidy = _SPACE.sub(" ", text.translate(_DASHES)).strip(" ;,")
    if len(tidy) > LONGEST_TEXT or not opening_hours.validate(tidy):
        return None
    return opening_hours.OpeningHours(
        tidy,
        timezone=calendar.zone,
        country=calendar.country,
        coords=(latitude, longitude),
        auto_country=False,  # or the map of the world is read after all
    )
