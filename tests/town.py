"""A small town with its whole server but the doors: a real store, queue, cache and news in memory."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import trio
from argon2.profiles import CHEAPEST

from tests.walks import walk
from wildside.bundled import folder
from wildside.domain.accounts import User
from wildside.domain.catalogue import Place, Region, Theme
from wildside.domain.geography import BoundingBox, Point
from wildside.domain.identifiers import (
    RegionId,
    RequestId,
    ThemeId,
    TraceId,
    UserId,
    place_id,
)
from wildside.domain.opening_hours import Hours
from wildside.domain.progress import Progress
from wildside.domain.route import Route, Stop, Walk
from wildside.domain.route_request import RouteRequest
from wildside.domain.scoring import ScoredPlace
from wildside.inbound.jobs.dispatch import handlers
from wildside.inbound.jobs.scheduler import Scheduler
from wildside.outbound.cache.memory import MemoryRouteCache
from wildside.outbound.opening_hours import Calendar, hours_of
from wildside.outbound.passwords import Argon2Passwords
from wildside.outbound.persistence.migrate import read_migrations
from wildside.outbound.persistence.postgres.database import PostgresStorage
from wildside.outbound.persistence.postgres.pool import Reach
from wildside.outbound.persistence.sqlite.database import SqliteStorage
from wildside.outbound.persistence.sqlite.schema import migrate_up
from wildside.outbound.progress.memory import MemoryNews
from wildside.outbound.queue.memory import MemoryQueue
from wildside.outbound.sign_outs.memory import MemorySignOuts
from wildside.ports import Storage
from wildside.use_cases.accounts import Walkers
from wildside.use_cases.administer import Administer
from wildside.use_cases.cancel_request import CancelRequest
from wildside.use_cases.erase_walker import EraseWalker
from wildside.use_cases.export_walker import ExportWalker
from wildside.use_cases.follow_progress import FollowProgress
from wildside.use_cases.generate_route import GenerateRoute
from wildside.use_cases.idempotency import AnswerOnce
from wildside.use_cases.read_routes import ReadRoutes
from wildside.use_cases.request_route import RequestRoute
from wildside.use_cases.resume_requests import ResumeRequests
from wildside.use_cases.share_route import ShareRoutes
from wildside.use_cases.sign_in import SignIn

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MIDDLE = Point(-3.19, 55.95)
TRACE = TraceId("11111111-1111-4111-8111-111111111111")
PUBS, MURALS = (
    Theme(ThemeId(UUID(int=100 + number)), name, f"All about {name}", name.lower())
    for number, name in enumerate(("Pubs", "Murals"))
)
TOWN = Region(
    id=RegionId("town"),
    name="Town",
    bounds=BoundingBox(-3.25, 55.90, -3.13, 56.00),
    centre=MIDDLE,
    version="v1",
    data_timestamp=NOON - timedelta(days=3),
    place_count=3,
)


def a_place(
    number: int, *, at: Point = MIDDLE, themes: Sequence[Theme] = (PUBS,), name: str | None = None
) -> Place:
    """A node with a name, in the middle of the town."""
    return Place(
        id=place_id("node", number),
        osm_type="node",
        osm_id=number,
        name=name or f"Place {number}",
        location=at,
        tags={"amenity": "pub", "name": name or f"Place {number}"},
        theme_ids=tuple(theme.id for theme in themes),
        names={"gd": f"Àite {number}"},
        popularity_score=0.25,
        visit_seconds=300.0,
        doors=(Point(at.longitude + 0.0001, at.latitude),),
    )


def a_wish(minutes: int = 60, *, start: Point = MIDDLE) -> RouteRequest:
    """What a walker in the middle of the town may ask for."""
    return RouteRequest(start=start, duration_minutes=minutes)


class TownClock:
    """The wall clock, moved by trio's own, so that a virtual clock moves both; it may be put forward."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return NOON + timedelta(seconds=trio.current_time()) + self.ahead


class CountedIds:
    """UUIDs in a row, so that a test can be read."""

    def __init__(self) -> None:
        self._count = 0

    def new(self) -> UUID:
        self._count += 1
        return UUID(int=self._count)


@dataclass
class Diary:
    """A journal that remembers everything it hears."""

    events: list[object] = field(default_factory=list)
    heard_something: trio.Event = field(default_factory=trio.Event)

    def note(self, event: object) -> None:
        self.events.append(event)
        self.heard_something.set()


@dataclass
class StrollEngine:
    """An engine without streets: it visits the best candidates in a row and takes `search_seconds`.

    `troubles` are raised by the next searches, one each, after half of their time.
    """

    search_seconds: float = 1.0
    troubles: list[Exception] = field(default_factory=list)
    searches: int = 0
    heard_of: list[Sequence[ScoredPlace]] = field(default_factory=list)
    cancelled: int = 0
    footpaths_sought: int = 0
    version: str = "stroll-1"

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
        self.searches += 1
        self.heard_of.append(candidates)
        try:
            await trio.sleep(self.search_seconds / 2)
            if self.troubles:
                raise self.troubles.pop(0)
            await on_progress(50)
            await trio.sleep(self.search_seconds / 2)
        except trio.Cancelled:
            self.cancelled += 1
            raise
        return stroll([candidate.place for candidate in candidates[:5]])

    async def reaches_footpath(self, region: Region, point: Point) -> bool:
        self.footpaths_sought += 1
        # The lake in the north-east has no footpath.
        return not (point.longitude > -3.15 and point.latitude > 55.98)


CALENDAR = Calendar(ZoneInfo("Europe/London"), "GB")


