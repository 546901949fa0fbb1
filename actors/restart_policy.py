"""Who restarts whom, how often and after what wait: pure rules, no clock and no dice of their own."""

import random
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from itertools import dropwhile
from typing import TypeVar


class Strategy(Enum):
    """Which children are restarted when one of them ends (Erlang/OTP's three)."""

    ONE_FOR_ONE = "one_for_one"
    ONE_FOR_ALL = "one_for_all"
    REST_FOR_ONE = "rest_for_one"


class Restart(Enum):
    """Which endings of a child call for a new life."""

    PERMANENT = "permanent"  # every ending
    TRANSIENT = "transient"  # only a crash
    TEMPORARY = "temporary"  # none


@dataclass(frozen=True)
class Backoff:
    """Exponential wait before a restart: `first`, then times `factor`, never more than `most`.

    `jitter` is the share of the wait that the dice decide: 0.5 gives between half and all of it.
    A child that lived for `forgiven_after_seconds` starts again from the first wait.
    """

    first_seconds: float = 0.1
    factor: float = 2.0
    most_seconds: float = 30.0
    jitter: float = 0.5
    forgiven_after_seconds: float = 60.0

    def __post_init__(self) -> None:
        if self.first_seconds < 0 or self.most_seconds < self.first_seconds:
            raise ValueError("a backoff needs 0 <= first_seconds <= most_seconds")
        if self.factor < 1:
            raise ValueError("a backoff never shrinks: factor >= 1")
        if not 0 <= self.jitter <= 1:
            raise ValueError("jitter is a share between 0 and 1")

    def wait_seconds(self, attempt: int, dice: random.Random) -> float:
        """The wait before restart number `attempt` (1 is the first) in a row."""
        try:
            longest = min(self.most_seconds, self.first_seconds * self.factor ** (attempt - 1))
        except OverflowError:  # after a thousand doublings
            longest = self.most_seconds if self.first_seconds else 0.0
        return longest * (1 - self.jitter * dice.random()) if longest else 0.0


def needs_restart(restart: Restart, *, crashed: bool) -> bool:
    """Whether an ending calls for a new life."""
    return restart is Restart.PERMANENT or (restart is Restart.TRANSIENT and crashed)


Name = TypeVar("Name")


def restart_group(strategy: Strategy, order: Iterable[Name], ended: Name) -> tuple[Name, ...]:
    """Who shares the fate of `ended`, itself included, in start order."""
    if strategy is Strategy.ONE_FOR_ONE:
        return (ended,)
    if strategy is Strategy.ONE_FOR_ALL:
        return tuple(order)
    return tuple(dropwhile(lambda name: name != ended, order))


class RestartWindow:
    """Counts restarts in the last `period_seconds`; one more than `intensity` is too many."""

    __slots__ = ("_moments", "intensity", "period_seconds")

    def __init__(self, intensity: int, period_seconds: float) -> None:
        self.intensity = intensity
        self.period_seconds = period_seconds
        self._moments: deque[float] = deque()

    def allows(self, now: float) -> bool:
        """Note a restart at `now`; False when the supervisor should give up instead."""
        moments = self._moments
        moments.append(now)
        while moments[0] < now - self.period_seconds:
            moments.popleft()
        return len(moments) <= self.intensity
