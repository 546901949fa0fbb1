"""What the use cases need from the world, as small Protocols named by the need."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from wildside.domain.accounts import User
from wildside.domain.catalogue import Place, Region, Theme
from wildside.domain.enrichment import Enrichment
from wildside.domain.extract import Extract
from wildside.domain.geography import BoundingBox, Point
from wildside.domain.identifiers import (
    PlaceId,
    RegionId,
    RequestId,
    RouteId,
    ThemeId,
    TraceId,
    UserId,
)
from wildside.domain.jobs import Job, JobKind, JobRecord, JobState, QueueStanding
from wildside.domain.opening_hours import Hours
from wildside.domain.paging import Page, PageRequest
from wildside.domain.progress import Progress
from wildside.domain.route import OwnCopy, Route, RouteSummary, Walk
from wildside.domain.route_request import RouteRequest
from wildside.domain.scoring import ScoredPlace
from wildside.domain.shares import Share


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

    async def named(self, username: str) -> User | None:
        """The account of that name, whatever the case of its letters."""
        ...

    async def page(self, page: PageRequest) -> Page[User]:
        """Everybody, oldest first by (created_at, id)."""
        ...

    async def standing(self, user_ids: Iterable[UserId]) -> Mapping[UserId, int]:
        """The session epochs of those who are still there and not disabled."""
        ...

    async def erase(self, user_id: UserId) -> bool:
        """Forgets the person with everything of theirs: interests, credentials, wishes, walks, shares,
        remembered answers. False where there was nobody.
        """
        ...


class Credentials(Protocol):
    """Hashes of passwords, within one unit of work; apart from `User`, so that nothing that shows a
    walker can show one.
    """

    async def find(self, user_id: UserId) -> str | None: ...
    async def keep(self, user_id: UserId, password_hash: str, now: datetime) -> None:
        """Makes this the walker's only one."""
        ...


class Catalogue(Protocol):
    """Themes, places and regions, within one unit of work."""

    async def themes(self) -> Sequence[Theme]: ...
    async def regions(self) -> Sequence[Region]: ...
    async def place(self, place_id: PlaceId) -> Place | None:
        """One place, even one that the map has lost since somebody walked there."""
        ...

    async def places(self, place_ids: Iterable[PlaceId]) -> Sequence[Place]:
        """Those of the places that are there today, in no order."""
        ...

    async def page(
        self, bounds: BoundingBox, theme_ids: Sequence[ThemeId], page: PageRequest
    ) -> Page[Place]: ...
    async def within(self, bounds: BoundingBox, theme_ids: Sequence[ThemeId]) -> Sequence[Place]:
        """Every present place in the box with one of the themes (no themes: any)."""
        ...

    async def count(self) -> int:
        """How many places are there today."""
        ...

    async def put_themes(self, themes: Sequence[Theme]) -> None:
        """Makes these the themes on offer, in this order; others are kept but no longer offered."""
        ...

    async def replace_region(self, region: Region, places: Iterable[Place], now: datetime) -> None:
        """Makes `places` the whole content of the region and the region current, in this work.

        Places that are gone keep their rows, since walks refer to them, and are no longer found.
        """
        ...


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


class Provenance(Protocol):
    """What was enriched from where, within one unit of work."""

    async def add(self, enrichment: Enrichment) -> None: ...
    async def page(self, page: PageRequest) -> Page[Enrichment]:
        """Newest first by (created_at, id)."""
        ...


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


@dataclass(frozen=True, slots=True)
class RegionFile:
    """One file of a region's version, as it must arrive."""

    name: str
    size: int
    sha256: str


