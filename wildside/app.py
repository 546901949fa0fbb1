"""The composition root: the only file that knows every adapter, and the tree that keeps them alive.

    wildside                 what ends without being asked to is started again
    ├── engine               gives up never: a damaged map must not take the doors along
    │   └── solver-pool      child processes that map the regions' graphs and follow their versions
    ├── jobs
    │   ├── scheduler        claims jobs, as many at once as there are children
    │   └── chores           owed jobs, old answers, the storage's own tidying, numbers for metrics
    ├── sessions             one actor for each open socket
    ├── http                 the server's port
    └── metrics              the metrics' own port, where METRICS_PORT is set

They start from top to bottom and stop from bottom to top. On SIGTERM, before any of that: readiness
fails, listening ends, jobs under way are waited for, sockets are closed with 1001.
"""

from __future__ import annotations

import gc
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
import trio

from actors import ActorSystem, Address, Backoff, ChildSpec, GaveUp, Strategy, Supervisor, TaskSpec
from actors.child import Happening
from actors.specs import TaskStatus
from actors.vitals import Vitals
from wildside import bundled
from wildside.domain.catalogue import Place, Region
from wildside.domain.errors import Unavailable
from wildside.inbound.http.edge import Edge, EdgeRules
from wildside.inbound.http.house import House
from wildside.inbound.http.map_tiles import RegionTiles
from wildside.inbound.http.origins import Origins
from wildside.inbound.http.pages import page_app
from wildside.inbound.http.security_headers import content_security_policy, security_headers
from wildside.inbound.http.session_cookie import CookieJar, CookieRules
from wildside.inbound.http.table import (
    API_ENDPOINTS,
    METRICS_ENDPOINTS,
    OPERATORS_ENDPOINTS,
)
from wildside.inbound.http.wire import Wire, WireLimits, listening
from wildside.inbound.jobs.dispatch import handlers
from wildside.inbound.jobs.periodic import Chore, do_chores
from wildside.inbound.jobs.scheduler import Scheduler
from wildside.inbound.ws.session import GOING_AWAY, Word
from wildside.inbound.ws.socket import SocketDoor
from wildside.outbound.actor_numbers import ActorNumbers
from wildside.outbound.cache.memory import MemoryRouteCache
from wildside.outbound.engine.solver_pool import SolverPool
from wildside.outbound.journal import EventJournal, write_log
from wildside.outbound.logs import set_up_logs
from wildside.outbound.machine import RandomIds, SystemClock, core_count
from wildside.outbound.metrics import Metrics
from wildside.outbound.persistence.migrate import read_migrations
from wildside.outbound.persistence.sqlite.database import SqliteStorage
from wildside.outbound.persistence.sqlite.schema import migrate_up
from wildside.outbound.progress.memory import MemoryNews
from wildside.outbound.queue.memory import MemoryQueue
from wildside.outbound.rate_limits.memory import MemoryRateLimits
from wildside.outbound.session_keys import read_session_keys, temporary_key
from wildside.outbound.theme_book import load_themes
from wildside.outbound.tiles.base_tiles import BaseTiles
from wildside.outbound.tiles.place_tile import encode_place_tile, tile_bounds
from wildside.outbound.vitals import ProcessVitals
from wildside.settings import SHORTEST_PRODUCTION_KEY_BYTES, Settings
from wildside.use_cases.accounts import Walkers
from wildside.use_cases.cancel_request import CancelRequest
from wildside.use_cases.catalogue import ReadCatalogue
from wildside.use_cases.follow_progress import FollowProgress
from wildside.use_cases.generate_route import GenerateRoute
from wildside.use_cases.idempotency import AnswerOnce, forget_old_answers
from wildside.use_cases.read_routes import ReadRoutes
from wildside.use_cases.request_route import RequestRoute
from wildside.use_cases.resume_requests import resume_requests

DATABASE_FILE = "wildside.sqlite3"
MOST_SOLVERS = 8
GOODBYE_SECONDS = 0.7  # for close frames and last answers to be taken, after the jobs are done
STORED_DRAWS_SECONDS = 10.0
# Measured: a third less work for broadcasts than with Python's own thresholds.
GC_THRESHOLDS = (200_000, 50, 1000)

