"""What lives behind the doors, wired: adapters, use cases and the house that handlers reach into."""

from __future__ import annotations

import hashlib
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from wildside import bundled
from wildside.app_keys import KeyRings, open_key_rings
from wildside.app_shared import Shared, open_shared
from wildside.app_storage import watch_storage
from wildside.domain.catalogue import Place, Region
from wildside.domain.jobs import forget_job
from wildside.domain.route import Route
from wildside.domain.shares import TOKEN_BYTES
from wildside.inbound.http.edge import EdgeRules
from wildside.inbound.http.house import House, Tile, Vitals
from wildside.inbound.http.map_tiles import RegionTiles
from wildside.inbound.http.origins import Origins
from wildside.inbound.http.security_headers import content_security_policy, security_headers
from wildside.inbound.jobs.dispatch import handlers
from wildside.inbound.jobs.periodic import Chore
from wildside.inbound.jobs.scheduler import Scheduler
from wildside.outbound.engine.solver_pool import SolverPool
from wildside.outbound.journal import EventJournal, write_log
from wildside.outbound.machine import RandomIds, SystemClock, core_count
from wildside.outbound.metrics import Metrics
from wildside.outbound.opening_hours import RegionOpeningHours
from wildside.outbound.passwords import Argon2Passwords
from wildside.outbound.queue_numbers import QueueNumbers
from wildside.outbound.region_folders import DiskRegionFolders
from wildside.outbound.theme_book import load_themes
from wildside.outbound.tiles.base_tiles import BaseTiles
from wildside.outbound.tiles.place_tile import encode_place_tile, tile_bounds
from wildside.outbound.tiles.route_tile import encode_route_tile
from wildside.ports import Storage
from wildside.settings import Settings
from wildside.use_cases.accounts import Walkers
from wildside.use_cases.administer import Administer
from wildside.use_cases.cancel_request import CancelRequest
from wildside.use_cases.catalogue import ReadCatalogue
from wildside.use_cases.erase_walker import EraseWalker
from wildside.use_cases.export_walker import ExportWalker
from wildside.use_cases.follow_progress import FollowProgress
from wildside.use_cases.forget_old import ForgetOld
from wildside.use_cases.generate_route import GenerateRoute
from wildside.use_cases.idempotency import AnswerOnce
from wildside.use_cases.ingest_places import sweep_interrupted
from wildside.use_cases.keep_routes import KeepRoutes
from wildside.use_cases.read_routes import ReadRoutes
from wildside.use_cases.remind_walkers import remind_walkers
from wildside.use_cases.request_route import RequestRoute
from wildside.use_cases.resume_requests import ResumeRequests
from wildside.use_cases.share_regions import fetch_regions
from wildside.use_cases.share_route import ShareRoutes
from wildside.use_cases.sign_in import SignIn

MOST_SOLVERS = 8
# The engine's own deadline comes first and says more than the scheduler's.
SCHEDULER_PATIENCE = 1.5
RESUMED_EVERY_SECONDS = 10.0
FORGOTTEN_EVERY_SECONDS = 3600.0
SWEPT_EVERY_SECONDS = 3600.0  # what killed ingests left
KEYS_WATCHED_EVERY_SECONDS = 1.0  # a look at one or two files' times

log = structlog.get_logger("wildside")


@dataclass(frozen=True, slots=True)
class Works:
    """The adapters and whatever runs by itself."""

    clock: SystemClock
    ids: RandomIds
    storage: Storage
    metrics: Metrics
    journal: EventJournal
    shared: Shared
    catalogue: ReadCatalogue
    engine: SolverPool
    scheduler: Scheduler
    chores: tuple[Chore, ...]
    keys: KeyRings

    @property
    def follow_progress(self) -> FollowProgress:
        """What sockets listen to."""
        return FollowProgress(self.storage, self.shared.news, self.clock)

    @property
    def solver_children(self) -> int:
        """How many solver processes are up."""
        vitals = self.engine.vitals()
        return 0 if vitals is None else len(vitals.workers)


