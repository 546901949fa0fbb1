"""Shows walkers their own requests and walks, and nobody else's."""

from __future__ import annotations

from wildside.domain.errors import NotFound
from wildside.domain.identifiers import RequestId, RouteId, UserId
from wildside.domain.paging import Page, PageRequest
from wildside.domain.progress import Progress
from wildside.domain.route import Route, RouteSummary
from wildside.ports import Storage


class ReadRoutes:
    """Reads what belongs to a walker; what belongs to another is NotFound, as if it were not there."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def status(self, user_id: UserId, request_id: RequestId) -> Progress:
        """The latest word on one request."""
        async with self._storage.glance() as work:
            stored = await work.requests.find(request_id)
        if stored is None or stored.progress.user_id != user_id:
            raise NotFound(f"there is no request {request_id}")
        return stored.progress

    async def route(self, user_id: UserId, route_id: RouteId) -> Route:
        """One walk in full."""
        async with self._storage.glance() as work:
            route = await work.routes.find(route_id)
        if route is None or route.user_id != user_id:
            raise NotFound(f"there is no route {route_id}")
        return route

    async def is_saved(self, user_id: UserId, route_id: RouteId) -> bool:
        """Whether the walker's route is saved: all of a found walk that ever changes."""
        async with self._storage.read() as work:
            standing = await work.routes.standing(route_id)
        if standing is None or standing[0] != user_id:
            raise NotFound(f"there is no route {route_id}")
        return standing[1]

    async def anybodys(self, route_id: RouteId) -> Route:
        """One walk in full, for whoever has proved otherwise that they may see it."""
        async with self._storage.glance() as work:
            route = await work.routes.find(route_id)
        if route is None:
            raise NotFound(f"there is no route {route_id}")
        return route

    async def page(
        self, user_id: UserId, saved: bool | None, page: PageRequest
    ) -> Page[RouteSummary]:
        """The walker's walks in one line each, newest first."""
        async with self._storage.glance() as work:
            return await work.routes.page(user_id, saved, page)
