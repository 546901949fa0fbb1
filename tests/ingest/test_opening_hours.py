"""What mappers wrote about opening hours is read by the region's own clock, sun and holidays."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import osmium
import osmium.filter
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data_folder import data_file
from tests.town import TOWN, a_place
from wildside.domain.catalogue import Place
from wildside.domain.errors import Unavailable
from wildside.domain.extract import Extract
from wildside.domain.geography import Point
from wildside.domain.opening_hours import ALWAYS_OPEN, Hours, Span
from wildside.outbound.opening_hours import (
    Calendar,
    CalendarBuilder,
    RegionOpeningHours,
    country_of,
    hours_of,
    read_calendar,
    time_zone_of,
)

EDINBURGH, PORTO = Point(-3.1883, 55.9533), Point(-8.6110, 41.1466)
LONDON, LISBON = ZoneInfo("Europe/London"), ZoneInfo("Europe/Lisbon")
BRITAIN, PORTUGAL = Calendar(LONDON, "GB"), Calendar(LISBON, "PT")
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
HOUR = 3600.0


def place_with(
    hours: str | None, at: Point = EDINBURGH, tags: dict[str, str] | None = None
) -> Place:
    """A place that says this about its hours, if anything."""
    told = {} if hours is None else {"opening_hours": hours}
    return replace(a_place(1, at=at), tags={**(tags or {}), **told})


def hours(
    text: str | None,
    departs: str,
    hours_long: float = 3.0,
    *,
    at: Point = EDINBURGH,
    tags: dict[str, str] | None = None,
) -> Hours:
    """The place's hours for a walk that departs by the local clock."""
    departure = datetime.fromisoformat(departs).replace(tzinfo=LONDON).astimezone(ZoneInfo("UTC"))
    end = departure + timedelta(hours=hours_long)
    return hours_of(place_with(text, at, tags), BRITAIN, departure, end)


def open_between(*spans: tuple[float, float]) -> Hours:
    """Told hours, in hours after departure."""
    return Hours(tuple(Span(first * HOUR, last * HOUR) for first, last in spans))


# Values as they stand in real extracts; Monday 2026-11-23 is an ordinary working day.
READ_RIGHT = [
    ("24/7", "2026-11-23T03:00", ALWAYS_OPEN),
    ("Mo-Su 10:00-18:00", "2026-11-23T12:00", ALWAYS_OPEN),
    ("Mo-Su 10:00-18:00", "2026-11-23T08:00", open_between((2, 3))),
    ("Mo-Su 10:00-18:00", "2026-11-23T17:00", open_between((0, 1))),
    ("Mo-Su 10:00-18:00", "2026-11-23T19:00", open_between()),
    ("Tu-Su 10:00-12:30,14:00-17:30", "2026-11-24T11:30", open_between((0, 1), (2.5, 3))),
    ("Tu-Su 10:00-12:30,14:00-17:30", "2026-11-23T11:30", open_between()),
    ("Mo-Sa 09:00-19:00; Su,PH off", "2026-11-22T12:00", open_between()),
    ("Mo-Fr 09:00-17:00; PH off", "2026-12-25T12:00", open_between()),
    ("Mo-Fr 09:00-17:00; PH off", "2026-12-24T12:00", ALWAYS_OPEN),
    ("Apr-Sep 10:00-19:00; Oct-Mar 10:00-16:00", "2026-11-23T15:00", open_between((0, 1))),
    ("Apr-Sep 10:00-19:00; Oct-Mar 10:00-16:00", "2026-07-06T15:00", ALWAYS_OPEN),
    ("Fr,Sa 20:00-03:00", "2026-11-28T01:00", open_between((0, 2))),
    ("sunrise-sunset", "2026-06-21T20:30", open_between((0, 1.55))),
    ("sunrise-sunset", "2026-12-21T20:30", open_between()),
    ("Mo-Sa 09:30\N{EN DASH}19:30", "2026-11-23T19:00", open_between((0, 0.5))),
    ("Tu-Fr 09:00-17:00;\nSa 10:00-16:00", "2026-11-28T15:00", open_between((0, 1))),
    ("Mo-We, Su 12:00-0:00;\nTh-Sa 12:00-2:00", "2026-11-26T23:00", open_between((0, 3))),
]


@pytest.mark.parametrize(("text", "departs", "expected"), READ_RIGHT)
def test_real_texts_are_read_right(text: str, departs: str, expected: Hours) -> None:
    """Weekdays, holidays, seasons, nights across midnight, the sun, and what people mistype."""
    found = hours(text, departs)
    if expected.spans is None or found.spans is None or "sun" not in text:
        everything = Hours((Span(0.0, 3 * HOUR),))
        assert (found if found.spans is not None else everything) == (
            expected if expected.spans is not None else everything
        )
        return
    # The sun is right to a few minutes.
    assert len(found.spans) == len(expected.spans)
    for span, told in zip(found.spans, expected.spans, strict=True):
        assert abs(span.closes_seconds - told.closes_seconds) < 600


