"""Accepts a wish for a walk: answers it from the cache, or promises a job for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from wildside.domain.accounts import User
from wildside.domain.catalogue import Region
from wildside.domain.errors import Invalid, Unauthorized, Unavailable
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
        user_id: UserId,
        wish: RouteRequest,
        trace_id: TraceId,
        parent: Mapping[str, str] = NO_PARENT,
    ) -> PreparedRequest:
        """Checks the wish against the map; `parent` goes into the job's logs.

        Raises Invalid (`outside_coverage`, `unknown_theme`, `unknown_place`), Unauthorized for a
        walker who is gone, Unavailable when the queue is full.
        """
        async with self._storage.read() as work:
            user = await work.accounts.find(user_id)
            if user is None or user.disabled:
                raise Unauthorized("this session belongs to nobody any more")
            offered: list[ThemeId] = []
            # Who names no themes and has none wants all of them, whatever they are.
            if wish.theme_ids or user.interest_theme_ids:
                offered = [theme.id for theme in await work.catalogue.themes()]
            refuse_unknown_themes(wish.theme_ids, set(offered))
            regions = await work.catalogue.regions()
            named = (*wish.must_visit, *wish.avoid)
            found = await work.catalogue.places(named) if named else ()
            places = {place.id: place.location for place in found}
        region = await self._covering_region(regions, wish)
        _refuse_unknown_places(wish.must_visit, places, region)
        request = replace(
            wish,
            theme_ids=wish.theme_ids or _interests(user, offered),
            walking_speed_kmh=user.preferences.walking_speed_kmh,
        )
        _refuse_far_end(request)
        fingerprint = request.fingerprint(
            region_version=region.version, engine_version=self._engine.version
        )
        known_route = await self._cache.find(fingerprint)
        self._journal.note(RouteLookedUp(hit=known_route is not None))
        if known_route is None:
            await self._queue.expect_room(JobKind.GENERATE_ROUTE)
        return PreparedRequest(user_id, trace_id, request, fingerprint, known_route, parent)

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

    async def _covering_region(self, regions: Sequence[Region], wish: RouteRequest) -> Region:
        """The region with a footpath near the start and the end."""
        refusal = _outside("start_location")
        for region in regions:
            if not await self._reaches(region, wish.start):
                continue
            if wish.end is None or await self._reaches(region, wish.end):
                return region
            refusal = _outside("end_location")
        raise refusal

    async def _reaches(self, region: Region, point: Point) -> bool:
        return region.bounds.contains(point) and await self._engine.reaches_footpath(region, point)


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
