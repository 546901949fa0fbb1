"""Shares a walk by a link, shows it to whoever has the link, and takes the links back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from wildside.domain.errors import NotFound
from wildside.domain.identifiers import RouteId, UserId
from wildside.domain.route import Route
from wildside.domain.shares import MOST_SHARES_OF_A_ROUTE, SHARED_FOR, Share, token_hash
from wildside.ports import Clock, Storage, Work


@dataclass(frozen=True, slots=True)
class FreshShare:
    """A new link's token, told once and never again."""

    token: str
    expires_at: datetime


class ShareRoutes:
    """Several links may lead to one walk; all of them are revoked together.

    `new_token` makes 256 random bits as URL-safe text.
    """

    def __init__(self, storage: Storage, clock: Clock, new_token: Callable[[], str]) -> None:
        self._storage = storage
        self._clock = clock
        self._new_token = new_token

    async def share(self, work: Work, user_id: UserId, route_id: RouteId) -> FreshShare:
        """Another link to the walker's route; NotFound where it is not theirs."""
        await _own(work, user_id, route_id)
        now = self._clock.now()
        earlier = await work.shares.of_route(route_id)
        for share in earlier[: max(0, len(earlier) + 1 - MOST_SHARES_OF_A_ROUTE)]:
            await work.shares.forget(share.token_hash)
        token = self._new_token()
        share = Share(token_hash(token), route_id, now, now + SHARED_FOR)
        await work.shares.add(share)
        return FreshShare(token, share.expires_at)

    async def revoke(self, work: Work, user_id: UserId, route_id: RouteId) -> None:
        """No link leads to the walker's route any more; NotFound where it is not theirs."""
        await _own(work, user_id, route_id)
        await work.shares.revoke(route_id)

    async def shown(self, token: str, route_id: RouteId | None = None) -> Route:
        """The walk behind the link.

        NotFound where there is none, it has expired, its owner was disabled, or it leads to another
        walk than `route_id`.
        """
        async with self._storage.read() as work:
            share = await work.shares.find(token_hash(token))
            if share is None or share.is_over(self._clock.now()):
                raise _nothing()
            if route_id is not None and share.route_id != route_id:
                raise _nothing()
            route = await work.routes.find(share.route_id)
            owner = None if route is None else await work.accounts.find(route.user_id)
        if route is None or owner is None or owner.disabled:
            raise _nothing()
        return route


async def forget_expired_shares(storage: Storage, now: datetime) -> int:
    """Deletes links that lead nowhere any more and says how many there were."""
    async with storage.write() as work:
        return await work.shares.forget_expired(now)


async def _own(work: Work, user_id: UserId, route_id: RouteId) -> None:
    route = await work.routes.find(route_id)
    if route is None or route.user_id != user_id:
        raise NotFound(f"there is no route {route_id}")


def _nothing() -> NotFound:
    return NotFound("nothing is shared here")
