"""Lets walkers put a walk among their saved ones, take it out again, and delete it."""

from __future__ import annotations

from wildside.domain.errors import NotFound
from wildside.domain.identifiers import RouteId, UserId
from wildside.domain.route import Route
from wildside.ports import RouteCache, Work


class KeepRoutes:
    """A saved walk goes on answering equal wishes for as long as it is saved."""

    def __init__(self, cache: RouteCache) -> None:
        self._cache = cache

    async def save(self, work: Work, user_id: UserId, route_id: RouteId, *, saved: bool) -> None:
        """Saves or unsaves the walker's route; NotFound where it is not theirs."""
        if not await work.routes.pin(user_id, route_id, saved=saved):
            raise NotFound(f"there is no route {route_id}")
        route = await work.routes.find(route_id)
        if route is not None:
            self._after_commit(work, route, pinned=saved)

    async def delete(self, work: Work, user_id: UserId, route_id: RouteId) -> None:
        """Forgets the walker's route; NotFound where it is not theirs."""
        route = await work.routes.find(route_id)
        if not await work.routes.delete(user_id, route_id):
            raise NotFound(f"there is no route {route_id}")
        if route is not None and route.saved:
            self._after_commit(work, route, pinned=False)

    def _after_commit(self, work: Work, route: Route, *, pinned: bool) -> None:
        tell = self._cache.pin if pinned else self._cache.unpin
        work.after_commit(lambda: tell(route.fingerprint, route.id))