log = structlog.get_logger("wildside")


def data_folder(settings: Settings) -> Path:
    """Where everything is kept, made where it is not there yet."""
    folder = settings.wildside_data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"WILDSIDE_DATA_DIR {folder} cannot be made: {error.strerror}") from error
    return folder.resolve()


@asynccontextmanager
async def opened_storage(folder: Path) -> AsyncIterator[SqliteStorage]:
    """The migrated storage with today's themes on offer."""
    path = folder / DATABASE_FILE
    migrations = read_migrations(bundled.folder("migrations") / "sqlite")
    migrate_up(path, migrations, SystemClock().now())
    async with SqliteStorage.open(path) as storage:
        themes = load_themes().themes
        async with storage.read() as work:
            offered = tuple(await work.catalogue.themes())
        if offered != themes:
            async with storage.write() as work:
                await work.catalogue.put_themes(themes)
        yield storage


def solver_count(settings: Settings) -> int:
    """As many children as asked for, or one for each core but the event loop's."""
    if settings.solver_processes:
        return settings.solver_processes
    return min(MOST_SOLVERS, max(1, core_count() - 1))


def cookie_jar(settings: Settings) -> CookieJar:
    """The jar with the keys of this deployment."""
    rules = CookieRules(
        settings.session_samesite.value,
        settings.session_cookie_secure,
        settings.session_cookie_domain,
    )
    if settings.session_allow_ephemeral and not settings.session_key_file.exists():
        log.warning("a temporary session key: a restart signs everybody out")
        return CookieJar(temporary_key(), rules)
    shortest = SHORTEST_PRODUCTION_KEY_BYTES if settings.in_production else 1
    return CookieJar(read_session_keys(settings.session_key_file, shortest_bytes=shortest), rules)


@dataclass(slots=True)
class Phase:
    """Whether the server is going."""

    draining: bool = False


