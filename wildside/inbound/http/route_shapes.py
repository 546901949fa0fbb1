"""How wishes, requests and walks look in JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from wildside.domain.errors import Invalid
from wildside.domain.identifiers import PlaceId, ThemeId
from wildside.domain.progress import Progress
from wildside.domain.route import Leg, Route, RouteSummary, Stop, Summary
from wildside.domain.route_request import (
    LONGEST_MINUTES,
    MOST_PLACES_NAMED,
    SHORTEST_MINUTES,
    RouteRequest,
)
from wildside.inbound.forms.attribution import ATTRIBUTION
from wildside.inbound.http.catalogue import PlaceShape, place_shape
from wildside.inbound.http.shapes import (
    LineShape,
    PageQuery,
    PointShape,
    Timestamp,
    UuidText,
    line_shape,
    point_of,
    point_shape,
    timestamp,
)

PlaceNumber = Annotated[int, Meta(ge=0, le=2**62)]


class AccessibilityShape(msgspec.Struct, forbid_unknown_fields=True):
    """What a walker's legs and eyes want."""

    avoid_stairs: bool = False
    prefer_well_lit: bool = False


class WishShape(msgspec.Struct, forbid_unknown_fields=True):
    """A walk asked for."""

    start_location: PointShape
    duration_minutes: Annotated[int, Meta(ge=SHORTEST_MINUTES, le=LONGEST_MINUTES)]
    interest_theme_ids: Annotated[list[UUID], Meta(max_length=100)] | None = None
    popularity_bias: Annotated[float, Meta(ge=0, le=1)] = 0.5
    accessibility: AccessibilityShape = msgspec.field(default_factory=AccessibilityShape)
    end_location: PointShape | None = None
    depart_at: Annotated[datetime, Meta(extra_json_schema={"format": "date-time"})] | None = None
    must_visit_poi_ids: Annotated[list[PlaceNumber], Meta(max_length=MOST_PLACES_NAMED)] = (
        msgspec.field(default_factory=list)
    )
    avoid_poi_ids: Annotated[list[PlaceNumber], Meta(max_length=MOST_PLACES_NAMED)] = msgspec.field(
        default_factory=list
    )

    def route_request(self) -> RouteRequest:
        """The wish, or what contradicts itself in it."""
        if self.depart_at is not None and self.depart_at.tzinfo is None:
            raise Invalid.field("depart_at", "invalid", "depart_at needs a time zone")
        end = self.end_location
        return RouteRequest(
            start=point_of(self.start_location, "start_location"),
            duration_minutes=self.duration_minutes,
            theme_ids=tuple(ThemeId(theme) for theme in self.interest_theme_ids or ()),
            popularity_bias=self.popularity_bias,
            avoid_stairs=self.accessibility.avoid_stairs,
            prefer_well_lit=self.accessibility.prefer_well_lit,
            end=None if end is None else point_of(end, "end_location"),
            depart_at=self.depart_at,
            must_visit=tuple(PlaceId(place) for place in self.must_visit_poi_ids),
            avoid=tuple(PlaceId(place) for place in self.avoid_poi_ids),
        )


class AcceptedShape(msgspec.Struct):
    """A wish accepted, and where to ask how it comes along."""

    request_id: UuidText
    status: Literal["pending", "in_progress", "complete", "failed"]
    status_url: str


class StatusShape(msgspec.Struct, omit_defaults=True):
    """How far a request has come."""

    request_id: UuidText
    status: Literal["pending", "in_progress", "complete", "failed"]
    progress: Annotated[int, Meta(ge=0, le=100)]
    updated_at: Timestamp
    route_id: UuidText | None = None
    error: str | None = None


class SummaryShape(msgspec.Struct, omit_defaults=True):
    """What a walk adds up to."""

    distance_metres: float
    walking_seconds: float
    visiting_seconds: float
    waiting_seconds: float
    total_seconds: float
    stop_count: int
    score: float
    overlap_ratio: float
    ascent_metres: float | None = None


class StopShape(msgspec.Struct):
    """A visit."""

    position: int
    poi: PlaceShape
    location: PointShape
    arrival_offset_seconds: float
    visit_seconds: float
    score: float
    why: list[str]


