"""Accepts a wish for a walk: answers it from the cache, or promises a job for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from wildside.domain.accounts import User
from wildside.domain.catalogue import Region
from wildside.domain.errors import Invalid, Unavailable
from wildside.domain.events import JobNotQueued, RouteLookedUp, RouteRequested
from wildside.domain.geography import Point
from wildside.domain.identifiers import PlaceId, RequestId, RouteId, ThemeId, TraceId, UserId
from wildside.domain.jobs import NO_PARENT, JobKind, route_job
from wildside.domain.progress import Progress, Stage
from wildside.domain.route import OwnCopy
from wildside.domain.route_request import RouteRequest
from wildside.ports import (
    Clock,
    Ids,
    JobQueue,
    Journal,
    News,
    RouteCache,
    RouteEngine,
    Storage,
    StoredRequest,
    Work,
)
from wildside.use_cases.accounts import refuse_unknown_themes


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """A wish that can be granted, with the walker's own settings filled in."""

    user_id: UserId
    trace_id: TraceId
    request: RouteRequest
    fingerprint: str
    known_route: RouteId | None
    parent: Mapping[str, str] = field(default_factory=dict)


class RequestRoute:
    """Two steps, so that everything slow happens before the write lock is taken."""

    def __init__(
        self,
        storage: Storage,
        cache: RouteCache,
        engine: RouteEngine,
        queue: JobQueue,
        news: News,
        clock: Clock,
        ids: Ids,
        journal: Journal,
    ) -> None:
        self._storage = storage
        self._cache = cache
        self._engine = engine
        self._queue = queue
        self._news = news
        self._clock = clock
        self._ids = ids
        self._journal = journal

    async def prepare(
        self,
        user: User,
        wish: RouteRequest,
        trace_id: TraceId,
        parent: Mapping[str, str] = NO_PARENT,
    ) -> PreparedRequest:
        """Checks the wish of the walker just admitted against the map; `parent` goes into the job's logs.

        Raises Invalid (`outside_coverage`, `unknown_theme`, `unknown_place`), Unavailable when the
        queue is full.
        """
        offered: list[ThemeId] = []
        places: dict[PlaceId, Point] = {}
        # Who names no themes and has none wants all of them, whatever they are.
        names_themes = bool(wish.theme_ids or user.interest_theme_ids)
        named = (*wish.must_visit, *wish.avoid)
        look = self._storage.read if names_themes or named else self._storage.glance
        async with look() as work:
            regions = await work.catalogue.regions()
            if names_themes:
                offered = [theme.id for theme in await work.catalogue.themes()]
            if named:
                found = await work.catalogue.places(named)
                places = {place.id: place.location for place in found}
        refuse_unknown_themes(wish.theme_ids, set(offered))
        request = replace(
            wish,
            theme_ids=wish.theme_ids or _interests(user, offered),
            walking_speed_kmh=user.preferences.walking_speed_kmh,
        )
        answerable = await self._answerable(regions, request)
        _refuse_unknown_places(wish.must_visit, places, answerable.region)
        _refuse_far_end(request)
        known_route = answerable.known_route
        self._journal.note(RouteLookedUp(hit=known_route is not None))
        if known_route is None:
            await self._queue.expect_room(JobKind.GENERATE_ROUTE)
        return PreparedRequest(
            user.id, trace_id, request, answerable.fingerprint, known_route, parent
        )

    async def accept(self, work: Work, prepared: PreparedRequest) -> Progress:
        """Stores the wish: complete where the cache knew its walk, else pending.

        The stored row is the promise; the job and the news follow the commit.
        """
        now = self._clock.now()
        pending = Progress(
            request_id=RequestId(self._ids.new()),
            user_id=prepared.user_id,
            stage=Stage.PENDING,
            percent=0,
            updated_at=now,
            trace_id=prepared.trace_id,
        )
        copied = await self._copied(work, prepared, pending)
        progress = pending if copied is None else pending.completed(copied, now)
        await work.requests.add(StoredRequest(prepared.request, progress, prepared.fingerprint))

        async def tell() -> None:
            self._journal.note(
                RouteRequested(
                    progress.request_id,
                    prepared.user_id,
                    prepared.trace_id,
                    prepared.request.duration_minutes,
                    from_cache=copied is not None,
                )
            )
            self._news.publish(progress)
            if copied is None:
                await self._enqueue(prepared)

        work.after_commit(tell)
        return progress

    async def _copied(
        self, work: Work, prepared: PreparedRequest, pending: Progress
    ) -> RouteId | None:
        """The walk that the cache knew, as the asker's own; None where there is none (any more)."""
        if prepared.known_route is None:
            return None
        own = OwnCopy(
            RouteId(self._ids.new()),
            pending.request_id,
            pending.user_id,
            pending.updated_at,
            prepared.request.params(),
        )
        return own.id if await work.routes.copy(prepared.known_route, own) else None

    async def _enqueue(self, prepared: PreparedRequest) -> None:
        job = route_job(prepared.fingerprint, prepared.trace_id, prepared.parent)
        try:
            await self._queue.put(job)
        except Unavailable as error:
            # Accepted is accepted: the row is there, and the reconciler finds it without a job.
            self._journal.note(JobNotQueued(job.key, prepared.trace_id, error.message))

    async def _answerable(self, regions: Sequence[Region], request: RouteRequest) -> _Answerable:
        """The wish in the region with a footpath near the start and the end."""
        refusal = _outside("start_location")
        for region in regions:
            if not region.bounds.contains(request.start):
                continue
            fingerprint = request.fingerprint(
                region_version=region.version, engine_version=self._engine.version
            )
            known_route = await self._cache.find(fingerprint)
            # Whoever was answered here has found the footpaths that an equal wish needs.
            if known_route is not None:
                return _Answerable(region, fingerprint, known_route)
            if not await self._engine.reaches_footpath(region, request.start):
                continue
            if request.end is None or await self._reaches(region, request.end):
                return _Answerable(region, fingerprint, None)
            refusal = _outside("end_location")
        raise refusal

    async def _reaches(self, region: Region, point: Point) -> bool:
        return region.bounds.contains(point) and await self._engine.reaches_footpath(region, point)


@dataclass(frozen=True, slots=True)
class _Answerable:
    """A wish's region, what equal wishes there share, and the route that answered one of them."""

    region: Region
    fingerprint: str
    known_route: RouteId | None


def _outside(field: str) -> Invalid:
    return Invalid.field(
        field, "outside_coverage", "there is no footpath of a known region within 500 m"
    )


def _refuse_far_end(request: RouteRequest) -> None:
    if request.end is None or request.start.distance_metres(request.end) <= request.reach_metres:
        return
    raise Invalid.field(
        "end_location", "out_of_reach", "the end is farther than one can walk in this time"
    )


def _refuse_unknown_places(
    must_visit: Sequence[PlaceId], places: dict[PlaceId, Point], region: Region
) -> None:
    for place_id in must_visit:
        if place_id not in places or not region.bounds.contains(places[place_id]):
            raise Invalid.field(
                "must_visit_poi_ids", "unknown_place", f"there is no place {place_id} here"
            )


def _interests(user: User, offered: Sequence[ThemeId]) -> tuple[ThemeId, ...]:
    """The walker's interests that are still on offer; none of them means all themes."""
    return tuple(theme_id for theme_id in user.interest_theme_ids if theme_id in offered)
