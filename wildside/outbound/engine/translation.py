"""Puts a walker's wish into the engine's words, and the engine's answer into the walker's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from solver import Answer, Candidate, OpenWindow, Question
from solver.question import Leg as SolvedLeg
from solver.question import Stop as SolvedStop
from wildside.domain.geography import Point
from wildside.domain.identifiers import PlaceId, ThemeId
from wildside.domain.route import Instruction, Leg, Stop, Summary, Walk
from wildside.domain.route_request import RouteRequest
from wildside.domain.scoring import ScoredPlace, most_stops

# The second stop of one theme is worth 85 %, the third 72 %: a walk of five churches is dull, but a
# church too many beats no stop at all. Who names several themes wants to meet all of them: the one
# mural round the corner must beat the sixth pub.
DECAY_OF_ONE_THEME, DECAY_OF_SEVERAL = 0.85, 0.7
ITERATIONS = 4000  # 20 to 50 ms for 200 candidates
SECONDS_CAP = 5.0
# A search fills the time to the second; without this nothing would be left for the nicer street.
PLEASURE_SHARE = 0.05
# Raise it when the same question is answered differently: cached answers then end.
ANSWERS_VERSION = 8
# The engine tells a scrap of the map from a sparse one; to a walker both say: little to see here.
WARNINGS = {"start_on_island": "sparse_area"}
ENGINE_VERSION = f"{ANSWERS_VERSION}.{ITERATIONS}"


def question_of(request: RouteRequest, candidates: Sequence[ScoredPlace], seed: int) -> Question:
    """The question whose answer is the walk."""
    groups = _group_numbers(candidates)
    return Question(
        start=_lon_lat(request.start),
        budget_seconds=float(request.budget_seconds),
        candidates=tuple(
            Candidate(
                key=candidate.place.id,
                doors=tuple(
                    _lon_lat(door) for door in candidate.place.doors or (candidate.place.location,)
                ),
                score=candidate.score,
                visit_seconds=candidate.place.visit_seconds,
                must_visit=candidate.must_visit,
                group=-1 if candidate.main_theme is None else groups[candidate.main_theme],
                windows=_windows(candidate),
            )
            for candidate in candidates
        ),
        end=None if request.end is None else _lon_lat(request.end),
        avoid_stairs=request.avoid_stairs,
        prefer_well_lit=request.prefer_well_lit,
        metres_per_second=request.walking_speed_kmh / 3.6,
        most_stops=most_stops(candidates, request.budget_seconds),
        group_decay=DECAY_OF_SEVERAL if len(groups) > 1 else DECAY_OF_ONE_THEME,
        pleasure_share=PLEASURE_SHARE,
        seed=seed,
        iterations=ITERATIONS,
        seconds_cap=SECONDS_CAP,
    )


def walk_of(answer: Answer, candidates: Sequence[ScoredPlace]) -> Walk:
    """The answer as a walk; its path is the legs' paths, each joint once."""
    asked = {candidate.place.id: candidate for candidate in candidates}
    legs = tuple(_leg(position, leg) for position, leg in enumerate(answer.legs))
    return Walk(
        path=_joined(leg.path for leg in legs),
        summary=Summary(
            distance_metres=answer.distance_metres,
            walking_seconds=answer.walking_seconds,
            visiting_seconds=answer.visiting_seconds,
            waiting_seconds=answer.waiting_seconds,
            stop_count=len(answer.stops),
            score=answer.score,
            overlap_ratio=answer.overlap_ratio,
            ascent_metres=answer.ascent_metres,
        ),
        stops=tuple(
            _stop(position, stop, asked) for position, stop in enumerate(answer.stops, start=1)
        ),
        legs=legs,
        warnings=tuple(
            dict.fromkeys(WARNINGS.get(warning, warning) for warning in answer.warnings)
        ),
        truncated=answer.truncated,
    )


def _windows(candidate: ScoredPlace) -> tuple[OpenWindow, ...]:
    """Opening hours as the engine takes them; none for a must that is shut, which is visited all the same."""
    if not candidate.hours.admits(candidate.place.visit_seconds):
        return ()
    return tuple(
        OpenWindow(span.opens_seconds, span.closes_seconds) for span in candidate.hours.spans or ()
    )


def _group_numbers(candidates: Iterable[ScoredPlace]) -> dict[ThemeId, int]:
    """Themes numbered in the order of their ids: equal wishes give equal questions."""
    themes = {candidate.main_theme for candidate in candidates if candidate.main_theme is not None}
    return {theme_id: number for number, theme_id in enumerate(sorted(themes))}


def _lon_lat(point: Point) -> tuple[float, float]:
    return (point.longitude, point.latitude)


def _stop(position: int, stop: SolvedStop, asked: Mapping[PlaceId, ScoredPlace]) -> Stop:
    candidate = asked[PlaceId(stop.key)]
    return Stop(
        position=position,
        place=candidate.place,
        location=Point(*stop.location),
        arrival_offset_seconds=stop.arrival_seconds,
        visit_seconds=stop.visit_seconds,
        score=stop.score,
        why=candidate.why,
    )


def _leg(position: int, leg: SolvedLeg) -> Leg:
    return Leg(
        from_position=position,
        to_position=position + 1,
        distance_metres=leg.distance_metres,
        walking_seconds=leg.walking_seconds,
        path=tuple(Point(longitude, latitude) for longitude, latitude in leg.path),
        instructions=tuple(
            Instruction(step.text, step.street, step.distance_metres, step.manoeuvre)
            for step in leg.instructions
        ),
    )


def _joined(paths: Iterable[tuple[Point, ...]]) -> tuple[Point, ...]:
    joined: list[Point] = []
    for path in paths:
        joined.extend(path[1:] if joined and path[:1] == (joined[-1],) else path)
    return tuple(joined)
