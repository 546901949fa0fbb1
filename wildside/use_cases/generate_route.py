"""Finds the walk for a wish and gives it to everybody who waits for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from wildside.domain.events import RouteFailed, RouteGenerated
from wildside.domain.identifiers import RouteId
from wildside.domain.progress import Progress
from wildside.domain.route import Route
from wildside.ports import (
    Clock,
    Ids,
    Journal,
    News,
    OpeningHours,
    RouteCache,
    RouteEngine,
    Storage,
    StoredRequest,
    Work,
)
from wildside.use_cases.find_walk import FindWalk, FoundWalk

PERCENT_BEGUN = 5
PERCENT_SEARCHING = (10, 90)  # the engine's own 0..100 is mapped onto this
PERCENT_STEP = 10  # each step is a write and a message; finer ones tell nobody more


class GenerateRoute:
    """Answers all unfinished requests of one fingerprint with one walk."""

    def __init__(
        self,
        storage: Storage,
        cache: RouteCache,
        engine: RouteEngine,
        news: News,
        clock: Clock,
        ids: Ids,
        journal: Journal,
        opening_hours: OpeningHours,
    ) -> None:
        self._storage = storage
        self._cache = cache
        self._engine = engine
        self._find_walk = FindWalk(storage, engine, opening_hours)
        self._news = news
        self._clock = clock
        self._ids = ids
        self._journal = journal

    async def __call__(self, fingerprint: str, fence: int | None = None) -> None:
        """Does nothing where nobody waits (any more).

        `fence` is the claim's under which it runs: once a later claim has written, this one writes
        and tells nothing any more.
        Raises EngineFailed where the engine could not answer, Unavailable where storage could not.
        """
        began_at = self._clock.now()
        async with self._storage.read() as work:
            waiting = await work.requests.waiting_for(fingerprint)
        if not waiting:
            return
        await self._advance(fingerprint, PERCENT_BEGUN, fence)
        found = await self._known(fingerprint)
        if found is None:
            found = await self._searched(fingerprint, waiting[0], fence)
        served, first_route = await self._deliver(fingerprint, found, fence)
        if first_route is None:
            return
        # Only now may others be pointed to it: it is stored.
        await self._cache.keep(found.fingerprint, first_route)
        for progress in served:
            self._news.publish(progress)
        self._journal.note(
            RouteGenerated(
                waiting[0].progress.trace_id,
                (self._clock.now() - began_at).total_seconds(),
                len(found.walk.stops),
                len(served),
                found.walk.truncated,
            )
        )

    async def give_up(self, fingerprint: str, error: str, fence: int | None = None) -> None:
        """Ends every request that waits for this walk; `error` is the word their walkers read."""
        now = self._clock.now()
        async with self._storage.write() as work:
            waiting = await work.requests.waiting_for(fingerprint)
            ended = [
                progress
                for stored in waiting
                if await work.requests.advance(
                    progress := stored.progress.failed(error, now), fence=fence
                )
            ]
        for progress in ended:
            self._news.publish(progress)
            self._journal.note(RouteFailed(progress.request_id, progress.trace_id, error))

    async def _known(self, fingerprint: str) -> FoundWalk | None:
        """An equal wish may have been answered while this one waited."""
        route_id = await self._cache.find(fingerprint)
        if route_id is None:
            return None
        async with self._storage.read() as work:
            route = await work.routes.find(route_id)
            regions = await work.catalogue.regions()
        for region in regions:
            if route is not None and route.region == region.id:
                return FoundWalk(route.walk, region, fingerprint)
        return None

    async def _searched(
        self, fingerprint: str, stored: StoredRequest, fence: int | None
    ) -> FoundWalk:
        return await self._find_walk(
            stored.request,
            trace_id=stored.progress.trace_id,
            on_progress=self._telling(fingerprint, fence),
        )

    def _telling(self, fingerprint: str, fence: int | None) -> Callable[[int], Awaitable[None]]:
        told = PERCENT_BEGUN

        async def tell(percent_of_search: int) -> None:
            nonlocal told
            first, last = PERCENT_SEARCHING
            percent = first + (last - first) * min(100, max(0, percent_of_search)) // 100
            if percent >= told + PERCENT_STEP or (percent == last and told < last):
                told = percent
                await self._advance(fingerprint, percent, fence)

        return tell

    async def _advance(self, fingerprint: str, percent: int, fence: int | None) -> None:
        now = self._clock.now()
        async with self._storage.write() as work:
            advanced = []
            for stored in await work.requests.waiting_for(fingerprint):
                progress = stored.progress.moved_on(percent, now)
                if await work.requests.advance(progress, fence=fence):
                    advanced.append(progress)
        for progress in advanced:
            self._news.publish(progress)

    async def _deliver(
        self, fingerprint: str, found: FoundWalk, fence: int | None
    ) -> tuple[list[Progress], RouteId | None]:
        """Stores a route of their own for all who wait at this moment, together with their `complete`."""
        served: list[Progress] = []
        first_route: RouteId | None = None
        async with self._storage.write() as work:
            for stored in await work.requests.waiting_for(fingerprint):
                route_id = RouteId(self._ids.new())
                progress = stored.progress.completed(route_id, self._clock.now())
                if await work.requests.advance(progress, fence=fence):
                    await self._store(work, stored, progress, route_id, found)
                    served.append(progress)
                    first_route = first_route or route_id
        return served, first_route

    async def _store(
        self,
        work: Work,
        stored: StoredRequest,
        progress: Progress,
        route_id: RouteId,
        found: FoundWalk,
    ) -> None:
        await work.routes.save(
            Route(
                id=route_id,
                request_id=progress.request_id,
                user_id=progress.user_id,
                created_at=progress.updated_at,
                walk=found.walk,
                region=found.region.id,
                engine_version=self._engine.version,
                fingerprint=found.fingerprint,
                generation_params=stored.request.params(),
            )
        )
