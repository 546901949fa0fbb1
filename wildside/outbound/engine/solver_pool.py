"""The walking engine as the use cases know it: solver processes that follow the map's versions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import trio

from actors import ProcessPool, WorkerDied, WorkerFailed, WorkerTimedOut
from actors.errors import ActorError, PoolFull
from actors.process_pool import PoolVitals
from solver import Answer
from wildside.domain.catalogue import Region
from wildside.domain.errors import EngineFailed, Unavailable, WildsideError
from wildside.domain.events import ChoreFaulted
from wildside.domain.geography import Point
from wildside.domain.identifiers import TraceId
from wildside.domain.route import Walk
from wildside.domain.route_request import RouteRequest
from wildside.domain.scoring import ScoredPlace
from wildside.outbound.engine.footpaths import Footpaths
from wildside.outbound.engine.solver_child import Errand
from wildside.outbound.engine.translation import ENGINE_VERSION, question_of, walk_of
from wildside.ports import Journal

WORKER = "wildside.outbound.engine.solver_child:serve"
LOOK_SECONDS = 1.0  # how often the regions are looked at for a new version
SWAP_SECONDS = 30.0  # how long a walk waits for the children of a version that just appeared
CHILD_MEMORY_BYTES = 2 * 1024**3  # its own memory, mapped graphs not counted
# What the engine refuses for good, by its error's name, and the word the walker's status carries.
REFUSALS = {"OutsideCoverage": "outside_coverage", "EndOutOfReach": "end_out_of_reach"}


def graph_path(data_folder: Path, region: Region) -> Path:
    """Where the region's graph of this version lies."""
    return data_folder / "regions" / region.id / region.version / "graph.walk"


