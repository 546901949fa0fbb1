"""The server's life: the tree that keeps it alive, how it starts and how it ends.

    wildside                 each part alone is started again; a fourth time within 5 s: exit code 1
    ├── engine               gives up never: a damaged map must not take the doors along
    │   └── solver-pool      child processes that map the regions' graphs and follow their versions
    ├── redis                where REDIS_URL names one: its links, and the news over them
    ├── jobs                 gives up, and is itself started again, after 10 restarts in a minute
    │   ├── scheduler        claims jobs, as many at once as there are children; with Redis, workers do
    │   └── chores           owed jobs, old answers, the storage's own tidying, numbers for metrics
    ├── sessions             one actor for each open socket; one that falls is not started again
    ├── http                 the server's port
    └── metrics              the metrics' own port, where METRICS_PORT is set

They start from top to bottom and stop from bottom to top. On SIGTERM, before any of that: readiness
fails, listening ends, jobs under way are waited for, sockets are closed with 1001. On SIGHUP keys
are read again.
What the parts are made of is written in app_house.py and app_shared.py; a worker is in app_worker.py,
and what both have in common in app_process.py.

What a fall costs, and what makes good for it:

    a solver child   its walk is tried again, at most three times; the pool starts another child
    solver-pool      the same for all walks under way; new ones wait for the next children
    scheduler        jobs under way go back into the queue, for its next life
    chores           nothing: they begin anew, each with its first round
    a session        its socket closes with 1011; the walker comes back with ?since=
    sessions         the same for all sockets
    http             all connections; walkers ask again with their Idempotency-Key, and reconnect
    metrics          a scrape

docs/guide/supervision.md says it at length; tests/end_to_end/test_falling_parts.py proves it.
"""

from __future__ import annotations

import gc
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import structlog
import trio

from actors import ActorSystem, Address, ChildSpec, GaveUp, Supervisor, TaskSpec
from actors.specs import TaskStatus
from actors.vitals import Vitals
from wildside.app_house import (
    Works,
    build_house,
    build_works,
    edge_rules,
)
from wildside.app_process import (
    Checks,
    engine_part,
    going_down,
    jobs_part,
    log_happening,
    numbers_of,
    run_process,
    say_ready,
    shared_parts,
)
from wildside.app_storage import data_folder, neighbours_noticed, opened_storage, reach_of
from wildside.inbound.http.edge import Edge
from wildside.inbound.http.pages import page_app
from wildside.inbound.http.table import API_ENDPOINTS, METRICS_ENDPOINTS, OPERATORS_ENDPOINTS
from wildside.inbound.http.wire import Wire, WireLimits, listening
from wildside.inbound.jobs.periodic import Chore, do_chores
from wildside.inbound.ws.session import GOING_AWAY, Word
from wildside.inbound.ws.socket import SocketDoor
from wildside.outbound.vitals import ProcessVitals
from wildside.settings import Settings

GOODBYE_SECONDS = 0.7  # for close frames and last answers to be taken, after the jobs are done
REVIEW_EVERY_SECONDS = 5.0  # so long a socket may outlive a sign-out in another process
# Measured: a third less work for broadcasts than with Python's own thresholds.
GC_THRESHOLDS = (200_000, 50, 1000)

log = structlog.get_logger("wildside")


