"""Twenty-four virtual hours of a busy tree, and the timers that keep its time."""

import time

import pytest
import trio
from trio.testing import MockClock

from actors import Actor, ActorSystem, AskTimedOut, ChildSpec, Request, Strategy, Supervisor
from actors.testing import run_seeded
from tests.actors.stage import AT_ONCE

DAY_SECONDS = 86_400.0


class Count(Request[int]):
    pass


class Bell(Actor[Count | str]):
    """Rings every `seconds`, and asks its neighbour each time; crashes every hundredth time."""

    def __init__(self, seconds: float, neighbour: str, tower: "Tower") -> None:
        self.seconds = seconds
        self.neighbour = neighbour
        self.tower = tower

    async def started(self) -> None:
        self.context.every(self.seconds, "ring")

    async def receive(self, message: Count | str) -> int:
        if isinstance(message, Count):
            return self.tower.rung
        self.tower.rung += 1
        if self.tower.rung % 100 == 0:
            raise RuntimeError("the rope broke")
        neighbour = self.tower.system.find(self.neighbour)
        assert neighbour is not None
        try:
            await neighbour.ask(Count(), timeout_seconds=5)
        except AskTimedOut:
            self.tower.unanswered += 1
        return self.tower.rung


class Tower:
    def __init__(self) -> None:
        self.rung = self.unanswered = 0
        bells = tuple(
            ChildSpec(
                f"bell-{number}",
                lambda number=number: Bell(  # type: ignore[misc]
                    700 + 100 * number, f"bell-{(number + 1) % 8}", self
                ),
            )
            for number in range(8)
        )
        self.system = ActorSystem(
            Supervisor("tower", bells, Strategy.REST_FOR_ONE, backoff=AT_ONCE)
        )

    async def ring_for_a_day(self, _: object) -> float:
        async with self.system:
            begun_at = trio.current_time()
            await trio.sleep(DAY_SECONDS)
            return trio.current_time() - begun_at


def test_a_busy_day_passes_in_a_moment() -> None:
    """Eight bells, six hundred rings with a question each, crashes and restarts: 24 hours.

    The target is a second of real time; here CPU time is bounded with room for a slow machine,
    so that a loop that polls instead of waiting is found.
    """
    tower = Tower()
    begun_at = time.process_time()
    assert run_seeded(tower.ring_for_a_day, 1) == pytest.approx(DAY_SECONDS)
    spent_seconds = time.process_time() - begun_at
    assert tower.rung > 500
    assert tower.unanswered == 0
    restarts = sum(child.restarts for child in tower.system.snapshot().children)
    assert restarts >= tower.rung // 100
    assert spent_seconds < 1.0


async def test_a_timer_set_long_ago_is_not_late(autojump_clock: MockClock) -> None:
    """A week of ticks every hour: each to the second, none is lost."""
    ticks: list[float] = []

    class Hourly(Actor[str]):
        async def started(self) -> None:
            self.context.every(3600, "tick")

        async def receive(self, message: str) -> None:
            ticks.append(trio.current_time() - begun_at)

    begun_at = trio.current_time()
    async with ActorSystem(Supervisor("tower", (ChildSpec("clock", Hourly),))):
        await trio.sleep(7 * DAY_SECONDS + 1)
    assert ticks == pytest.approx([3600 * hour for hour in range(1, 169)])