class TownHours:
    """The town keeps London's time."""

    async def during(
        self, region: Region, depart_at: datetime, seconds: float
    ) -> Callable[[Place], Hours]:
        departure = depart_at.astimezone(ZoneInfo("UTC"))
        end = departure + timedelta(seconds=seconds)
        return lambda place: hours_of(place, CALENDAR, departure, end)


def stroll(places: Sequence[Place]) -> Walk:
    """A walk from place to place."""
    plain = walk(*(place.name for place in places))
    return replace(
        plain,
        stops=tuple(
            Stop(
                position=position,
                place=place,
                location=place.location,
                arrival_offset_seconds=60.0 * position,
                visit_seconds=place.visit_seconds,
                score=60.0,
                why=("Pubs",),
            )
            for position, place in enumerate(places, start=1)
        ),
    )


def migrated(path: Path) -> Path:
    """The file, with the newest schema in it."""
    migrate_up(path, read_migrations(folder("migrations") / "sqlite"), NOON)
    return path


async def furnish(storage: Storage, places: Sequence[Place]) -> None:
    """Two themes and one region with these places."""
    async with storage.write() as work:
        await work.catalogue.put_themes((PUBS, MURALS))
        await work.catalogue.replace_region(TOWN, places, NOON)


class House:
    """One server on one storage; a second House on the same storage is that server restarted."""

    def __init__(self, storage: Storage, *, places: int = 2, queue_room: int = 100) -> None:
        self.storage = storage
        self.clock = TownClock()
        self.ids = CountedIds()
        self.diary = Diary()
        self.engine = StrollEngine()
        self.queue = MemoryQueue(queue_room, self.clock.now)
        self.cache = MemoryRouteCache(trio.current_time, random.Random(1))
        self.news = MemoryNews(self.clock)
        self.walkers = Walkers(storage, self.clock, self.ids)
        self.answer_once = AnswerOnce(storage, self.clock, self.diary)
        self.request_route = RequestRoute(
            storage,
            self.cache,
            self.engine,
            self.queue,
            self.news,
            self.clock,
            self.ids,
            self.diary,
        )
        self.opening_hours = TownHours()
        self.generate_route = GenerateRoute(
            storage,
            self.cache,
            self.engine,
            self.news,
            self.clock,
            self.ids,
            self.diary,
            self.opening_hours,
        )
        self.resume_requests = ResumeRequests(storage, self.queue, self.clock)
        self.cancel_request = CancelRequest(storage, self.queue, self.news, self.clock)
        self.read_routes = ReadRoutes(storage)
        self.sign_outs = MemorySignOuts()
        # A hash in earnest costs a tenth of a second, of which a story learns nothing.
        self.passwords = Argon2Passwords(CHEAPEST)
        self.sign_in = SignIn(storage, self.passwords, self.sign_outs, self.clock, self.ids)
        self.erase_walker = EraseWalker(self.cancel_request, self.sign_outs)
        self.export_walker = ExportWalker(storage)
        self.administer = Administer(storage, self.sign_outs, self.clock)
        self.share_routes = ShareRoutes(storage, self.clock, lambda: self.ids.new().hex)
        self.follow_progress = FollowProgress(storage, self.news, self.clock)
        self.scheduler = Scheduler(
            self.queue,
            handlers(self.generate_route),
            self.diary,
            random.Random(2),
            places=places,
            job_seconds=30.0,
        )

    async def arrive(self) -> User:
        """A new walker."""
        async with self.storage.write() as work:
            return await self.walkers.add_anonymous(work)

    async def ask(self, user: User, wish: RouteRequest | None = None) -> Progress:
        """The walker asks for a walk."""
        admitted = await self.walkers.me(user.id)
        prepared = await self.request_route.prepare(admitted, wish or a_wish(), TRACE)
        async with self.storage.write() as work:
            return await self.request_route.accept(work, prepared)

    async def cancel(self, user: User, request_id: RequestId) -> Progress:
        """The walker does not want it any more."""
        async with self.storage.write() as work:
            return await self.cancel_request(work, user.id, request_id)

    async def resume(self) -> int:
        """What a server does at start."""
        return await self.resume_requests()

    async def ended(self, user: User, request_id: RequestId) -> Progress:
        """Waits for the request's last word."""
        async with self.follow_progress.listen(user.id) as told:
            async for message in told:
                progress = message.progress
                if progress.request_id == request_id and progress.stage.is_final:
                    return progress
        raise AssertionError("news never end")

    async def routes_of(self, user_id: UserId, *progresses: Progress) -> list[Route]:
        """The routes that answered these requests, as their walker sees them."""
        return [
            await self.read_routes.route(user_id, progress.route_id)
            for progress in progresses
            if progress.route_id is not None
        ]


@asynccontextmanager
async def a_store(path: Path, reach: Reach | None = None) -> AsyncIterator[Storage]:
    """A migrated store: a SQLite file of its own, or the emptied PostgreSQL that `reach` names."""
    if reach is None:
        async with SqliteStorage.open(migrated(path)) as sqlite:
            yield sqlite
    else:
        async with PostgresStorage.open(reach) as postgres:
            yield postgres


@asynccontextmanager
async def a_house(
    path: Path, *, places: int = 2, queue_room: int = 100, reach: Reach | None = None
) -> AsyncIterator[House]:
    """A furnished house on a store of its own."""
    async with a_store(path, reach) as storage:
        await furnish(storage, [a_place(number) for number in range(1, 4)])
        yield House(storage, places=places, queue_room=queue_room)