class Server:
    """Everything of one server process, wired; `run` is its life."""

    def __init__(self, settings: Settings, folder: Path, storage: SqliteStorage) -> None:
        self._settings = settings
        self._storage = storage
        self._phase = Phase()
        self._stop = trio.Event()
        self._place_count = 0
        clock, ids, dice = SystemClock(), RandomIds(), random.Random()
        self._metrics = Metrics()
        journal = self._journal = EventJournal((self._metrics.hear, write_log))
        news = MemoryNews(clock)
        self._queue = queue = MemoryQueue(settings.queue_room)
        cache = MemoryRouteCache(trio.current_time, dice)
        catalogue = self._catalogue = ReadCatalogue(storage)
        size = solver_count(settings)
        engine = self._engine = SolverPool(
            catalogue.regions,
            folder,
            journal,
            size=size,
            deadline_seconds=settings.job_seconds,
            log=_log_child,
        )
        generate = GenerateRoute(storage, cache, engine, news, clock, ids, journal)
        self._scheduler = Scheduler(
            queue,
            handlers(generate),
            journal,
            dice,
            places=size,
            # The engine's own deadline comes first and says more.
            job_seconds=settings.job_seconds * 1.5,
        )
        origins = Origins(settings.allowed_origins, settings.trusted_proxies)
        policy = content_security_policy(settings.assets_origin, settings.tiles_origin)
        every_answer = security_headers(
            hsts=settings.in_production and settings.session_cookie_secure, policy=policy
        )
        if settings.features:
            named = ",".join(settings.features).encode()
            every_answer = (*every_answer, (b"wildside-features", named))
        rules = EdgeRules(origins, every_answer)

        def open_base(region: Region) -> BaseTiles:
            return BaseTiles(folder / "regions" / region.id / region.version / "base.mbtiles")

        icons = {theme.id: theme.icon_key for theme in load_themes().themes}

        def encode(places: Sequence[Place], zoom: int, column: int, row: int) -> bytes:
            return encode_place_tile(places, icons, zoom, column, row)

        house = House(
            clock=clock,
            journal=journal,
            cookies=cookie_jar(settings),
            limits=MemoryRateLimits(
                {
                    "routes": settings.routes_per_minute,
                    "new_walkers": settings.new_walkers_per_minute,
                },
                trio.current_time,
            ),
            answer_once=AnswerOnce(storage, clock, journal),
            walkers=Walkers(storage, clock, ids),
            catalogue=catalogue,
            request_route=RequestRoute(storage, cache, engine, queue, news, clock, ids, journal),
            cancel_request=CancelRequest(storage, queue, news, clock),
            read_routes=ReadRoutes(storage),
            tiles=RegionTiles(catalogue, open_base, tile_bounds, encode),
            vitals=ProcessVitals(
                {
                    "server": self._going,
                    "storage": self._storage_fault,
                    "regions": self._no_region,
                    "engine": self._engine_fault,
                },
                self._metrics.exposition,
                self._tree_now,
            ),
            page=bundled.folder("page"),
            specs=bundled.folder("spec"),
            tiles_origin=settings.tiles_origin,
        )
        self._sessions = Supervisor("sessions")
        self._sockets = SocketDoor(
            house, FollowProgress(storage, news, clock), rules, self._spawn_session
        )
        pages = page_app(house.page)
        apart = settings.metrics_port is not None
        table = API_ENDPOINTS if apart else (*API_ENDPOINTS, *METRICS_ENDPOINTS)
        edge = Edge(house, table, rules, pages=pages, sockets=self._sockets)
        self._wire = Wire(edge, self._limits())
        self._metrics_wire = Wire(
            Edge(house, OPERATORS_ENDPOINTS, rules, pages=pages, sockets=self._sockets),
            self._limits(),
        )
        self._measure()
        self._forget_answers = lambda: forget_old_answers(storage, clock.now())

    @property
    def system(self) -> ActorSystem:
        """The tree, while `run` keeps it."""
        return self._system

    async def run(self, door: socket.socket, metrics_door: socket.socket | None) -> None:
        """Serves until a signal says stop, then lets what is under way end."""
        with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
            self._system = ActorSystem(self._tree(door, metrics_door), journal=_log_happening)
            async with self._system:
                _say_ready(self._settings.host, door)
                gc.collect()
                gc.freeze()
                gc.set_threshold(*GC_THRESHOLDS)
                await signals.__anext__()
                log.info("going down")
                await self._drain()

    def _tree(self, door: socket.socket, metrics_door: socket.socket | None) -> Supervisor:
        doors = [TaskSpec("http", self._serve(self._wire, door), stop_seconds=1.0)]
        if metrics_door is not None:
            doors.append(TaskSpec("metrics", self._serve(self._metrics_wire, metrics_door)))
        return Supervisor(
            "wildside",
            (
                Supervisor(
                    "engine",
                    (TaskSpec("solver-pool", self._run_engine, stop_seconds=1.5),),
                    intensity=1_000_000,
                    backoff=Backoff(first_seconds=0.5, most_seconds=10.0),
                ),
                Supervisor(
                    "jobs",
                    (
                        TaskSpec("scheduler", self._scheduler.run, stop_seconds=1.0),
                        TaskSpec("chores", self._run_chores, stop_seconds=1.0),
                    ),
                    intensity=10,
                    period_seconds=60.0,
                ),
                self._sessions,
                *doors,
            ),
            strategy=Strategy.ONE_FOR_ONE,
        )

    async def _run_engine(self, task_status: TaskStatus) -> None:
        # The doors need not wait: a wish that comes before the children waits for them itself.
        task_status.started()
        await self._engine.run()

    async def _run_chores(self, task_status: TaskStatus) -> None:
        chores = (
            Chore("resume", 10.0, lambda: resume_requests(self._storage, self._queue)),
            Chore("forget answers", 3600.0, self._forget_answers),
            Chore("tidy", 30.0, self._storage.tidy),
            Chore("count places", STORED_DRAWS_SECONDS, self._count_places),
        )
        await do_chores(chores, self._journal, task_status)

    def _serve(self, wire: Wire, door: socket.socket) -> Callable[[TaskStatus], Awaitable[None]]:
        async def serve(task_status: TaskStatus) -> None:
            # The actor system may begin it again: each life listens on a copy.
            seconds = self._settings.drain_seconds + GOODBYE_SECONDS
            await wire.serve([door.dup()], self._stop, seconds, task_status)
            await trio.sleep_forever()

        return serve

    async def _drain(self) -> None:
        self._phase.draining = True
        await trio.sleep(self._settings.unready_seconds)
        self._stop.set()
        with trio.move_on_after(self._settings.drain_seconds):
            # Two numbers of others, asked for less than three seconds of a process's life.
            while self._scheduler.busy or self._queue.depth():  # noqa: ASYNC110
                await trio.sleep(0.02)
        self._sockets.leave(GOING_AWAY, "the server is going down")
        with trio.move_on_after(GOODBYE_SECONDS):
            await self._wire.all_gone()

    def _spawn_session(self, spec: ChildSpec[Word]) -> Address[Word]:
        return self._system.supervisor(self._sessions.name).spawn(spec)

    def _limits(self) -> WireLimits:
        settings = self._settings
        return WireLimits(
            settings.request_seconds,
            settings.keep_alive_seconds,
            settings.heartbeat_seconds,
            settings.silence_seconds,
        )

    def _measure(self) -> None:
        gauge = self._metrics.gauge
        gauge("pois_total", "Places on the map today", lambda: self._place_count)
        gauge("job_queue_depth", "Jobs that wait", self._queue.depth)
        gauge("jobs_running", "Jobs under way", lambda: self._scheduler.busy)
        gauge("solver_children", "Solver processes", self._children)
        self._metrics.watch_actors(self._actor_numbers)

    def _tree_now(self) -> Vitals:
        return self._system.snapshot()

    def _actor_numbers(self) -> ActorNumbers:
        system = self._system
        return ActorNumbers(system.numbers(), system.dead_letters.counts, system.snapshot())

    def _children(self) -> int:
        vitals = self._engine.vitals()
        return 0 if vitals is None else len(vitals.workers)

    async def _count_places(self) -> None:
        self._place_count = await self._catalogue.count()

    async def _going(self) -> str | None:
        return "going down" if self._phase.draining else None

    async def _storage_fault(self) -> str | None:
        await self._storage.check()
        return None

    async def _no_region(self) -> str | None:
        if await self._catalogue.regions():
            return None
        return "no region has been ingested: wildside ingest-osm FILE"

    async def _engine_fault(self) -> str | None:
        return None if self._children() else "no solver process is up"


