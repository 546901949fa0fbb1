"""Lets walkers put a walk among their saved ones, take it out again, and delete it."""

from __future__ import annotations

from wildside.domain.errors import NotFound
from wildside.domain.identifiers import RouteId, UserId
from wildside.ports import Work


async def save_route(work: Work, user_id: UserId, route_id: RouteId, *, saved: bool) -> None:
    """Saves or unsaves the walker's route; NotFound where it is not theirs."""
    if not await work.routes.pin(user_id, route_id, saved=saved):
        raise NotFound(f"there is no route {route_id}")


async def delete_route(work: Work, user_id: UserId, route_id: RouteId) -> None:
    """Forgets the walker's route; NotFound where it is not theirs."""
    if not await work.routes.delete(user_id, route_id):
        raise NotFound(f"there is no route {route_id}")