class Server:
    """One server process; `run` is its life."""

    def __init__(self, settings: Settings, folder: Path, works: Works) -> None:
        self._settings = settings
        self._works = works
        self._draining = False
        self._stop = trio.Event()
        checks = Checks(works)
        vitals = ProcessVitals(
            {
                "server": self._going,
                "storage": checks.storage,
                "regions": self._no_region,
                "queue": checks.queue,
                "engine": checks.engine,
            },
            works.metrics.exposition,
            self._tree_now,
        )
        house, rules = build_house(works, settings, folder, vitals), edge_rules(settings)
        self._sessions = Supervisor("sessions")
        self._sockets = SocketDoor(house, works.follow_progress, rules, self._spawn_session)
        works.shared.sign_outs.hear(self._sockets.dismiss)
        pages = page_app(house.page)
        limits = WireLimits(
            settings.request_seconds,
            settings.keep_alive_seconds,
            settings.heartbeat_seconds,
            settings.silence_seconds,
        )
        apart = settings.metrics_port is not None
        own_table = API_ENDPOINTS if apart else (*API_ENDPOINTS, *METRICS_ENDPOINTS)
        self._wire, self._metrics_wire = (
            Wire(Edge(house, table, rules, pages=pages, sockets=self._sockets), limits)
            for table in (own_table, OPERATORS_ENDPOINTS)
        )
        works.metrics.watch_actors(lambda: numbers_of(self._system))

    @property
    def system(self) -> ActorSystem:
        """The tree, while `run` keeps it."""
        return self._system

    async def run(self, door: socket.socket, metrics_door: socket.socket | None) -> None:
        """Serves until a signal says stop, then lets what is under way end."""
        ends, reload = (signal.SIGTERM, signal.SIGINT), signal.SIGHUP
        with trio.open_signal_receiver(*ends, reload) as signals:
            self._system = ActorSystem(self._tree(door, metrics_door), journal=log_happening)
            async with self._system:
                say_ready(self._settings.host, door)
                gc.collect()
                gc.freeze()
                gc.set_threshold(*GC_THRESHOLDS)
                while await signals.__anext__() == reload:
                    self._works.keys.reload()
                async with going_down(signals):
                    await self._drain(door)

    def _tree(self, door: socket.socket, metrics_door: socket.socket | None) -> Supervisor:
        jobs = [TaskSpec("chores", self._run_chores, stop_seconds=1.0)]
        if self._works.shared.runs_jobs:
            jobs.insert(0, TaskSpec("scheduler", self._works.scheduler.run, stop_seconds=1.0))
        parts = (
            engine_part(self._run_engine),
            *shared_parts(self._works.shared),
            jobs_part(*jobs),
            self._sessions,
        )
        doors = [TaskSpec("http", self._serving(self._wire, door), stop_seconds=1.0)]
        if metrics_door is not None:
            serve_numbers = self._serving(self._metrics_wire, metrics_door)
            doors.append(TaskSpec("metrics", serve_numbers, stop_seconds=1.0))
        return Supervisor("wildside", (*parts, *doors))

    async def _run_engine(self, task_status: TaskStatus) -> None:
        # The doors need not wait: a wish that comes before the children waits for them itself.
        task_status.started()
        if self._works.shared.runs_jobs:
            await self._works.engine.run()
        else:
            await self._works.engine.run_without_children()

    async def _run_chores(self, task_status: TaskStatus) -> None:
        review = Chore("review sockets", REVIEW_EVERY_SECONDS, self._sockets.review)
        await do_chores((*self._works.chores, review), self._works.journal, task_status)

    def _serving(self, wire: Wire, door: socket.socket) -> Callable[[TaskStatus], Awaitable[None]]:
        async def serve(task_status: TaskStatus) -> None:
            # The supervisor may begin it again: each life listens on a copy of the door.
            seconds = self._settings.drain_seconds + GOODBYE_SECONDS
            await wire.serve([door.dup()], self._stop, seconds, task_status)
            await trio.sleep_forever()

        return serve

    async def _drain(self, door: socket.socket) -> None:
        self._draining = True
        await trio.sleep(self._settings.unready_seconds)
        self._stop.set()
        # The copy that is served is closed by the wire; this one would still take connections.
        door.close()
        scheduler, shared = self._works.scheduler, self._works.shared
        with trio.move_on_after(self._settings.drain_seconds):
            # Two numbers of others, asked for during three seconds of a process's life at most.
            while scheduler.busy or shared.jobs_waiting():  # noqa: ASYNC110
                await trio.sleep(0.02)
        self._sockets.leave(GOING_AWAY, "the server is going down")
        with trio.move_on_after(GOODBYE_SECONDS):
            await self._wire.all_gone()

    def _spawn_session(self, spec: ChildSpec[Word]) -> Address[Word]:
        return self._system.supervisor(self._sessions.name).spawn(spec)

    def _tree_now(self) -> Vitals:
        return self._system.snapshot()

    async def _going(self) -> str | None:
        return "going down" if self._draining else None

    async def _no_region(self) -> str | None:
        if await self._works.catalogue.regions():
            return None
        return "no region has been ingested: wildside ingest-osm FILE"


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
        stack.enter_context(neighbours_noticed(settings, folder))
        storage = await stack.enter_async_context(opened_storage(folder, reach_of(settings)))
        try:
            server = Server(settings, folder, build_works(settings, folder, storage))
            await server.run(door, metrics_door)
        except GaveUp as error:
            log.exception("the server gave up", why=str(error))
            return 1
    return 0


def run_server(settings: Settings) -> int:
    """`serve` on an event loop of its own."""
    return run_process(serve, settings)