def build_works(settings: Settings, folder: Path, storage: Storage) -> Works:
    """Everything that works behind the doors; nothing runs yet."""
    clock, ids, dice, metrics = SystemClock(), RandomIds(), random.Random(), Metrics()
    journal = EventJournal((metrics.hear, write_log))
    watch_storage(storage, journal, metrics)
    keys = open_key_rings(settings, journal)
    shared = open_shared(settings, folder, clock, dice)
    queue, news, cache = shared.queue, shared.news, shared.cache
    numbers = QueueNumbers(queue)
    catalogue = ReadCatalogue(storage)
    size = solver_count(settings)
    engine = SolverPool(
        catalogue.regions,
        folder,
        journal,
        size=size,
        deadline_seconds=settings.job_seconds,
        log=_log_child,
    )
    scheduler = Scheduler(
        queue,
        handlers(
            GenerateRoute(
                storage, cache, engine, news, clock, ids, journal, RegionOpeningHours(folder)
            ),
            ForgetOld(storage, clock),
        ),
        journal,
        dice,
        places=size,
        job_seconds=settings.job_seconds * SCHEDULER_PATIENCE,
    )
    counted = 0

    async def count_places() -> None:
        nonlocal counted
        counted = await catalogue.count()

    chores: tuple[Chore, ...] = (
        Chore("resume", RESUMED_EVERY_SECONDS, ResumeRequests(storage, queue, clock)),
        Chore("forget", 60.0, lambda: queue.put_each(forget_job(), FORGOTTEN_EVERY_SECONDS)),
        Chore("look at the queue", 5.0, numbers.look),
        Chore("watch keys", KEYS_WATCHED_EVERY_SECONDS, keys.watch),
        Chore("tidy", 30.0, storage.tidy),
        Chore("count places", 10.0, count_places),
    )
    folders = DiskRegionFolders(folder)
    sweep = Chore("sweep", SWEPT_EVERY_SECONDS, lambda: sweep_interrupted(storage, folders))
    chores = (*chores, sweep)
    if settings.database_url:
        fetch = Chore("fetch regions", 2.0, lambda: fetch_regions(storage, folders))
        chores = (*chores, fetch)
    if shared.is_apart:
        remind = Chore("remind", 5.0, lambda: remind_walkers(storage, news, clock))
        chores = (*chores, remind, Chore("look at Redis", 60.0, shared.look))
    works = Works(
        clock,
        ids,
        storage,
        metrics,
        journal,
        shared,
        catalogue,
        engine,
        scheduler,
        chores,
        keys,
    )
    metrics.gauge("pois_total", "Places on the map today", lambda: counted)
    metrics.registry.register(numbers)
    if shared.runs_jobs:
        metrics.gauge("job_places", "Jobs this process can run at once", lambda: size)
        metrics.gauge("job_places_busy", "Jobs this process runs", lambda: scheduler.busy)
    metrics.gauge("cache_route_evictions", "Answers forgotten for want of room", shared.evictions)
    metrics.gauge("solver_children", "Solver processes", lambda: works.solver_children)
    return works


def build_house(works: Works, settings: Settings, folder: Path, vitals: Vitals) -> House:
    """The use cases and what hangs beside the doors."""
    storage, clock, ids, journal = works.storage, works.clock, works.ids, works.journal
    sign_outs = works.shared.sign_outs
    # Half of the cores: whoever signs in, walks are found and answers given meanwhile.
    passwords = Argon2Passwords(at_once=max(1, core_count() // 2))
    shared = works.shared
    cancel_request = CancelRequest(storage, shared.queue, shared.news, clock)
    return House(
        clock=clock,
        journal=journal,
        cookies=works.keys.cookie_jar(),
        limits=shared.limits,
        answer_once=AnswerOnce(storage, clock, journal),
        walkers=Walkers(storage, clock, ids),
        sign_in=SignIn(storage, passwords, sign_outs, clock, ids),
        erase_walker=EraseWalker(cancel_request, sign_outs),
        export_walker=ExportWalker(storage),
        administer=Administer(storage, sign_outs, clock),
        jobs_office=shared.office,
        keep_routes=KeepRoutes(shared.cache),
        catalogue=works.catalogue,
        request_route=RequestRoute(
            storage, shared.cache, works.engine, shared.queue, shared.news, clock, ids, journal
        ),
        cancel_request=cancel_request,
        read_routes=ReadRoutes(storage),
        share_routes=ShareRoutes(storage, clock, lambda: secrets.token_urlsafe(TOKEN_BYTES)),
        tile_tokens=works.keys.tile_tokens(),
        route_tile=route_tile,
        tiles=_tiles(works, folder),
        vitals=vitals,
        page=bundled.folder("page"),
        specs=bundled.folder("spec"),
        tiles_origin=settings.tiles_origin,
    )


def edge_rules(settings: Settings) -> EdgeRules:
    """Who may call, and what every answer wears."""
    policy = content_security_policy(settings.assets_origin, settings.tiles_origin)
    every_answer = security_headers(
        hsts=settings.in_production and settings.session_cookie_secure, policy=policy
    )
    if settings.features:
        named = ",".join(settings.features).encode()
        every_answer = (*every_answer, (b"wildside-features", named))
    return EdgeRules(Origins(settings.allowed_origins, settings.trusted_proxies), every_answer)


def solver_count(settings: Settings) -> int:
    """As many children as asked for, or one for each core but the event loop's."""
    if settings.solver_processes:
        return settings.solver_processes
    return min(MOST_SOLVERS, max(1, core_count() - 1))


def route_tile(route: Route, zoom: int, column: int, row: int) -> Tile | None:
    """The walk's tile; None where nothing of it lies there."""
    data = encode_route_tile(route, zoom, column, row)
    return Tile(data, hashlib.sha256(data).hexdigest()[:24]) if data else None


def _tiles(works: Works, folder: Path) -> RegionTiles:
    icons = {theme.id: theme.icon_key for theme in load_themes().themes}

    def open_base(region: Region) -> BaseTiles:
        return BaseTiles(folder / "regions" / region.id / region.version / "base.mbtiles")

    def encode(places: Sequence[Place], zoom: int, column: int, row: int) -> bytes:
        return encode_place_tile(places, icons, zoom, column, row)

    return RegionTiles(works.catalogue, open_base, tile_bounds, encode)


def _log_child(pid: int, line: str, trace: str | None) -> None:
    log.info("solver", pid=pid, line=line, trace_id=trace)