class SolverPool:
    """`size` children; run it below a supervisor.

    New versions of the regions are noticed within a second: children that map them start, and only
    then the old ones go, each after the walk it works on.
    """

    def __init__(
        self,
        regions: Callable[[], Awaitable[Sequence[Region]]],
        data_folder: Path,
        journal: Journal,
        *,
        size: int,
        deadline_seconds: float,
        log: Callable[[int, str, str | None], None] | None = None,
    ) -> None:
        self._regions = regions
        self._data_folder = data_folder
        self._journal = journal
        self._size = size
        self._deadline_seconds = deadline_seconds
        self._log = log
        self._footpaths = Footpaths()
        self._pool: ProcessPool | None = None
        self._served: dict[str, str] = {}
        self._unreadable: dict[str, tuple[int, int]] = {}
        self._changed = trio.Event()

    @property
    def version(self) -> str:
        """Changes when the same question gets another answer."""
        return ENGINE_VERSION

    def vitals(self) -> PoolVitals | None:
        """What can be seen of the children; None while they do not run."""
        return None if self._pool is None else self._pool.vitals()

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keeps the children until cancelled; started when all of them can take walks.

        Raises the pool's WorkerFailed or WorkerDied where the first children do not start.
        """
        paths = await self._paths()
        pool = ProcessPool(
            WORKER,
            (paths,),
            size=self._size,
            memory_limit_bytes=CHILD_MEMORY_BYTES,
            log=self._log,
        )
        try:
            async with trio.open_nursery() as nursery:
                await nursery.start(pool.run)
                self._pool = pool
                self._now_serves(paths)
                nursery.start_soon(self._follow_regions, pool)
                task_status.started()
        finally:
            # Walks that come before the next children wait for them, instead of asking the dead.
            self._pool, self._served = None, {}

    async def run_without_children(
        self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """For a process whose walks are found elsewhere: only `reaches_footpath` follows the maps."""
        task_status.started()
        while True:
            try:
                self._footpaths.keep_only(set(await self._paths()))
            except WildsideError as error:
                self._journal.note(ChoreFaulted("follow regions", error))
            await trio.sleep(LOOK_SECONDS)

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
        """The best walk found; EngineFailed says why there is none."""
        errand = Errand(region.version, question_of(request, candidates, seed))
        await self._serving(region.version)
        heard = _LatestPercent()
        outcome: Answer | EngineFailed
        async with trio.open_nursery() as nursery:
            nursery.start_soon(heard.relay, on_progress)
            outcome = await self._ask(errand, heard, trace_id)
            nursery.cancel_scope.cancel()
        if isinstance(outcome, EngineFailed):
            raise outcome
        return walk_of(outcome, candidates)

    async def reaches_footpath(self, region: Region, point: Point) -> bool:
        """Whether a footpath of the region lies within 500 m of the point."""
        path = graph_path(self._data_folder, region)
        return await self._footpaths.near(region.version, path, point)

    async def _ask(
        self, errand: Errand, heard: _LatestPercent, trace_id: TraceId
    ) -> Answer | EngineFailed:
        if self._pool is None:
            return EngineFailed("engine_crashed", "the engine is not running", retryable=True)
        try:
            answer = await self._pool.call(
                errand,
                deadline_seconds=self._deadline_seconds,
                on_progress=heard.hear,
                trace=trace_id,
            )
        except (WorkerTimedOut, WorkerFailed, WorkerDied, PoolFull) as error:
            failure = _in_our_words(error)
            failure.__cause__ = error
            return failure
        if not isinstance(answer, Answer):
            return EngineFailed("engine_crashed", "the engine said nonsense", retryable=True)
        return answer

    async def _serving(self, version: str) -> None:
        """Waits until children map this version: it may have appeared a moment ago."""
        with trio.move_on_after(SWAP_SECONDS):
            while version not in self._served:
                await self._changed.wait()
            return
        raise EngineFailed("engine_crashed", f"no child serves {version}", retryable=True)

    async def _follow_regions(self, pool: ProcessPool) -> None:
        while True:
            await trio.sleep(LOOK_SECONDS)
            # A damaged graph or a storage that is away leaves the children that serve as they are.
            try:
                paths = await self._paths()
                if paths != self._served:
                    await pool.swap_arguments(paths)
                    self._now_serves(paths)
            except (ActorError, WildsideError) as error:
                self._journal.note(ChoreFaulted("follow regions", error))

    async def _paths(self) -> dict[str, str]:
        """Graphs by version. Where a region's new one has not arrived on this machine yet or cannot
        be read, the one before it goes on serving; no region's trouble is another's.
        """
        paths: dict[str, str] = {}
        for region in await self._regions():
            path = graph_path(self._data_folder, region)
            if await self._is_readable(region.version, path):
                paths[region.version] = str(path)
                continue
            home = path.parent.parent
            paths |= {
                version: served
                for version, served in self._served.items()
                if Path(served).parent.parent == home
            }
        return paths

    async def _is_readable(self, version: str, path: Path) -> bool:
        """Whether children can map the graph; a damaged one is told of once, until it is another file."""
        stamp = _stamp_of(path)
        if stamp is None or self._unreadable.get(version) == stamp:
            return False
        try:
            await self._footpaths.expect_graph(version, path)
        except Unavailable as error:
            self._unreadable[version] = stamp
            self._journal.note(ChoreFaulted("follow regions", error))
            return False
        self._unreadable.pop(version, None)
        return True

    def _now_serves(self, paths: dict[str, str]) -> None:
        self._served = paths
        self._footpaths.keep_only(set(paths))
        self._changed.set()
        self._changed = trio.Event()


def _stamp_of(path: Path) -> tuple[int, int] | None:
    """What changes with the file; None where there is none."""
    try:
        standing = path.stat()
    except OSError:
        return None
    return standing.st_mtime_ns, standing.st_size


class _LatestPercent:
    """Between the pool, which tells without waiting, and a listener who may take their time."""

    def __init__(self) -> None:
        self._percent: int | None = None
        self._arrived = trio.Event()

    def hear(self, progress: object) -> None:
        if isinstance(progress, int):
            self._percent = progress
            self._arrived.set()

    async def relay(self, on_progress: Callable[[int], Awaitable[None]]) -> None:
        while True:
            await self._arrived.wait()
            self._arrived = trio.Event()
            if self._percent is None:
                continue
            # A storage that is away for a moment must not cost the walker the search.
            try:
                await on_progress(self._percent)
            except WildsideError:
                return


def _in_our_words(error: ActorError) -> EngineFailed:
    match error:
        case WorkerTimedOut():
            return EngineFailed("engine_timeout", str(error), retryable=True)
        case WorkerFailed(kind=kind) if kind in REFUSALS:
            return EngineFailed(REFUSALS[kind], str(error), retryable=False)
        case _:
            return EngineFailed("engine_crashed", str(error), retryable=True)
