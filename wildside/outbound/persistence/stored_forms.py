"""Wishes and walks as JSON texts, written out so that renaming a field in the domain loses no stored walk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from wildside.domain.accounts import Preferences, Units
from wildside.domain.catalogue import Place
from wildside.domain.geography import Point
from wildside.domain.identifiers import OsmType, PlaceId, ThemeId
from wildside.domain.route import Instruction, Leg, Stop, Summary, Walk
from wildside.domain.route_request import RouteRequest

Position = tuple[float, float]


def to_json(value: object) -> str:
    """Compact JSON text."""
    return msgspec.json.encode(value).decode()


class _Preferences(msgspec.Struct):
    units: Units
    language: str
    walking_speed_kmh: float


class _Wish(msgspec.Struct):
    start: Position
    duration_minutes: int
    theme_ids: list[UUID]
    popularity_bias: float
    avoid_stairs: bool
    prefer_well_lit: bool
    end: Position | None
    depart_at: datetime | None
    must_visit: list[int]
    avoid: list[int]
    walking_speed_kmh: float


class _Place(msgspec.Struct):
    id: int
    osm_type: OsmType
    osm_id: int
    name: str
    location: Position
    tags: dict[str, str]
    themes: list[UUID]
    names: dict[str, str]
    popularity_score: float
    visit_seconds: float
    doors: list[Position]
    narrative: str | None


class _Stop(msgspec.Struct):
    position: int
    poi: _Place
    location: Position
    arrival_offset_seconds: float
    visit_seconds: float
    score: float
    why: list[str]


class _Instruction(msgspec.Struct):
    text: str
    street: str | None
    distance_metres: float
    manoeuvre: str


class _Leg(msgspec.Struct):
    from_position: int
    to_position: int
    distance_metres: float
    walking_seconds: float
    path: list[Position]
    instructions: list[_Instruction]


class _Summary(msgspec.Struct):
    distance_metres: float
    walking_seconds: float
    visiting_seconds: float
    waiting_seconds: float
    stop_count: int
    score: float
    overlap_ratio: float
    ascent_metres: float | None


class _SummaryLine(msgspec.Struct):
    """What a list of walks shows."""

    summary: _Summary
    stop_names: list[str]
    warnings: list[str]


class _Walk(msgspec.Struct):
    path: list[Position]
    summary: _Summary
    stops: list[_Stop]
    legs: list[_Leg]
    warnings: list[str]
    truncated: bool


_PREFERENCES = msgspec.json.Decoder(_Preferences)
_WISH = msgspec.json.Decoder(_Wish)
_WALK = msgspec.json.Decoder(_Walk)
_SUMMARY_LINE = msgspec.json.Decoder(_SummaryLine)
_TEXTS = msgspec.json.Decoder(dict[str, str])
_POSITIONS = msgspec.json.Decoder(list[Position])
_IDENTIFIERS = msgspec.json.Decoder(list[UUID])
_OBJECT = msgspec.json.Decoder(dict[str, object])


def texts_from_json(text: str) -> Mapping[str, str]:
    """A mapping of texts, like a place's tags."""
    return _TEXTS.decode(text)


def object_from_json(text: str) -> Mapping[str, object]:
    """Any JSON object."""
    return _OBJECT.decode(text)


def theme_ids_from_json(text: str) -> tuple[ThemeId, ...]:
    """A list of theme ids."""
    return tuple(ThemeId(theme_id) for theme_id in _IDENTIFIERS.decode(text))


def points_to_json(points: Iterable[Point]) -> str:
    """Positions as GeoJSON writes them."""
    return to_json([_position(point) for point in points])


def points_from_json(text: str) -> tuple[Point, ...]:
    """The points of such a list."""
    return _points(_POSITIONS.decode(text))


def preferences_to_json(preferences: Preferences) -> str:
    """What `preferences_from_json` reads."""
    return to_json(
        _Preferences(preferences.units, preferences.language, preferences.walking_speed_kmh)
    )


def preferences_from_json(text: str) -> Preferences:
    """The preferences as they were stored."""
    kept = _PREFERENCES.decode(text)
    return Preferences(kept.units, kept.language, kept.walking_speed_kmh)


def wish_to_json(request: RouteRequest) -> str:
    """What `wish_from_json` reads."""
    return to_json(
        _Wish(
            start=_position(request.start),
            duration_minutes=request.duration_minutes,
            theme_ids=list(request.theme_ids),
            popularity_bias=request.popularity_bias,
            avoid_stairs=request.avoid_stairs,
            prefer_well_lit=request.prefer_well_lit,
            end=None if request.end is None else _position(request.end),
            depart_at=request.depart_at,
            must_visit=list(request.must_visit),
            avoid=list(request.avoid),
            walking_speed_kmh=request.walking_speed_kmh,
        )
    )


