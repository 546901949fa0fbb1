"""Twelve walks a city through the real server, judged against the raw map."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import opening_hours
import pytest

from tests.data_folder import data_file
from tests.end_to_end.judge import faults_of
from tests.end_to_end.raw_map import RawMap
from tests.end_to_end.server_process import ServerProcess, server, wildside
from tests.end_to_end.walker import Walker
from wildside.domain.geography import BoundingBox, Point

WALKS_A_CITY = 12
STARTS_A_CITY = 200  # in the soak, each with all three durations
DURATIONS_MINUTES = (20, 60, 120)
MANY = {"ROUTES_PER_MINUTE": "1000000"}
CITIES = ("edinburgh-centre-2025-06", "porto-centre-2020-07", "monaco-2025-01")


@dataclass
class City:
    """A served city and its raw map."""

    running: ServerProcess
    ground: RawMap


@pytest.fixture(scope="module", params=CITIES)
def city(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:
    """The city ingested and served by the real binary."""
    extract: Path = data_file(f"osm/{request.param}.osm.pbf")
    data_dir = tmp_path_factory.mktemp("data")
    ingested = wildside("ingest-osm", extract, data_dir=data_dir)
    assert ingested.returncode == 0, ingested.stderr
    with server(data_dir, settings=MANY) as running:
        yield City(running, RawMap.read(extract))


@pytest.mark.timeout(300)
async def test_every_walk_keeps_its_promises(city: City) -> None:
    """Loop closed, time kept, nothing twice, every step on a way, and most of the time used."""
    dice = random.Random(7)
    used = await _judged_walks(
        city, dice, [dice.choice(DURATIONS_MINUTES) for _ in range(WALKS_A_CITY)]
    )
    assert len(used.shares) >= WALKS_A_CITY // 3, "too few starts had thirty places around them"
    assert statistics.median(used.shares) >= 0.9, used
    assert statistics.median(used.overlaps) <= 0.15, used


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("departs", "is_night"), [("03:00", True), ("13:00", False)])
async def test_nobody_is_sent_to_closed_doors(city: City, departs: str, is_night: bool) -> None:
    """At three on a Monday night no museum, pub or shop; at one o'clock what is told to be open."""
    walker = await Walker.arrive(city.running.url)
    region = (await walker.http.get("/api/v1/regions")).json()["data"][0]
    route = await walker.walk(
        {
            "start_location": region["centre"],
            "duration_minutes": 90,
            "depart_at": f"2026-11-23T{departs}:00+00:00",
        }
    )
    assert len(route["stops"]) >= 5
    kinds = [closed_at_night(stop["poi"]["tags"]) for stop in route["stops"]]
    assert not (is_night and any(kinds))
    assert not any(kinds) or "hours_unknown" in route["warnings"]
    longitude, latitude = region["centre"]["coordinates"]
    for stop, leg in zip(route["stops"], route["legs"][1:], strict=True):
        told = stop["poi"].get("opening_hours")
        if told is None or not opening_hours.validate(told):
            continue
        following = stop["position"]
        leaves = (
            route["stops"][following]["arrival_offset_seconds"] - leg["walking_seconds"]
            if following < len(route["stops"])
            else route["summary"]["total_seconds"] - leg["walking_seconds"]
        )
        last_second = datetime.fromisoformat(f"2026-11-23T{departs}:00") + timedelta(
            seconds=leaves - 1
        )
        hours = opening_hours.OpeningHours(told, coords=(latitude, longitude))
        local = last_second.replace(tzinfo=ZoneInfo("UTC"))
        assert not hours.is_closed(local), (stop["poi"]["name"], told, local)
    await walker.leave()


def closed_at_night(tags: dict[str, str]) -> bool:
    """Whether everybody would expect to find the door locked."""
    return (
        tags.get("tourism") in {"museum", "gallery"}
        or tags.get("amenity") in {"pub", "bar", "cafe", "library", "arts_centre", "marketplace"}
        or "shop" in tags
    ) and "opening_hours" not in tags


@pytest.mark.soak
async def test_hundreds_of_walks_keep_their_promises(city: City) -> None:
    """The same from two hundred starts, twenty minutes to two hours, random themes."""
    used = await _judged_walks(city, random.Random(11), list(DURATIONS_MINUTES) * STARTS_A_CITY)
    assert statistics.median(used.shares) >= 0.9
    assert statistics.median(used.overlaps) <= 0.15
    print(
        f"{len(used.shares)} walks among 30 places or more use {statistics.median(used.shares):.1%}"
        f" (median); {statistics.median(used.overlaps):.1%} of a walk is walked twice"
    )


@dataclass
class Judgement:
    """What the walks of a city are like."""

    shares: list[float]  # of the time used, where there was much to see
    overlaps: list[float]


async def _judged_walks(city: City, dice: random.Random, durations: list[int]) -> Judgement:
    """Asks for a walk of each duration and looks for faults."""
    walker = await Walker.arrive(city.running.url)
    themes = [
        theme["id"] for theme in (await walker.http.get("/api/v1/interest-themes")).json()["data"]
    ]
    region = (await walker.http.get("/api/v1/regions")).json()["data"][0]
    used = Judgement([], [])
    for minutes in durations:
        wish = await _wish(walker, themes, region, minutes, dice)
        route = await walker.walk(wish)
        assert faults_of(route, wish, city.ground) == [], wish
        used.overlaps.append(route["summary"]["overlap_ratio"])
        if await _candidates_near(walker, wish) >= 30:
            used.shares.append(route["summary"]["total_seconds"] / (wish["duration_minutes"] * 60))
    await walker.leave()
    return used


async def _wish(
    walker: Walker, themes: list[str], region: dict[str, Any], minutes: int, dice: random.Random
) -> dict[str, Any]:
    """A start at some place of the city and some themes."""
    bounds = ",".join(str(edge) for edge in region["bounds"])
    places = (await walker.http.get(f"/api/v1/pois?bbox={bounds}&limit=100")).json()["data"]
    start = dice.choice(places)["location"]
    return {
        "start_location": start,
        "duration_minutes": minutes,
        "interest_theme_ids": dice.sample(themes, dice.randint(3, 8)),
        "popularity_bias": dice.random(),
        "accessibility": {
            "avoid_stairs": dice.random() < 0.25,
            "prefer_well_lit": dice.random() < 0.25,
        },
    }


async def _candidates_near(walker: Walker, wish: dict[str, Any]) -> int:
    """Places of the wanted themes within a quarter of the time's walk as the crow flies."""
    start = Point(*wish["start_location"]["coordinates"])
    box = BoundingBox.around(start, wish["duration_minutes"] * 60 * 1.33 / 4)
    query = {
        "bbox": f"{box.west},{box.south},{box.east},{box.north}",
        "theme_ids": ",".join(wish["interest_theme_ids"]),
        "limit": "100",
    }
    return len((await walker.http.get("/api/v1/pois", params=query)).json()["data"])
