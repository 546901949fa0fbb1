"""What the use cases need from the world, as small Protocols named by the need."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from wildside.domain.accounts import User
from wildside.domain.catalogue import Place, Region, Theme
from wildside.domain.geography import BoundingBox
from wildside.domain.identifiers import PlaceId, RequestId, RouteId, ThemeId, TraceId, UserId
from wildside.domain.jobs import Job
from wildside.domain.paging import Page, PageRequest
from wildside.domain.progress import Progress
from wildside.domain.route import Route, Walk
from wildside.domain.route_request import RouteRequest
from wildside.domain.scoring import ScoredPlace


class Clock(Protocol):
    """What time it is on the wall, in UTC."""

    def now(self) -> datetime: ...


class Ids(Protocol):
    """Fresh UUIDs."""

    def new(self) -> UUID: ...


class Accounts(Protocol):
    """Walkers, within one unit of work."""

    async def add(self, user: User) -> None: ...
    async def find(self, user_id: UserId) -> User | None: ...
    async def update(self, user: User, *, expected_revision: int) -> bool:
        """Stores the user if the stored revision is the expected one; False otherwise."""
        ...


class Catalogue(Protocol):
    """Themes, places and regions, within one unit of work."""

    async def themes(self) -> Sequence[Theme]: ...
    async def regions(self) -> Sequence[Region]: ...
    async def place(self, place_id: PlaceId) -> Place | None: ...
    async def places(self, place_ids: Iterable[PlaceId]) -> Sequence[Place]: ...
    async def page(
        self, bounds: BoundingBox, theme_ids: Sequence[ThemeId], page: PageRequest
    ) -> Page[Place]: ...
    async def within(self, bounds: BoundingBox, theme_ids: Sequence[ThemeId]) -> Sequence[Place]:
        """Every present place in the box with one of the themes (no themes: any)."""
        ...

    async def count(self) -> int: ...
    async def put_themes(self, themes: Sequence[Theme]) -> None: ...
    async def replace_region(self, region: Region, places: Iterable[Place]) -> None:
        """Makes `places` the whole content of the region and the region current, in this work."""
        ...


class Routes(Protocol):
    """Stored walks, within one unit of work."""

    async def save(self, route: Route) -> None: ...
    async def find(self, route_id: RouteId) -> Route | None: ...
    async def page(self, user_id: UserId, saved: bool | None, page: PageRequest) -> Page[Route]: ...


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A wish as accepted, and the latest word on it."""

    request: RouteRequest
    progress: Progress
    fingerprint: str


class Requests(Protocol):
    """Accepted wishes and how far they have come, within one unit of work."""

    async def add(self, stored: StoredRequest) -> None: ...
    async def find(self, request_id: RequestId) -> StoredRequest | None: ...
    async def advance(self, progress: Progress) -> bool:
        """Stores the word if it may follow the stored one; False where it may not."""
        ...

    async def unfinished(self) -> Sequence[StoredRequest]:
        """Everything accepted and not ended, oldest first: what a restarted server owes."""
        ...

    async def news_for(self, user_id: UserId, finished_since: datetime) -> Sequence[Progress]:
        """The walker's unfinished requests and those finished since, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class RememberedAnswer:
    """What was answered to an idempotency key, to be said again word for word."""

    payload_hash: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    created_at: datetime


class Idempotency(Protocol):
    """Claimed keys and their answers, within one unit of work."""

    async def find(self, user_id: UserId, key: UUID) -> RememberedAnswer | None: ...
    async def keep(self, user_id: UserId, key: UUID, answer: RememberedAnswer) -> None: ...
    async def forget_before(self, moment: datetime) -> int: ...


class Work(Protocol):
    """One unit of work: everything written through it is stored together or not at all."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def routes(self) -> Routes: ...
    @property
    def requests(self) -> Requests: ...
    @property
    def idempotency(self) -> Idempotency: ...


class Storage(Protocol):
    """Where things are kept; drivers' errors come out as `Unavailable`."""

    def read(self) -> AbstractAsyncContextManager[Work]:
        """A consistent view; nothing may be written."""
        ...

    def write(self) -> AbstractAsyncContextManager[Work]:
        """Commits when the block ends well, and undoes everything when it does not."""
        ...

    async def check(self) -> None:
        """Raises `Unavailable` when storage does not answer."""
        ...


class RouteCache(Protocol):
    """Fingerprints of wishes that were answered, and the route that answered them."""

    async def find(self, fingerprint: str) -> RouteId | None: ...
    async def keep(self, fingerprint: str, route_id: RouteId) -> None: ...


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
        on_progress: Callable[[int], None],
    ) -> Walk:
        """The best walk found; `on_progress` hears percentages."""
        ...

    async def reaches_footpath(self, region: Region, request: RouteRequest) -> bool:
        """Whether start and end lie within 500 m of a footpath of the region."""
        ...


class JobQueue(Protocol):
    """Jobs waiting to be done, bounded; a full queue raises `Unavailable`."""

    async def put(self, job: Job) -> None: ...
    async def claim(self) -> Job:
        """The best waiting job, as soon as there is one."""
        ...

    async def finish(self, job: Job) -> None: ...
    async def retry(self, job: Job, after_seconds: float, error: str) -> None: ...
    async def bury(self, job: Job, error: str) -> None: ...
    async def cancel(self, key: str) -> bool:
        """Takes a waiting job away; False where it runs already or is unknown."""
        ...

    def depth(self) -> int: ...


class News(Protocol):
    """Tells walkers how their requests come along; never waits."""

    def publish(self, progress: Progress) -> None: ...
    def listen(self, user_id: UserId) -> AbstractAsyncContextManager[AsyncIterator[Progress]]: ...


class Journal(Protocol):
    """Hears what happened and tells metrics and logs; never raises, never waits."""

    def note(self, event: object) -> None: ...
