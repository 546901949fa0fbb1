"""What must hold for every walk that is handed out, checked on the wire's own words."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from tests.end_to_end.raw_map import RawMap
from wildside.domain.geography import Point

Json = dict[str, Any]

OFF_THE_WAY_METRES = 0.5  # the graph keeps coordinates to a centimetre or so; a kerb is more
SAME_PLACE_METRES = 1.0


def _points(line: Json) -> list[Point]:
    assert line["type"] == "LineString"
    return [Point(*position) for position in line["coordinates"]]


def _length(points: list[Point]) -> float:
    return sum(a.distance_metres(b) for a, b in pairwise(points))


def faults_of(route: Json, wish: Json, ground: RawMap) -> list[str]:
    """Every broken promise of this walk in words; an empty list is a good walk."""
    return [
        *_shape_faults(route, wish),
        *_time_faults(route, wish),
        *_stop_faults(route, wish),
        *_ground_faults(route, ground),
    ]


def _shape_faults(route: Json, wish: Json) -> list[str]:
    faults = []
    path = _points(route["path"])
    if wish.get("end_location") is None and path[0].distance_metres(path[-1]) > SAME_PLACE_METRES:
        faults.append("the loop does not end where it began")
    legs = [_points(leg["path"]) for leg in route["legs"]]
    if legs and len(legs) != len(route["stops"]) + 1:
        faults.append(f"{len(legs)} legs for {len(route['stops'])} stops")
    for number, (earlier, later) in enumerate(pairwise(legs)):
        if earlier[-1].distance_metres(later[0]) > SAME_PLACE_METRES:
            faults.append(f"leg {number + 1} does not begin where leg {number} ended")
    for number, (leg, points) in enumerate(zip(route["legs"], legs, strict=True)):
        if abs(_length(points) - leg["distance_metres"]) > 2 + 0.01 * leg["distance_metres"]:
            faults.append(
                f"leg {number} is drawn {_length(points):.0f} m and told {leg['distance_metres']:.0f} m"
            )
    return faults


def _time_faults(route: Json, wish: Json) -> list[str]:
    faults = []
    summary = route["summary"]
    parts = sum(summary[f"{part}_seconds"] for part in ("walking", "visiting", "waiting"))
    if abs(parts - summary["total_seconds"]) > 1:
        faults.append("total_seconds is not the sum of its parts")
    if summary["total_seconds"] > wish["duration_minutes"] * 60 + 0.5:
        faults.append(f"{summary['total_seconds']:.0f} s is more than the walker has")
    walking = sum(leg["walking_seconds"] for leg in route["legs"])
    if abs(walking - summary["walking_seconds"]) > 1:
        faults.append(f"the legs take {walking:.0f} s, not {summary['walking_seconds']:.0f} s")
    clock = 0.0
    for leg, stop in zip(route["legs"], route["stops"], strict=False):
        clock += leg["walking_seconds"]
        if stop["arrival_offset_seconds"] < clock - 1:
            faults.append(f"stop {stop['position']} is reached before the way there is walked")
        clock = max(clock, stop["arrival_offset_seconds"]) + stop["visit_seconds"]
    if abs(summary["visiting_seconds"] - sum(s["visit_seconds"] for s in route["stops"])) > 1:
        faults.append("visiting_seconds is not the sum of the visits")
    return faults


def _stop_faults(route: Json, wish: Json) -> list[str]:
    faults = []
    seen = [stop["poi"]["id"] for stop in route["stops"]]
    if len(set(seen)) != len(seen):
        faults.append("a place is visited twice")
    if [stop["position"] for stop in route["stops"]] != list(range(1, len(seen) + 1)):
        faults.append("positions do not count from 1")
    wanted = set(wish.get("interest_theme_ids") or [])
    must = set(wish.get("must_visit_poi_ids") or [])
    for stop in route["stops"]:
        if wanted and not wanted & set(stop["poi"]["themes"]) and stop["poi"]["id"] not in must:
            faults.append(f"{stop['poi']['name']} has no wanted theme")
        if not stop["why"]:
            faults.append(f"nobody says why {stop['poi']['name']} is a stop")
    if not seen and "sparse_area" not in route["warnings"]:
        faults.append("no stop and no word about it")
    return faults


def _ground_faults(route: Json, ground: RawMap) -> list[str]:
    faults = []
    for leg in route["legs"]:
        for point in _points(leg["path"]):
            off = ground.metres_off(point.longitude, point.latitude)
            if off > OFF_THE_WAY_METRES:
                faults.append(
                    f"{point.latitude:.6f},{point.longitude:.6f} lies {off:.1f} m off every way"
                )
    return faults