async def serve(settings: Settings) -> int:
    """One server from its settings to its end; 0 after an orderly stop."""
    async with AsyncExitStack() as stack:
        door = listening(settings.host, settings.port)
        stack.callback(door.close)
        metrics_door = None
        if settings.metrics_port is not None:
            metrics_door = listening(settings.host, settings.metrics_port)
            stack.callback(metrics_door.close)
        folder = data_folder(settings)
        storage = await stack.enter_async_context(opened_storage(folder))
        try:
            await Server(settings, folder, storage).run(door, metrics_door)
        except GaveUp as error:
            log.exception("the server gave up", why=str(error))
            return 1
    return 0


def run_server(settings: Settings) -> int:
    """`serve` on an event loop of its own."""
    set_up_logs(
        settings.log_level.value,
        pretty=not settings.in_production and sys.stderr.isatty(),
    )
    return trio.run(serve, settings)


def _say_ready(host: str, door: socket.socket) -> None:
    name = f"[{host}]" if ":" in host else host
    sys.stdout.write(f"ready http://{name}:{door.getsockname()[1]}\n")
    sys.stdout.flush()


def _log_child(pid: int, line: str, trace: str | None) -> None:
    log.info("solver", pid=pid, line=line, trace_id=trace)


def _log_happening(happening: Happening) -> None:
    tell = log.debug if happening.failure is None else log.error
    tell("actors", what=happening.what, path=happening.path, exc_info=happening.failure)
