"""Wishes and walks: stored, cached, shared, found, and how they come along."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from wildside.domain.catalogue import Region
from wildside.domain.geography import Point
from wildside.domain.identifiers import RequestId, RouteId, TraceId, UserId
from wildside.domain.paging import Page, PageRequest
from wildside.domain.progress import Progress
from wildside.domain.route import OwnCopy, Route, RouteSummary, Walk
from wildside.domain.route_request import RouteRequest
from wildside.domain.scoring import ScoredPlace
from wildside.domain.shares import Share


class Routes(Protocol):
    """Stored walks, within one unit of work."""

    async def save(self, route: Route) -> None: ...
    async def copy(self, known: RouteId, own: OwnCopy) -> bool:
        """The same walk as a route of somebody's own, not saved; False where there is none such.

        The store copies by itself: a walk need not be read and written again to be had twice.
        """
        ...

    async def find(self, route_id: RouteId) -> Route | None: ...
    async def standing(self, route_id: RouteId) -> tuple[UserId, bool] | None:
        """Whose the route is and whether it is saved: all of it that may change or matter to a door."""
        ...

    async def page(
        self, user_id: UserId, saved: bool | None, page: PageRequest
    ) -> Page[RouteSummary]:
        """The walker's routes, newest first; `saved` None means all of them."""
        ...

    async def pin(self, user_id: UserId, route_id: RouteId, *, saved: bool) -> bool:
        """Keeps the walker's route among the saved ones or lets it go; False where it is not theirs."""
        ...

    async def delete(self, user_id: UserId, route_id: RouteId) -> bool:
        """Forgets the walker's route; False where it is not theirs."""
        ...


class Shares(Protocol):
    """Links that show a walk to whoever has them, within one unit of work."""

    async def add(self, share: Share) -> None: ...
    async def find(self, token_hash: str) -> Share | None:
        """The share behind a token, expired ones included."""
        ...

    async def of_route(self, route_id: RouteId) -> Sequence[Share]:
        """Oldest first, expired ones included."""
        ...

    async def of_walker(self, user_id: UserId) -> Sequence[Share]:
        """The shares of all of the walker's routes, oldest first."""
        ...

    async def revoke(self, route_id: RouteId) -> int:
        """Forgets every share of the route and says how many there were."""
        ...

    async def forget(self, token_hash: str) -> None: ...
    async def forget_expired(self, now: datetime) -> int: ...


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A wish as accepted, and the latest word on it."""

    request: RouteRequest
    progress: Progress
    fingerprint: str


@dataclass(frozen=True, slots=True)
class OwedRequest:
    """An accepted wish that has not ended: enough to make its job of."""

    id: RequestId
    accepted_at: datetime
    fingerprint: str
    trace_id: TraceId


class Requests(Protocol):
    """Accepted wishes and how far they have come, within one unit of work."""

    async def add(self, stored: StoredRequest) -> None: ...
    async def find(self, request_id: RequestId) -> StoredRequest | None: ...
    async def advance(self, progress: Progress, *, fence: int | None = None) -> bool:
        """Stores the word if it may follow the stored one; False where it may not.

        A runner shows its claim's `fence`: False where a later claim has written already.
        """
        ...

    async def waiting_for(self, fingerprint: str) -> Sequence[StoredRequest]:
        """The unfinished requests with this fingerprint, oldest first: one walk answers them all."""
        ...

    async def owed(
        self, accepted_until: datetime, after: OwedRequest | None, most: int
    ) -> Sequence[OwedRequest]:
        """What was accepted until that moment and has not ended, oldest first, behind `after`."""
        ...

    async def changed_since(self, moment: datetime) -> Sequence[Progress]:
        """The words stored at that moment or later, oldest first by (updated_at, id)."""
        ...

    async def news_for(self, user_id: UserId, finished_since: datetime) -> Sequence[Progress]:
        """The walker's unfinished requests and those finished since, oldest first."""
        ...

    async def of_walker(self, user_id: UserId) -> Sequence[StoredRequest]:
        """Everything the walker ever wished for, oldest first by (created_at, id)."""
        ...


class RouteCache(Protocol):
    """Fingerprints of wishes that were answered, and the route that answered them."""

    async def find(self, fingerprint: str) -> RouteId | None: ...
    async def keep(self, fingerprint: str, route_id: RouteId) -> None: ...
    async def pin(self, fingerprint: str, route_id: RouteId) -> None:
        """Makes this route the answer for as long as it stays pinned."""
        ...

    async def unpin(self, fingerprint: str, route_id: RouteId) -> None:
        """Lets the answer end in its time again, if it is this route."""
        ...


class RouteEngine(Protocol):
    """Finds walks; whatever goes wrong comes out as `EngineFailed` with a reason."""

    @property
    def version(self) -> str: ...

    async def plan(
        self,
        region: Region,
        request: RouteRequest,
        candidates: Sequence[ScoredPlace],
        *,
        seed: int,
        trace_id: TraceId,
        on_progress: Callable[[int], Awaitable[None]],
    ) -> Walk:
        """The best walk found; `on_progress` hears growing percentages of the search."""
        ...

    async def reaches_footpath(self, region: Region, point: Point) -> bool:
        """Whether a footpath of the region lies within 500 m of the point."""
        ...


@dataclass(frozen=True, slots=True)
class Told:
    """One message to a walker; `id` grows per walker, across restarts too."""

    id: int
    progress: Progress


class News(Protocol):
    """Tells walkers how their requests come along; never waits."""

    def publish(self, progress: Progress) -> None: ...
    def remind(self, progresses: Iterable[Progress]) -> None:
        """Tells the listeners of this process what is stored, in case the news of it got lost.

        What a listener has heard already may be told once more.
        """
        ...

    def listen(
        self, user_id: UserId, *, since: int | None = None
    ) -> AbstractAsyncContextManager[AsyncIterator[Told]]:
        """What is told from now on, after the recent messages with an id above `since`.

        A slow listener hears the newest word of each request and misses older ones.
        """
        ...
