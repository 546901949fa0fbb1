"""A stage for stories of supervision: children that note every entrance and exit on one playbill."""

import trio

from actors import Actor, ActorSystem, Address, Backoff, ChildSpec, Restart, Strategy, Supervisor
from actors.testing import crash

AT_ONCE = Backoff(first_seconds=0, jitter=0)
ONE_SECOND = Backoff(first_seconds=1, factor=1, most_seconds=1, jitter=0)


class Stage:
    """Keeps the playbill: `+name` for a start, `-name` for an orderly end, each with its second."""

    def __init__(self) -> None:
        self.playbill: list[str] = []
        self.timed: list[tuple[float, str]] = []
        self.begun_at = trio.current_time()

    def note(self, line: str) -> None:
        self.playbill.append(line)
        self.timed.append((round(trio.current_time() - self.begun_at, 6), line))

    def take(self) -> list[str]:
        """What was noted since the last look."""
        lines, self.playbill = self.playbill, []
        return lines

    def player(
        self,
        name: str,
        restart: Restart = Restart.PERMANENT,
        start_seconds: float = 0.0,
        stop_seconds: float = 0.0,
        deadline_seconds: float = 5.0,
        start_deadline_seconds: float = 30.0,
    ) -> ChildSpec[str]:
        """A child that takes its time to start and to stop."""
        return ChildSpec(
            name,
            lambda: Player(self, name, start_seconds, stop_seconds),
            restart=restart,
            stop_seconds=deadline_seconds,
            start_seconds=start_deadline_seconds,
        )

    def trio_of_players(
        self,
        strategy: Strategy,
        middle: Restart = Restart.PERMANENT,
        backoff: Backoff = AT_ONCE,
        intensity: int = 3,
    ) -> ActorSystem:
        """Three children a, b, c under one supervisor."""
        children = (self.player("a"), self.player("b", middle), self.player("c"))
        return ActorSystem(
            Supervisor("stage", children, strategy, intensity=intensity, backoff=backoff)
        )


class Player(Actor[str]):
    def __init__(self, stage: Stage, name: str, start_seconds: float, stop_seconds: float) -> None:
        self.stage = stage
        self.name = name
        self.start_seconds = start_seconds
        self.stop_seconds = stop_seconds

    async def started(self) -> None:
        if self.start_seconds:
            await trio.sleep(self.start_seconds)
        self.stage.note(f"+{self.name}")

    async def receive(self, message: str) -> None:
        match message:
            case "crash":
                raise RuntimeError(self.name)
            case "leave":
                self.context.stop()
            case "hang":
                await trio.sleep_forever()

    async def stopped(self) -> None:
        self.stage.note(f"-{self.name}")
        if self.stop_seconds:
            await trio.sleep(self.stop_seconds)


def named(system: ActorSystem, path: str) -> Address[str]:
    """The actor at a path, which is known to be there."""
    address = system.find(path)
    assert address is not None, path
    return address


def crash_child(system: ActorSystem, path: str) -> None:
    """Crash whoever is at a path."""
    crash(named(system, path))