class InstructionShape(msgspec.Struct):
    """One thing to do on a leg."""

    text: str
    street: str | None
    distance_metres: float
    manoeuvre: str


class LegShape(msgspec.Struct):
    """From one position to the next; 0 is the start."""

    from_position: int
    to_position: int
    distance_metres: float
    walking_seconds: float
    path: LineShape
    instructions: list[InstructionShape]


class RouteShape(msgspec.Struct):
    """A walk in full."""

    id: UuidText
    request_id: UuidText
    created_at: Timestamp
    saved: bool
    generation_params: dict[str, Any]
    region: str
    engine_version: str
    path: LineShape
    summary: SummaryShape
    stops: list[StopShape]
    legs: list[LegShape]
    warnings: list[str]
    truncated: bool
    attribution: str


class RouteSummaryShape(msgspec.Struct):
    """A walk in one line."""

    id: UuidText
    request_id: UuidText
    created_at: Timestamp
    saved: bool
    region: str
    summary: SummaryShape
    stop_names: list[str]
    warnings: list[str]
    generation_params: dict[str, Any]


class RouteQuery(PageQuery, kw_only=True):
    """Which of one's walks."""

    saved: bool | None = None


class SharedQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The token of a link to the walk, where no cookie comes along."""

    token: Annotated[str, Meta(max_length=200, pattern="^[A-Za-z0-9_-]*$")] | None = None


def status_shape(progress: Progress) -> StatusShape:
    """The latest word on a request."""
    return StatusShape(
        str(progress.request_id),
        progress.stage.value,
        progress.percent,
        timestamp(progress.updated_at),
        None if progress.route_id is None else str(progress.route_id),
        progress.error,
    )


def route_shape(route: Route) -> RouteShape:
    """The walk as its owner sees it."""
    walk = route.walk
    return RouteShape(
        id=str(route.id),
        request_id=str(route.request_id),
        created_at=timestamp(route.created_at),
        saved=route.saved,
        generation_params=dict(route.generation_params),
        region=route.region,
        engine_version=route.engine_version,
        path=line_shape(walk.path),
        summary=_summary(walk.summary),
        stops=[_stop(stop) for stop in walk.stops],
        legs=[_leg(leg) for leg in walk.legs],
        warnings=list(walk.warnings),
        truncated=walk.truncated,
        attribution=ATTRIBUTION,
    )


def route_summary_shape(route: RouteSummary) -> RouteSummaryShape:
    """The walk in one line."""
    return RouteSummaryShape(
        str(route.id),
        str(route.request_id),
        timestamp(route.created_at),
        route.saved,
        route.region,
        _summary(route.summary),
        list(route.stop_names),
        list(route.warnings),
        dict(route.generation_params),
    )


def _summary(summary: Summary) -> SummaryShape:
    times = (summary.walking_seconds, summary.visiting_seconds, summary.waiting_seconds)
    walking, visiting, waiting = (round(seconds, 1) for seconds in times)
    return SummaryShape(
        distance_metres=round(summary.distance_metres, 1),
        walking_seconds=walking,
        visiting_seconds=visiting,
        waiting_seconds=waiting,
        # The sum of what is shown: rounding must not make a liar of it.
        total_seconds=round(walking + visiting + waiting, 1),
        stop_count=summary.stop_count,
        score=round(summary.score, 3),
        overlap_ratio=round(summary.overlap_ratio, 4),
        ascent_metres=None if summary.ascent_metres is None else round(summary.ascent_metres, 1),
    )


def _stop(stop: Stop) -> StopShape:
    return StopShape(
        stop.position,
        place_shape(stop.place),
        point_shape(stop.location),
        round(stop.arrival_offset_seconds, 1),
        round(stop.visit_seconds, 1),
        round(stop.score, 3),
        list(stop.why),
    )


def _leg(leg: Leg) -> LegShape:
    return LegShape(
        leg.from_position,
        leg.to_position,
        round(leg.distance_metres, 1),
        round(leg.walking_seconds, 1),
        line_shape(leg.path),
        [
            InstructionShape(step.text, step.street, round(step.distance_metres, 1), step.manoeuvre)
            for step in leg.instructions
        ],
    )