class RegionFiles(Protocol):
    """Regions' files for other machines, in parts, within one unit of work."""

    async def add_part(
        self, region: RegionId, version: str, name: str, number: int, data: bytes
    ) -> None: ...
    async def publish(self, region: RegionId, version: str, files: Sequence[RegionFile]) -> None:
        """Says that all parts of these are there."""
        ...

    async def published(self, region: RegionId, version: str) -> Sequence[RegionFile]:
        """The version's files by name; none before it is whole."""
        ...

    async def part(self, region: RegionId, version: str, name: str, number: int) -> bytes | None:
        """Parts are numbered from 0; None behind the last."""
        ...

    async def withdraw_all_but(self, region: RegionId, versions: Sequence[str]) -> None: ...


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
    def credentials(self) -> Credentials: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def routes(self) -> Routes: ...
    @property
    def requests(self) -> Requests: ...
    @property
    def idempotency(self) -> Idempotency: ...
    @property
    def region_files(self) -> RegionFiles: ...
    @property
    def shares(self) -> Shares: ...
    @property
    def provenance(self) -> Provenance: ...

    def after_commit(self, effect: Callable[[], Awaitable[None]]) -> None:
        """Runs the effect once everything is stored, in the order given; never if it is not."""
        ...


class Storage(Protocol):
    """Where things are kept; drivers' errors come out as `Unavailable`."""

    def read(self) -> AbstractAsyncContextManager[Work]:
        """A consistent view; nothing may be written."""
        ...

    def glance(self) -> AbstractAsyncContextManager[Work]:
        """A look at one thing: one question may be asked, for which any moment will do."""
        ...

    def write(self) -> AbstractAsyncContextManager[Work]:
        """Commits when the block ends well, and undoes everything when it does not.

        Of two writers that read the same thing in order to change it the second waits for the
        first. After an error of the store the block can only be left.
        """
        ...

    async def check(self) -> None:
        """Raises `Unavailable` when storage does not answer."""
        ...

    async def tidy(self) -> None:
        """The store's own housekeeping, done every half minute."""
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


class OpeningHours(Protocol):
    """Knows by which clock a region lives, and reads what mappers wrote about places' hours."""

    async def during(
        self, region: Region, depart_at: datetime, seconds: float
    ) -> Callable[[Place], Hours]:
        """What tells when a place is open in the `seconds` after departure, without waiting."""
        ...


class JobQueue(Protocol):
    """Jobs waiting to be done, at least once each, bounded; a full queue raises `Unavailable`.

    A key is unique among unfinished jobs. Putting a key that waits already changes nothing;
    putting one that runs lets it run once more afterwards, since what it runs for may have come
    too late for the run under way.

    A claim lasts as long as its process lives. Whoever claimed a job and was thought dead meanwhile
    can neither finish nor retry nor bury it any more: nothing happens.
    """

    async def expect_room(self, kind: JobKind) -> None:
        """Raises `Unavailable` when a job of this kind put now would be refused."""
        ...

    async def put(self, job: Job, *, after_seconds: float = 0.0) -> None:
        """Not to be claimed before the time is up."""
        ...

    async def put_each(self, job: Job, every_seconds: float) -> bool:
        """Puts the job unless it was put so in this period already, by whomever; says whether it was.

        Periods are counted from 1970, so that all who ask at about the same time mean the same one.
        """
        ...

    async def claim(self) -> Job:
        """The best waiting job, as soon as there is one."""
        ...

    async def finish(self, job: Job) -> None: ...
    async def retry(self, job: Job, after_seconds: float, error: str) -> None:
        """Puts the claimed job back as its next attempt, not to be claimed before the time is up."""
        ...

    async def bury(self, job: Job, error: str) -> None:
        """Gives the claimed job up and keeps it, with the error, for people to look at."""
        ...

    async def cancel(self, key: str) -> None:
        """Takes the job away where it waits, and tells its runner where it runs."""
        ...

    async def knows(self, key: str) -> bool:
        """Whether a job with this key waits or runs."""
        ...

    def when_cancelled(self, job: Job, tell: Callable[[], None]) -> None:
        """Calls `tell` once when the claimed job is cancelled, or is not its claimer's any more."""
        ...

    async def standing(self) -> Mapping[JobKind, QueueStanding]:
        """How much there is to do, of every kind."""
        ...


