"""Finds the walk for a wish: the region, the places worth a look, the engine's answer. Stores nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from wildside.domain.catalogue import Place, Region
from wildside.domain.errors import EngineFailed
from wildside.domain.geography import Point
from wildside.domain.identifiers import TraceId
from wildside.domain.opening_hours import ALWAYS_OPEN, Hours
from wildside.domain.reach import Reach
from wildside.domain.route import Walk
from wildside.domain.route_request import RouteRequest
from wildside.domain.scoring import ScoredPlace, Taste, choose_candidates
from wildside.ports import OpeningHours, RouteEngine, Storage


@dataclass(frozen=True, slots=True)
class FoundWalk:
    """A walk, and by which map and engine it was found."""

    walk: Walk
    region: Region
    fingerprint: str


class FindWalk:
    """The search itself, for whoever asks: a job for a stored request, or the terminal."""

    def __init__(self, storage: Storage, engine: RouteEngine, opening_hours: OpeningHours) -> None:
        self._storage = storage
        self._engine = engine
        self._opening_hours = opening_hours

    async def __call__(
        self,
        request: RouteRequest,
        *,
        trace_id: TraceId,
        on_progress: Callable[[int], Awaitable[None]],
    ) -> FoundWalk:
        """The best walk found on today's map.

        Raises EngineFailed where the engine could not answer, Unavailable where storage could not.
        """
        region, candidates = await self._candidates(request)
        # The map may have changed since the wish was accepted: the answer is for today's.
        found_as = request.fingerprint(
            region_version=region.version, engine_version=self._engine.version
        )
        walk = await self._engine.plan(
            region,
            request,
            candidates,
            seed=seed_of(found_as),
            trace_id=trace_id,
            on_progress=on_progress,
        )
        return FoundWalk(with_warnings(walk, candidates), region, found_as)

    async def _candidates(self, request: RouteRequest) -> tuple[Region, Sequence[ScoredPlace]]:
        end = request.end or request.start
        reach = Reach(request.start, end, request.reach_metres)
        pace = request.walking_speed_kmh / 3.6
        async with self._storage.read() as work:
            regions = await work.catalogue.regions()
            region = await self._region_of(regions, [request.start, end])
            themes = {theme.id: theme for theme in await work.catalogue.themes()}
            wanted = {
                theme_id: themes[theme_id] for theme_id in request.theme_ids if theme_id in themes
            } or themes
            places = await work.catalogue.within(reach.bounds(), tuple(wanted))
            musts = await work.catalogue.places(request.must_visit)
        taste = Taste(wanted, request.popularity_bias, frozenset(place.id for place in musts))
        return region, choose_candidates(
            (*places, *musts),
            taste,
            reach,
            pace,
            avoid=frozenset(request.avoid),
            hours_of=await self._hours(region, request),
        )

    async def _hours(self, region: Region, request: RouteRequest) -> Callable[[Place], Hours]:
        """Opening hours count where somebody says when they set out."""
        if request.depart_at is None:
            return lambda _: ALWAYS_OPEN
        return await self._opening_hours.during(region, request.depart_at, request.budget_seconds)

    async def _region_of(self, regions: Sequence[Region], points: Sequence[Point]) -> Region:
        for region in regions:
            if not all(region.bounds.contains(point) for point in points):
                continue
            reached = [await self._engine.reaches_footpath(region, point) for point in points]
            if all(reached):
                return region
        raise EngineFailed("outside_coverage", _outside(regions, points), retryable=False)


def _outside(regions: Sequence[Region], points: Sequence[Point]) -> str:
    if not regions:
        return "no region has been taken in yet"
    named = ", ".join(region.name for region in regions)
    start, end = points
    if start == end:
        return f"no footpath of a known region ({named}) lies within 500 m of the start"
    return f"no known region ({named}) has footpaths within 500 m of both the start and the end"


def seed_of(fingerprint: str) -> int:
    """One wish, one answer: the dice of the search are thrown from the wish itself."""
    return int(fingerprint[:15], 16)


def with_warnings(walk: Walk, candidates: Sequence[ScoredPlace]) -> Walk:
    """The walk with what its walker should know beyond the engine's own warnings."""
    warnings = list(walk.warnings)
    if not walk.stops:
        warnings.append("sparse_area")
    visited = {stop.place.id for stop in walk.stops}
    stops = [candidate for candidate in candidates if candidate.place.id in visited]
    if any(not stop.hours.is_told for stop in stops):
        warnings.append("hours_unknown")
    if any(not stop.hours.admits(stop.place.visit_seconds) for stop in stops):
        warnings.append("must_visit_closed")
    return replace(walk, warnings=tuple(dict.fromkeys(warnings)))
