"""From the map's text to the minute of the visit: opening hours through ingest, engine and walk."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.ingest.drawn_extracts import square, write_extract
from wildside.app_ingest import open_ingest
from wildside.app_walk import open_walks
from wildside.domain.geography import Point
from wildside.domain.identifiers import TraceId
from wildside.domain.route import Walk
from wildside.domain.route_request import RouteRequest
from wildside.use_cases.ingest_places import IngestOrder

START = Point(0.1, 0.1)  # in the Gulf of Guinea, where the clock shows UTC


async def unheard(percent: int) -> None:
    """Nobody watches."""
    assert 0 <= percent <= 100


async def walk_to_the_museum(folder: Path, hours: str, departs: datetime) -> Walk:
    """An hour in a town of one square street and one museum some three minutes away."""
    nodes = square(1, 0.1, 0.1, 0.002)
    nodes[9] = (0.102, 0.1001, {"tourism": "museum", "name": "Museum", "opening_hours": hours})
    ways = {1: ((1, 2, 3, 4, 1), {"highway": "residential"})}
    extract = write_extract(folder / "town.osm.pbf", nodes, ways)
    async with open_ingest(folder) as ingest:
        await ingest(IngestOrder(extract), lambda _step, _share: None)
    async with open_walks(folder) as walks:
        wish = RouteRequest(START, 60, depart_at=departs)
        return (await walks.find(wish, trace_id=TraceId("t"), on_progress=unheard)).walk


@pytest.mark.parametrize(
    ("hours", "opens", "closes"),  # minutes after departure
    [
        ("Mo-Fr 09:00-17:00", 0, 60),
        ("Mo-Fr 12:20-17:00", 20, 60),
        ("Mo-Fr 09:00-12:20", 0, 20),
        ("Mo-Fr 09:00-12:05", None, None),  # before a visit is over
        ("Sa-Su 09:00-17:00", None, None),
    ],
)
async def test_a_walk_waits_for_doors_and_is_out_before_they_close(
    tmp_path: Path, hours: str, opens: int | None, closes: int | None
) -> None:
    """Waiting counts in the sum; what cannot be visited is no stop, and nobody walks for nothing."""
    walk = await walk_to_the_museum(tmp_path, hours, datetime(2026, 11, 23, 12, tzinfo=UTC))
    if opens is None or closes is None:
        assert walk.stops == ()
        assert walk.warnings == ("sparse_area",)
        return
    (stop,) = walk.stops
    told = walk.summary
    begins = stop.arrival_offset_seconds + told.waiting_seconds
    assert begins == pytest.approx(max(60 * opens, stop.arrival_offset_seconds), abs=0.2)
    assert begins + stop.visit_seconds <= 60 * closes
    assert told.total_seconds == pytest.approx(
        told.walking_seconds + told.visiting_seconds + told.waiting_seconds
    )
    assert told.total_seconds <= 3600
    assert walk.warnings == ()
