"""What the lives of a server and of a worker have in common: parts of their trees, health, signals, logs."""

from __future__ import annotations

import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
import trio

from actors import ActorSystem, Backoff, Supervisor, TaskSpec
from actors.child import Happening
from actors.specs import TaskStatus
from wildside.app_house import Works
from wildside.app_shared import Shared
from wildside.outbound.actor_numbers import ActorNumbers
from wildside.outbound.logs import set_up_logs
from wildside.settings import Settings

log = structlog.get_logger("wildside")


def run_process(life: Callable[[Settings], Awaitable[int]], settings: Settings) -> int:
    """The whole life on an event loop of its own, with the logs it needs; gives its exit code."""
    set_up_logs(
        settings.log_level.value,
        pretty=not settings.in_production and sys.stderr.isatty(),
    )
    return trio.run(life, settings)


def engine_part(run: Callable[[TaskStatus], Awaitable[None]]) -> Supervisor:
    """The engine, which is never given up: a damaged map must not take the doors along."""
    return Supervisor(
        "engine",
        (TaskSpec("solver-pool", run, stop_seconds=1.5),),
        intensity=1_000_000,
        backoff=Backoff(first_seconds=0.5, most_seconds=10.0),
    )


def jobs_part(*tasks: TaskSpec) -> Supervisor:
    """What claims jobs and does chores."""
    return Supervisor("jobs", tasks, intensity=10, period_seconds=60.0)


def shared_parts(shared: Shared) -> tuple[Supervisor, ...]:
    """What keeps the processes of a deployment together, where there are several."""
    if not shared.tasks:
        return ()
    tasks = (TaskSpec(name, run, stop_seconds=1.5) for name, run in shared.tasks.items())
    return (Supervisor("redis", tuple(tasks), intensity=1000, period_seconds=60.0),)


@dataclass(frozen=True, slots=True)
class Checks:
    """Why a process would not be ready, as far as its works tell; None: no fault."""

    works: Works

    async def storage(self) -> str | None:
        """Raises the storage's own `Unavailable`, which says more."""
        await self.works.storage.check()
        return None

    async def queue(self) -> str | None:
        """The queue, where it can be away."""
        return self.works.shared.fault()

    async def engine(self) -> str | None:
        """The solvers, where this process has any."""
        if not self.works.shared.runs_jobs or self.works.solver_children:
            return None
        return "no solver process is up"


def numbers_of(system: ActorSystem) -> ActorNumbers:
    """What the metrics show of the tree."""
    return ActorNumbers(system.numbers(), system.dead_letters.counts, system.snapshot())


def say_ready(host: str, door: socket.socket) -> None:
    """The one line on stdout, for whoever started this process."""
    name = f"[{host}]" if ":" in host else host
    sys.stdout.write(f"ready http://{name}:{door.getsockname()[1]}\n")
    sys.stdout.flush()


@asynccontextmanager
async def going_down(signals: AsyncIterator[int]) -> AsyncIterator[None]:
    """The end of a life: a second Ctrl-C changes nothing, and must not come back as an error."""

    async def hear_no_more() -> None:
        async for _ in signals:
            pass

    log.info("going down")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(hear_no_more)
        yield
        nursery.cancel_scope.cancel()


def log_happening(happening: Happening) -> None:
    """What the tree tells of itself."""
    tell = log.debug if happening.failure is None else log.error
    tell("actors", what=happening.what, path=happening.path, exc_info=happening.failure)