def wish_from_json(text: str) -> RouteRequest:
    """The wish as it was accepted."""
    wish = _WISH.decode(text)
    return RouteRequest(
        start=Point(*wish.start),
        duration_minutes=wish.duration_minutes,
        theme_ids=tuple(ThemeId(theme_id) for theme_id in wish.theme_ids),
        popularity_bias=wish.popularity_bias,
        avoid_stairs=wish.avoid_stairs,
        prefer_well_lit=wish.prefer_well_lit,
        end=None if wish.end is None else Point(*wish.end),
        depart_at=wish.depart_at,
        must_visit=tuple(PlaceId(place) for place in wish.must_visit),
        avoid=tuple(PlaceId(place) for place in wish.avoid),
        walking_speed_kmh=wish.walking_speed_kmh,
    )


def summary_line_to_json(walk: Walk) -> str:
    """What `summary_line_from_json` reads."""
    return to_json(
        _SummaryLine(
            _stored_summary(walk.summary),
            [stop.place.name for stop in walk.stops],
            list(walk.warnings),
        )
    )


def summary_line_from_json(text: str) -> tuple[Summary, tuple[str, ...], tuple[str, ...]]:
    """The summary, the names of the stops and the warnings."""
    line = _SUMMARY_LINE.decode(text)
    return _summary(line.summary), tuple(line.stop_names), tuple(line.warnings)


def walk_to_json(walk: Walk) -> str:
    """What `walk_from_json` reads."""
    return to_json(
        _Walk(
            path=_positions(walk.path),
            summary=_stored_summary(walk.summary),
            stops=[_stored_stop(stop) for stop in walk.stops],
            legs=[_stored_leg(leg) for leg in walk.legs],
            warnings=list(walk.warnings),
            truncated=walk.truncated,
        )
    )


def walk_from_json(text: str) -> Walk:
    """The walk as it was found."""
    walk = _WALK.decode(text)
    return Walk(
        path=_points(walk.path),
        summary=_summary(walk.summary),
        stops=tuple(_stop(stop) for stop in walk.stops),
        legs=tuple(_leg(leg) for leg in walk.legs),
        warnings=tuple(walk.warnings),
        truncated=walk.truncated,
    )


def _position(point: Point) -> Position:
    return (point.longitude, point.latitude)


def _positions(points: Iterable[Point]) -> list[Position]:
    return [(point.longitude, point.latitude) for point in points]


def _points(positions: Iterable[Position]) -> tuple[Point, ...]:
    return tuple(Point(longitude, latitude) for longitude, latitude in positions)


def _stored_summary(summary: Summary) -> _Summary:
    return _Summary(
        summary.distance_metres,
        summary.walking_seconds,
        summary.visiting_seconds,
        summary.waiting_seconds,
        summary.stop_count,
        summary.score,
        summary.overlap_ratio,
        summary.ascent_metres,
    )


def _summary(kept: _Summary) -> Summary:
    return Summary(
        kept.distance_metres,
        kept.walking_seconds,
        kept.visiting_seconds,
        kept.waiting_seconds,
        kept.stop_count,
        kept.score,
        kept.overlap_ratio,
        kept.ascent_metres,
    )


def _stored_stop(stop: Stop) -> _Stop:
    place = stop.place
    return _Stop(
        position=stop.position,
        poi=_Place(
            id=place.id,
            osm_type=place.osm_type,
            osm_id=place.osm_id,
            name=place.name,
            location=_position(place.location),
            tags=dict(place.tags),
            themes=list(place.theme_ids),
            names=dict(place.names),
            popularity_score=place.popularity_score,
            visit_seconds=place.visit_seconds,
            doors=_positions(place.doors),
            narrative=place.narrative,
        ),
        location=_position(stop.location),
        arrival_offset_seconds=stop.arrival_offset_seconds,
        visit_seconds=stop.visit_seconds,
        score=stop.score,
        why=list(stop.why),
    )


def _stop(kept: _Stop) -> Stop:
    return Stop(
        position=kept.position,
        place=Place(
            id=PlaceId(kept.poi.id),
            osm_type=kept.poi.osm_type,
            osm_id=kept.poi.osm_id,
            name=kept.poi.name,
            location=Point(*kept.poi.location),
            tags=kept.poi.tags,
            theme_ids=tuple(ThemeId(theme_id) for theme_id in kept.poi.themes),
            names=kept.poi.names,
            popularity_score=kept.poi.popularity_score,
            visit_seconds=kept.poi.visit_seconds,
            doors=_points(kept.poi.doors),
            narrative=kept.poi.narrative,
        ),
        location=Point(*kept.location),
        arrival_offset_seconds=kept.arrival_offset_seconds,
        visit_seconds=kept.visit_seconds,
        score=kept.score,
        why=tuple(kept.why),
    )


def _stored_leg(leg: Leg) -> _Leg:
    return _Leg(
        leg.from_position,
        leg.to_position,
        leg.distance_metres,
        leg.walking_seconds,
        _positions(leg.path),
        [
            _Instruction(step.text, step.street, step.distance_metres, step.manoeuvre)
            for step in leg.instructions
        ],
    )


def _leg(kept: _Leg) -> Leg:
    return Leg(
        kept.from_position,
        kept.to_position,
        kept.distance_metres,
        kept.walking_seconds,
        _points(kept.path),
        tuple(
            Instruction(step.text, step.street, step.distance_metres, step.manoeuvre)
            for step in kept.instructions
        ),
    )
