"""The tree, written down: supervisors, actors and plain tasks, each with what happens when it ends."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from actors.actor import ChildSpec
from actors.restart_policy import Backoff, Restart, Strategy

USUAL_BACKOFF = Backoff()


class TaskStatus(Protocol):
    """How a task says that it is up."""

    def started(self) -> None:
        """Siblings that start later may start now."""


@dataclass(frozen=True)
class TaskSpec:
    """A plain `async def run(task_status)` as a child; it is stopped by cancellation."""

    name: str
    run: Callable[[TaskStatus], Awaitable[object]]
    restart: Restart = Restart.PERMANENT
    start_seconds: float = 30.0
    stop_seconds: float = 5.0
    kind: str = ""


@dataclass(frozen=True)
class Supervisor:
    """Children in start order, and what follows when one ends.

    More than `intensity` restarts within `period_seconds` and the supervisor gives up: it stops its
    children and ends itself as crashed, which is its own supervisor's affair.
    Children added while it runs come after these, and are not begun again when the supervisor is.
    """

    name: str
    children: "tuple[ChildSpec[Any] | TaskSpec | Supervisor, ...]" = ()
    strategy: Strategy = Strategy.ONE_FOR_ONE
    intensity: int = 3
    period_seconds: float = 5.0
    backoff: Backoff = USUAL_BACKOFF
    restart: Restart = Restart.PERMANENT
    # Its children have their own deadlines, so it has none unless it is given one.
    start_seconds: float = float("inf")
    stop_seconds: float = float("inf")

    def __post_init__(self) -> None:
        names = [child.name for child in self.children]
        if len(set(names)) < len(names):
            raise ValueError(f"supervisor {self.name!r} has two children of one name: {names}")


AnySpec = ChildSpec[Any] | TaskSpec | Supervisor
