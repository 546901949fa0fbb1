"""A worker's life: it claims jobs that servers have put into Redis, and runs them.

    wildside
    ├── engine               as in a server
    ├── redis                links, the worker's lease, its news
    ├── jobs                 scheduler and chores
    └── operators            health, metrics and the tree of actors on METRICS_PORT

On SIGTERM readiness fails and nothing more is claimed; jobs under way are waited for, for
DRAIN_SECONDS; what is left then goes back into the queue, and the worker's name is taken out of it.
"""

from __future__ import annotations

import signal
import socket
from contextlib import AsyncExitStack
from pathlib import Path

import structlog
import trio

from actors import ActorSystem, GaveUp, Supervisor, TaskSpec
from actors.specs import TaskStatus
from actors.vitals import Vitals
from wildside.app_house import Works, build_house, build_works, edge_rules
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
from wildside.app_storage import data_folder, opened_storage, reach_of
from wildside.inbound.http.asgi import Receive, Scope, Send
from wildside.inbound.http.edge import Edge
from wildside.inbound.http.pages import page_app
from wildside.inbound.http.table import OPERATORS_ENDPOINTS
from wildside.inbound.http.wire import Wire, WireLimits, listening
from wildside.inbound.jobs.periodic import do_chores
from wildside.outbound.vitals import ProcessVitals
from wildside.settings import Settings

WORKERS_METRICS_PORT = 9090

log = structlog.get_logger("wildside")


class Worker:
    """One worker process; `run` is its life."""

    def __init__(self, settings: Settings, folder: Path, works: Works) -> None:
        self._settings = settings
        self._works = works
        self._draining = False
        self._stop = trio.Event()
        checks = Checks(works)
        vitals = ProcessVitals(
            {
                "worker": self._going,
                "storage": checks.storage,
                "queue": checks.queue,
                "engine": checks.engine,
            },
            works.metrics.exposition,
            self._tree_now,
        )
        house = build_house(works, settings, folder, vitals)
        edge = Edge(
            house,
            OPERATORS_ENDPOINTS,
            edge_rules(settings),
            pages=page_app(house.page),
            sockets=_no_sockets,
        )
        self._wire = Wire(edge, WireLimits())
        works.metrics.watch_actors(lambda: numbers_of(self._system))

    async def run(self, door: socket.socket) -> None:
        """Works until a signal says stop, then lets what is under way end."""
        with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
            self._system = ActorSystem(self._tree(door), journal=log_happening)
            async with self._system:
                say_ready(self._settings.host, door)
                await signals.__anext__()
                async with going_down(signals):
                    await self._drain(door)

    def _tree(self, door: socket.socket) -> Supervisor:
        works = self._works
        jobs = jobs_part(
            TaskSpec("scheduler", works.scheduler.run, stop_seconds=1.0),
            TaskSpec("chores", self._run_chores, stop_seconds=1.0),
        )

        async def serve(task_status: TaskStatus) -> None:
            await self._wire.serve([door.dup()], self._stop, 0.5, task_status)
            await trio.sleep_forever()

        operators = TaskSpec("operators", serve, stop_seconds=1.0)
        engine = engine_part(self._run_engine)
        return Supervisor("wildside", (engine, *shared_parts(works.shared), jobs, operators))

    async def _run_engine(self, task_status: TaskStatus) -> None:
        task_status.started()
        await self._works.engine.run()

    async def _run_chores(self, task_status: TaskStatus) -> None:
        await do_chores(self._works.chores, self._works.journal, task_status)

    async def _drain(self, door: socket.socket) -> None:
        self._draining = True
        scheduler = self._works.scheduler
        scheduler.close()
        with trio.move_on_after(self._settings.drain_seconds):
            # One number of another's, asked for during the last seconds of a process's life.
            while scheduler.busy:  # noqa: ASYNC110
                await trio.sleep(0.02)
        self._stop.set()
        door.close()

    def _tree_now(self) -> Vitals:
        return self._system.snapshot()

    async def _going(self) -> str | None:
        return "going down" if self._draining else None


async def _no_sockets(_: Scope, receive: Receive, send: Send) -> None:
    """Walkers' sockets are the servers' business."""
    await receive()
    await send({"type": "websocket.close", "code": 1000})


async def work(settings: Settings) -> int:
    """One worker from its settings to its end; 0 after an orderly stop."""
    port = WORKERS_METRICS_PORT if settings.metrics_port is None else settings.metrics_port
    async with AsyncExitStack() as stack:
        door = listening(settings.host, port)
        stack.callback(door.close)
        folder = data_folder(settings)
        storage = await stack.enter_async_context(opened_storage(folder, reach_of(settings)))
        try:
            await Worker(settings, folder, build_works(settings, folder, storage)).run(door)
        except GaveUp as error:
            log.exception("the worker gave up", why=str(error))
            return 1
    return 0


def run_worker(settings: Settings) -> int:
    """`work` on an event loop of its own."""
    return run_process(work, settings)