@pytest.mark.parametrize(
    "text",
    ["Jan-Dez", "noon to late", "Lu-Ve 11:00-15:00", "Mo-Th 9-5", "", ";", "x" * 5000],
)
def test_a_text_that_cannot_be_read_leaves_a_doubt(text: str) -> None:
    """Nothing is excluded by what nobody understands, but the walker is told."""
    assert hours(text, "2026-11-23T03:00") == Hours(None, is_told=False)


def test_an_appointment_is_no_promise() -> None:
    """Open with a condition in words counts as open and as not known."""
    assert not hours('Mo-Fr "by appointment"', "2026-11-23T11:00").is_told
    assert not hours("Mo-Fr 10:00-17:00 unknown", "2026-11-23T11:00").is_told


@pytest.mark.parametrize(
    ("tags", "is_shut_at_night"),
    [
        ({"tourism": "museum"}, True),
        ({"amenity": "pub"}, True),
        ({"shop": "books"}, True),
        ({"amenity": "cafe;bar"}, True),
        ({"historic": "memorial"}, False),
        ({"tourism": "viewpoint"}, False),
        ({"leisure": "park"}, False),
    ],
)
def test_custom_speaks_where_nobody_wrote_hours_down(
    tags: dict[str, str], is_shut_at_night: bool
) -> None:
    """At three in the morning museums, pubs and shops are shut; statues are not."""
    night, day = (
        hours(None, "2026-11-23T03:00", tags=tags),
        hours(None, "2026-11-23T12:00", tags=tags),
    )
    assert night.admits(120) is not is_shut_at_night
    assert day.admits(120)
    assert day.is_told is not is_shut_at_night, "a custom is a guess, and the walker is told"


def test_what_is_written_wins_over_custom() -> None:
    """A museum with a night of its own is open in it."""
    assert hours("22:00-04:00", "2026-11-23T02:00", 1.0, tags={"tourism": "museum"}) == ALWAYS_OPEN


@given(
    days=st.sets(st.sampled_from(DAYS), min_size=1),
    opens=st.integers(0, 24 * 4 - 2),
    quarters=st.integers(1, 24 * 4),
    depart_minutes=st.integers(0, 7 * 24 * 60 - 1),
    walk_minutes=st.integers(15, 180),
)
def test_weekly_hours_agree_with_a_clock_and_a_calendar(
    days: set[str], opens: int, quarters: int, depart_minutes: int, walk_minutes: int
) -> None:
    """Minute by minute: open exactly on the days and between the times that the text names."""
    closes = min(opens + quarters, 24 * 4)
    text = ",".join(sorted(days, key=DAYS.index)) + f" {_clock(opens)}-{_clock(closes)}"
    monday = datetime(2026, 6, 1, tzinfo=LISBON)
    departure = (monday + timedelta(minutes=depart_minutes)).astimezone(ZoneInfo("UTC"))
    end = departure + timedelta(minutes=walk_minutes)
    found = hours_of(place_with(text, PORTO), PORTUGAL, departure, end)
    for minute in range(walk_minutes):
        moment = (departure + timedelta(minutes=minute)).astimezone(LISBON)
        by_the_book = (
            DAYS[moment.weekday()] in days
            and opens * 15 <= moment.hour * 60 + moment.minute < closes * 15
        )
        spans = found.spans if found.spans is not None else (Span(0.0, walk_minutes * 60.0),)
        is_open = any(s.opens_seconds <= minute * 60 < s.closes_seconds for s in spans)
        assert is_open == by_the_book, (text, moment)


def _clock(quarters: int) -> str:
    return f"{quarters // 4:02}:{quarters % 4 * 15:02}"


@given(text=st.text(max_size=300), kind=st.sampled_from(["museum", "viewpoint"]))
def test_no_text_is_an_error(text: str, kind: str) -> None:
    """Whatever stands in the tag, there is an answer, with spans in order within the walk."""
    found = hours(text, "2026-11-23T12:00", tags={"tourism": kind})
    ends = [
        second for span in found.spans or () for second in (span.opens_seconds, span.closes_seconds)
    ]
    assert ends == sorted(ends)
    assert all(0 <= second <= 3 * HOUR for second in ends)


@pytest.mark.parametrize(
    ("departs", "closes_after_hours"),
    [
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), 3.5),  # clocks go forward at 1:00 UTC
        (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), 5.5),  # and back at 1:00 UTC
    ],
)
def test_the_night_the_clocks_change_has_23_or_25_hours(
    departs: datetime, closes_after_hours: float
) -> None:
    """Five o'clock comes when it comes: seconds after departure are real ones."""
    departure = departs.astimezone(ZoneInfo("UTC"))
    found = hours_of(place_with("00:00-05:00"), BRITAIN, departure, departure + timedelta(hours=10))
    assert found.spans is not None
    assert found.spans[0] == Span(0.0, closes_after_hours * HOUR)