class JobsOffice(Protocol):
    """The queue as operators see it."""

    async def page(
        self, state: JobState, kind: JobKind | None, page: PageRequest
    ) -> Page[JobRecord]:
        """Jobs in that state by (since, id), the newest first; `kind` None means every kind."""
        ...

    async def requeue(self, job_id: UUID) -> JobRecord | None:
        """Takes the dead letter out and puts its job, as a first attempt; gives the letter.

        None where there is no such letter. A full queue raises `Unavailable`, and the letter stays.
        """
        ...

    async def purge(self, job_id: UUID) -> bool:
        """Throws a dead letter away; False where there is none."""
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


@dataclass(frozen=True, slots=True)
class RateVerdict:
    """What a rate limit says: whether this one passes, and what is left for how long."""

    allowed: bool
    limit: int
    remaining: int
    reset_seconds: int


class RateLimits(Protocol):
    """Counts what somebody did lately."""

    async def take(self, allowance: str, key: str) -> RateVerdict:
        """Counts one more, and says whether it is still within the allowance."""
        ...


class Passwords(Protocol):
    """Hashes passwords, slowly on purpose; where too many wait, `Unavailable`."""

    async def hash(self, password: str) -> str: ...
    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Whether the hash is of this password; None is never, after the same work as for a hash."""
        ...

    def is_outdated(self, password_hash: str) -> bool:
        """Whether a hash made now would be stronger."""
        ...


class SignOuts(Protocol):
    """Tells open sockets who is to leave; never waits.

    The sockets of this process are told at once, those of others soon, or not at all: they look.
    """

    def publish(self, user_id: UserId) -> None: ...
    def hear(self, listener: Callable[[UserId], None]) -> None:
        """From now on the listener is told of everybody; it must not raise or wait."""
        ...


class Journal(Protocol):
    """Hears what happened and tells metrics and logs; never raises, never waits."""

    def note(self, event: object) -> None: ...


class Extracts(Protocol):
    """Map files; whatever is wrong with one comes out as `IngestFailed`, one clear line."""

    def open(self, path: Path, area: Path | None) -> Extract:
        """Looks the file through and limits it to the GeoJSON area, if any."""
        ...


class PlaceSource(Protocol):
    """Finds the places of an extract; the same extract and `format` give the same places."""

    @property
    def format(self) -> int: ...
    def read(self, extract: Extract) -> Sequence[Place]: ...


class MapFileBuilder(Protocol):
    """Makes one of a region's files from an extract: the walking graph, or the base map."""

    @property
    def format(self) -> int: ...
    def build(
        self, extract: Extract, target: Path, on_progress: Callable[[float], None]
    ) -> None: ...


class RegionFolders(Protocol):
    """The folders of regions' files; disk trouble comes out as `IngestFailed`."""

    def holds(self, region: RegionId, version: str) -> bool:
        """Whether the version's files are all there and undamaged."""
        ...

    def incoming(self, region: RegionId) -> AbstractContextManager[Path]:
        """A fresh folder that vanishes with the block; one ingest of a region at a time."""
        ...

    def keep(self, incoming: Path, region: RegionId, version: str) -> None:
        """Makes the folder's files durable and puts them where the version's are looked for."""
        ...

    def sweep(self, current: Mapping[RegionId, str]) -> None:
        """Removes what killed ingests left; `current` tells the versions that regions have."""
        ...

    def forget_all_but(self, region: RegionId, versions: Sequence[str]) -> None: ...
    def forget_old(self, region: RegionId, version: str) -> None:
        """Forgets all but this version and the newest other, which may still be mapped."""
        ...

    def files(self, region: RegionId, version: str) -> Sequence[str]:
        """The names of the version's files."""
        ...

    def parts(self, region: RegionId, version: str, name: str, size: int) -> Iterable[bytes]:
        """A file's content, so many bytes at a time."""
        ...
