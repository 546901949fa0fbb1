"""A walk found: stops in order, the legs between them, and what it adds up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from wildside.domain.catalogue import Place
from wildside.domain.geography import Point
from wildside.domain.identifiers import RegionId, RequestId, RouteId, UserId


@dataclass(frozen=True, slots=True)
class Instruction:
    """One thing to do on a leg; `manoeuvre` is a stable code (depart, left, right, …, arrive)."""

    text: str
    street: str | None
    distance_metres: float
    manoeuvre: str


@dataclass(frozen=True, slots=True)
class Leg:
    """From one position to the next; position 0 is the start, the last is the end."""

    from_position: int
    to_position: int
    distance_metres: float
    walking_seconds: float
    path: tuple[Point, ...]
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """A visit: `position` counts from 1, `arrival_offset_seconds` from departure."""

    position: int
    place: Place
    location: Point
    arrival_offset_seconds: float
    visit_seconds: float
    score: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What the walk adds up to; `total_seconds` is the sum of the three times."""

    distance_metres: float
    walking_seconds: float
    visiting_seconds: float
    waiting_seconds: float
    stop_count: int
    score: float
    overlap_ratio: float
    ascent_metres: float | None = None

    @property
    def total_seconds(self) -> float:
        """Walking, visiting and waiting together."""
        return self.walking_seconds + self.visiting_seconds + self.waiting_seconds


@dataclass(frozen=True, slots=True)
class Walk:
    """The engine's answer in the walker's words, nobody's yet."""

    path: tuple[Point, ...]
    summary: Summary
    stops: tuple[Stop, ...]
    legs: tuple[Leg, ...]
    warnings: tuple[str, ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class Route:
    """A walk that belongs to a walker and is stored."""

    id: RouteId
    request_id: RequestId
    user_id: UserId
    created_at: datetime
    walk: Walk
    region: RegionId
    engine_version: str
    fingerprint: str
    generation_params: Mapping[str, object] = field(default_factory=dict)
    saved: bool = False

    def summary(self) -> RouteSummary:
        """What a list of walks shows of this one."""
        return RouteSummary(
            self.id,
            self.request_id,
            self.created_at,
            self.saved,
            self.region,
            self.walk.summary,
            tuple(stop.place.name for stop in self.walk.stops),
            self.walk.warnings,
            self.generation_params,
        )


@dataclass(frozen=True, slots=True)
class RouteSummary:
    """A stored walk in one line: what a list shows, without the paths that make a route heavy."""

    id: RouteId
    request_id: RequestId
    created_at: datetime
    saved: bool
    region: RegionId
    summary: Summary
    stop_names: tuple[str, ...]
    warnings: tuple[str, ...]
    generation_params: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class OwnCopy:
    """What of a copied walk is the asker's own: whose it was before is nobody's business."""

    id: RouteId
    request_id: RequestId
    user_id: UserId
    created_at: datetime
    generation_params: Mapping[str, object]