@pytest.mark.parametrize("name", ["porto-centre-2020-07", "monaco-2025-01", "andorra-2021-10"])
def test_nearly_all_texts_of_a_city_are_read(name: str) -> None:
    """Ninety-five of a hundred and more; the others are no opening hours to anybody."""
    extract = data_file(f"osm/{name}.osm.pbf")
    texts: Counter[str] = Counter()
    only_told = osmium.filter.KeyFilter("opening_hours")
    for thing in osmium.FileProcessor(str(extract)).with_filter(only_told):
        texts[thing.tags["opening_hours"]] += 1
    unread = [text for text in texts if hours(text, "2026-11-23T12:00") == Hours(None, False)]
    assert len(texts) >= 20
    assert len(unread) <= 0.05 * len(texts), unread


@pytest.mark.parametrize(
    ("point", "zone", "country"),
    [
        (EDINBURGH, "Europe/London", "GB"),
        (PORTO, "Europe/Lisbon", "PT"),
        (Point(14.51, 35.90), "Europe/Malta", "MT"),
        (Point(9.19, 45.46), "Europe/Rome", "IT"),
        (Point(1.52, 42.51), "Europe/Andorra", "AD"),
        (Point(-30.0, 45.0), "Etc/GMT+2", None),
    ],
)
def test_the_middle_of_a_region_tells_its_calendar(
    point: Point, zone: str, country: str | None
) -> None:
    """Time zone and country are found offline from the coordinates."""
    assert time_zone_of(point) == zone
    assert country_of(zone) == country


def test_reading_hours_does_not_read_the_map_of_the_world() -> None:
    """A server that knows its calendar stays below thirty megabytes for it, not a hundred."""
    script = """if True:
        import resource
        from datetime import datetime, timedelta
        from zoneinfo import ZoneInfo
        from tests.ingest.test_opening_hours import BRITAIN, place_with
        from wildside.outbound.opening_hours import hours_of
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        noon = datetime(2026, 12, 24, 12, tzinfo=ZoneInfo("UTC"))
        for text in ("sunrise-sunset; PH off", "Mo-Fr 09:00-17:00; PH,SH off", "easter 10:00-12:00"):
            hours_of(place_with(text), BRITAIN, noon, noon + timedelta(hours=30))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert int(told.stdout) < 30_000


async def test_a_region_reads_hours_by_its_own_clock(tmp_path: Path) -> None:
    """One moment in UTC is nine o'clock in Porto's winter, and the seconds of the minute are dropped."""
    folder = tmp_path / "regions" / TOWN.id / TOWN.version
    folder.mkdir(parents=True)
    bounds = replace(TOWN.bounds, west=-8.7, east=-8.5, south=41.1, north=41.2)
    CalendarBuilder().build(
        Extract(tmp_path, "0", bounds), folder / "calendar.json", lambda _: None
    )
    departure = datetime(2026, 11, 23, 9, 0, 42, tzinfo=UTC)
    hours_at = await RegionOpeningHours(tmp_path).during(TOWN, departure, 2 * HOUR)
    assert hours_at(place_with("10:00-18:00", PORTO)) == open_between((1, 2))


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "[]",
        "{}",
        "\xff",
        '{"time_zone": "Mars/Olympus", "country": null}',
        '{"time_zone": "Europe/London", "country": "XX"}',
    ],
)
async def test_a_calendar_that_cannot_be_read_leaves_doubts_and_says_what_to_do(
    tmp_path: Path, content: str | None
) -> None:
    """Walks are found as without hours, with the warning; the error names the file and the remedy."""
    path = tmp_path / "regions" / TOWN.id / TOWN.version / "calendar.json"
    path.parent.mkdir(parents=True)
    if content is not None:
        path.write_bytes(content.encode("latin-1"))
    with pytest.raises(Unavailable, match="ingest the map again"):
        read_calendar(path)
    night = datetime(2026, 1, 1, 3, tzinfo=UTC)
    hours_at = await RegionOpeningHours(tmp_path).during(TOWN, night, HOUR)
    assert hours_at(place_with(None, tags={"tourism": "museum"})) == Hours(None, is_told=False)
    assert hours_at(place_with("24/7")) == Hours(None, is_told=False)
    assert hours_at(place_with(None, tags={"tourism": "artwork"})) == ALWAYS_OPEN


@pytest.mark.parametrize("departs", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+14:00"])
async def test_in_centuries_no_map_tells_of_all_hours_are_in_doubt(
    departs: str, tmp_path: Path
) -> None:
    """A clock set wrong gets a walk and the warning, not an engine's overflow."""
    folder = tmp_path / "regions" / TOWN.id / TOWN.version
    folder.mkdir(parents=True)
    (folder / "calendar.json").write_text('{"time_zone": "Europe/London", "country": "GB"}')
    departure = datetime.fromisoformat(departs)
    hours_at = await RegionOpeningHours(tmp_path).during(TOWN, departure, HOUR)
    assert hours_at(place_with("Mo-Su 10:00-17:00")) == Hours(is_told=False)
    assert hours_at(place_with(None)) == ALWAYS_OPEN
