"""For tests of actors: a probe, crashes on demand, virtual time, and one seed for one interleaving."""

import os
import random
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

import trio
import trio._core._run as scheduler
from trio.testing import MockClock

from actors.actor import Actor, ChildSpec
from actors.address import Address
from actors.mailbox import MailboxRule
from actors.restart_policy import Restart

Message = TypeVar("Message")
Result = TypeVar("Result")

# Set to a seed, it makes every sweep run that one alone: how a failure from CI is looked at.
SEED_VARIABLE = "ACTORS_SEED"


class Crash(Exception):
    """What `crash` ends a life with, unless told otherwise."""


class Probe(Generic[Message]):
    """An actor that only notes: what it received, and how often it started and stopped.

    `answer` gives the replies. Put `probe.spec()` into a tree, or spawn it.
    """

    def __init__(self, answer: Callable[[Message], object] | None = None) -> None:
        self.received: list[Message] = []
        self.started = 0
        self.stopped = 0
        self._answer = answer
        self._news = trio.Event()

    def spec(
        self,
        name: str = "probe",
        restart: Restart = Restart.PERMANENT,
        mailbox: MailboxRule | None = None,
    ) -> ChildSpec[Message]:
        """A child that this probe looks through; each life of it notes in the same place."""
        return ChildSpec(
            name, lambda: _ProbeActor(self), restart=restart, mailbox=mailbox or MailboxRule()
        )

    async def wait_for(self, count: int, timeout_seconds: float = 10.0) -> list[Message]:
        """Wait until `count` messages have come in all; trio.TooSlowError when they do not."""
        with trio.fail_after(timeout_seconds):
            while len(self.received) < count:
                await self._news.wait()
        return self.received

    def note(self, message: Message) -> object:
        """For the actor: keep a message, find its answer."""
        self.received.append(message)
        self._news.set()
        self._news = trio.Event()
        return None if self._answer is None else self._answer(message)


class _ProbeActor(Actor[Message]):
    def __init__(self, probe: Probe[Message]) -> None:
        self._probe = probe

    async def started(self) -> None:
        self._probe.started += 1

    async def receive(self, message: Message) -> object:
        return self._probe.note(message)

    async def stopped(self) -> None:
        self._probe.stopped += 1


def crash(address: Address[Any], error: Exception | None = None) -> None:
    """End the life at `address` as if `error` had come out of it, wherever it is; no life, no crash."""
    address.owner.kill(error or Crash("on demand"))


@contextmanager
def seeded_scheduling(seed: int) -> Iterator[random.Random]:
    """Inside, trio orders its tasks by the seed alone; gives dice of the same seed.

    Trio has no public switch for it: this is the one pytest-trio uses under hypothesis.
    """
    before, dice_before = scheduler._ALLOW_DETERMINISTIC_SCHEDULING, scheduler._r.getstate()  # noqa: SLF001
    scheduler._ALLOW_DETERMINISTIC_SCHEDULING = True  # type: ignore[misc]  # noqa: SLF001
    scheduler._r.seed(seed)  # noqa: SLF001
    try:
        yield random.Random(seed)
    finally:
        scheduler._ALLOW_DETERMINISTIC_SCHEDULING = before  # type: ignore[misc]  # noqa: SLF001
        scheduler._r.setstate(dice_before)  # noqa: SLF001


def run_seeded(story: Callable[[random.Random], Awaitable[Result]], seed: int) -> Result:
    """Run `story(dice)` in virtual time, in the one interleaving that belongs to `seed`.

    A wait that nothing will end jumps the clock to the next deadline: give waits a deadline.
    """
    with seeded_scheduling(seed) as dice:
        return trio.run(story, dice, clock=MockClock(autojump_threshold=0))


def sweep(story: Callable[[random.Random], Awaitable[object]], seeds: Iterable[int]) -> int:
    """Run a story under each seed; returns how many. A failing seed is printed and run once more.

    The error raised is the replay's, with the seed in a note, so that it can be debugged as it
    stands; `ACTORS_SEED=17` in the environment makes the sweep run seed 17 alone.
    """
    only = os.environ.get(SEED_VARIABLE)
    count = 0
    for seed in [int(only)] if only is not None else seeds:
        count += 1
        try:
            run_seeded(story, seed)
        except Exception as error:  # noqa: BLE001 - whatever fails, its seed is told
            _replay(story, seed, error)
    return count


def _replay(
    story: Callable[[random.Random], Awaitable[object]], seed: int, first: Exception
) -> None:
    print(f"seed {seed} failed: {first!r}; replay it with {SEED_VARIABLE}={seed}")
    try:
        run_seeded(story, seed)
    except Exception as error:
        error.add_note(f"seed {seed}; replay it with {SEED_VARIABLE}={seed}")
        raise
    raise AssertionError(
        f"seed {seed} failed once and not again: the story depends on more than its seed"
    ) from first
