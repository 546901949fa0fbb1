"""A small invented walk for tests that need one, not an engine."""

from datetime import UTC, datetime
from uuid import UUID

from wildside.domain.catalogue import Place
from wildside.domain.geography import Point
from wildside.domain.identifiers import RegionId, RequestId, RouteId, UserId, place_id
from wildside.domain.route import Instruction, Leg, Route, Stop, Summary, Walk

START = Point(-3.1883, 55.9533)
CORNER = Point(-3.1900, 55.9501)


def place(name: str, number: int = 7, location: Point = CORNER) -> Place:
    """A node of OpenStreetMap with a name."""
    return Place(place_id("node", number), "node", number, name, location, {"name": name})


def walk(*names: str) -> Walk:
    """From the start to each named place, all at one corner, and back."""
    stops = tuple(
        Stop(
            position, place(name, position), CORNER, 300.0 * position, 120.0, 60.0, ("Street art",)
        )
        for position, name in enumerate(names, start=1)
    )
    there = (START, CORNER)
    legs = tuple(
        Leg(
            number,
            number + 1,
            370.0,
            277.5,
            there if number == 0 else there[::-1],
            (Instruction("Head south on Cockburn Street", "Cockburn Street", 370.0, "depart"),),
        )
        for number in range(2 if names else 0)
    )
    return Walk(
        (START, CORNER, START) if names else (START, START),
        Summary(740.0 if names else 0.0, 555.0, 120.0 * len(names), 0.0, len(names), 60.0, 0.1),
        stops,
        legs,
        () if names else ("sparse_area",),
        truncated=False,
    )


def route(*names: str) -> Route:
    """The same walk as somebody's stored route."""
    return Route(
        RouteId(UUID(int=1)),
        RequestId(UUID(int=2)),
        UserId(UUID(int=3)),
        datetime(2026, 5, 4, 12, tzinfo=UTC),
        walk(*names),
        RegionId("edinburgh"),
        "engine-1",
        "f" * 64,
    )
