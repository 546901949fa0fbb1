"""One place in the tree, over all its lives: what actors, tasks and supervisors have in common."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

import trio

from actors.alarms import AlarmClock
from actors.dead_letters import DeadLetters
from actors.errors import StartTimedOut
from actors.mailbox import Down, Watcher
from actors.specs import AnySpec
from actors.vitals import KindNumbers, Status, Vitals


@dataclass(frozen=True)
class Happening:
    """Something a log would like to know.

    `what` is crashed, restarting, ended, gave_up or stop_timed_out.
    """

    what: str
    path: str
    failure: BaseException | None = None
    wait_seconds: float = 0.0


@dataclass
class Runtime:
    """What every place in one tree shares; the clock and the dice are the caller's."""

    alarms: AlarmClock
    dead_letters: DeadLetters
    dice: Random
    tell_journal: Callable[[Happening], None]
    numbers: dict[str, KindNumbers] = field(default_factory=dict)

    @property
    def clock(self) -> Callable[[], float]:
        """Seconds on the clock of the run."""
        return self.alarms.clock

    def numbers_of(self, kind: str) -> KindNumbers:
        """The sums kept for a kind."""
        return self.numbers.setdefault(kind, KindNumbers())


class Parent(Protocol):
    """Who hears that a life ended."""

    @property
    def path(self) -> str:
        """Names from the root, joined by slashes."""

    def child_running(self, child: "Child", /) -> None:
        """A child has started."""

    def child_ended(self, child: "Child", failure: BaseException | None, /) -> None:
        """A life of a child has ended."""


class Child:
    """A place in the tree. `run` is one life; `over` means that there will be no other."""

    __slots__ = (
        "_changed",
        "_kill_reason",
        "_watchers",
        "attempt",
        "born_at",
        "due_at",
        "in_order",
        "last_failure",
        "life_failure",
        "lives",
        "mourned",
        "name",
        "over",
        "parent",
        "pausing",
        "rank",
        "restarts",
        "runtime",
        "scope",
        "spec",
        "static",
        "status",
        "stop_requested",
        "unwanted",
    )

    def __init__(
        self, spec: AnySpec, name: str, parent: Parent, runtime: Runtime, rank: int
    ) -> None:
        self.spec = spec
        self.name = name
        self.parent = parent
        self.runtime = runtime
        self.rank = rank  # start order among siblings
        self.static = False
        self.status = Status.WAITING
        self.scope: trio.CancelScope | None = None
        self.born_at = self.due_at = 0.0
        self.restarts = self.attempt = self.lives = 0
        self.life_failure: BaseException | None = None  # of the last life
        self.last_failure: BaseException | None = None  # of the last life that had one
        self.in_order = False  # siblings of higher rank wait until it runs
        self.stop_requested = False
        self.pausing = False  # stopped by its own supervisor, to live again
        self.unwanted = False  # never to live again
        self.mourned = True  # those who watch know that the last life ended
        self.over = False
        self._kill_reason: BaseException | None = None
        self._changed: trio.Event | None = None
        self._watchers: list[Watcher] | None = None

    @property
    def path(self) -> str:
        """Names from the root, joined by slashes."""
        return "/".join(filter(None, (self.parent.path, self.name)))

    @property
    def alive(self) -> bool:
        """Whether a life is going on."""
        return self.status is Status.RUNNING or self.status is Status.STARTING

    def find(self, path: str) -> "Child | None":  # noqa: ARG002 - for those who have children
        """The place at a path below this one: names joined by slashes."""
        return None

    async def doze(self) -> None:
        """What of a life can be had without a cancel scope; called before `live`."""

    async def live(self) -> None:
        """One life; returning is a normal ending, raising a crash."""
        raise NotImplementedError

    def end_doze(self) -> None:
        """Let `doze` return, if it goes on."""

    def heed_stop(self) -> None:
        """Make the life that goes on come to its end, in order."""
        raise NotImplementedError

    def vitals(self) -> Vitals:
        """What can be seen of it now."""
        raise NotImplementedError

    def born(self) -> None:
        """Enter a new life; `run` is about to be started as a task."""
        self.status = Status.STARTING
        self.lives += 1
        self.stop_requested = False
        self._kill_reason = None
        self.pausing = False  # a pause that was cancelled half-way must not deafen its supervisor
        self.mourned = False
        self.life_failure = None
        self.born_at = self.runtime.alarms.clock()

    async def run(self) -> None:
        """One life as a task: whatever happens in it, the parent hears of its end."""
        failure: BaseException | None = None
        try:
            await self.doze()
            with trio.CancelScope() as self.scope:
                if self._kill_reason is not None:
                    self.scope.cancel()
                await self.live()
            if self.scope.cancelled_caught:
                failure = self._why_cancelled()
        except Exception as error:  # noqa: BLE001 - supervision is exactly this line
            failure = error
        finally:
            self.scope = None
            self.status = Status.ENDED
            if failure is not None:
                self.life_failure = self.last_failure = failure
            self.life_ended()
            self.announce()
            self.parent.child_ended(self, failure)

    def life_ended(self) -> None:
        """Let go of what belonged to the life that ended."""

    def running(self) -> None:
        """The life has started."""
        self.status = Status.RUNNING
        if self.scope is not None and self.scope.deadline != float("inf"):
            self.scope.deadline = float("inf")
        self.announce()
        if self.in_order:
            self.in_order = False
            self.parent.child_running(self)

    def give_start_deadline(self) -> None:
        """From now, `start_seconds` are left to call `running`."""
        if self.scope is not None and self.spec.start_seconds != float("inf"):
            self.scope.deadline = self.runtime.alarms.clock() + self.spec.start_seconds

    def request_stop(self) -> None:
        """Ask the life that goes on to end in order."""
        if not self.stop_requested:
            self.stop_requested = True
            self.heed_stop()

    def kill(self, reason: BaseException) -> None:
        """Cancel the life that goes on; `reason` becomes its failure."""
        if self.alive and self._kill_reason is None:
            self._kill_reason = reason
            if self.scope is not None:
                self.scope.cancel()
            else:
                self.end_doze()

    def finalise(self) -> None:
        """There will be no other life."""
        if self.over:
            return
        self.over = True
        self.status = Status.ENDED
        self.tell_watchers(restarting=False)
        self._watchers = None
        self.announce()

    def watch(self, watcher: Watcher) -> None:
        """Call `watcher` whenever a life ends; at once if the last one has."""
        if self.over:
            watcher(self._down(restarting=False))
            return
        if self._watchers is None:
            self._watchers = []
        self._watchers.append(watcher)

    def unwatch(self, watcher: Watcher) -> None:
        """Call it no more."""
        if self._watchers is not None and watcher in self._watchers:
            self._watchers.remove(watcher)

    def tell_watchers(self, *, restarting: bool) -> None:
        """Say once that the last life ended, and whether another follows."""
        if self.mourned:
            return
        self.mourned = True
        for watcher in tuple(self._watchers or ()):
            watcher(self._down(restarting=restarting))

    def announce(self) -> None:
        """Wake those who wait for a change of status."""
        if self._changed is not None:
            self._changed.set()
            self._changed = None

    async def wait_change(self) -> None:
        """Wait until the status changes."""
        if self._changed is None:
            self._changed = trio.Event()
        await self._changed.wait()

    async def wait_life_end(self) -> None:
        """Wait until the life that goes on has ended; at once if none does."""
        # The next life may begin before the waiter has its turn.
        life = self.lives
        while self.alive and self.lives == life:
            await self.wait_change()

    async def wait_over(self) -> Down:
        """Wait until there will be no other life."""
        while not self.over:
            await self.wait_change()
        return self._down(restarting=False)

    def _down(self, *, restarting: bool) -> Down:
        return Down(self.path, self.life_failure, restarting)

    def _why_cancelled(self) -> BaseException | None:
        if self._kill_reason is not None:
            return self._kill_reason
        if self.stop_requested:
            return None
        return StartTimedOut(f"{self.path} did not start in {self.spec.start_seconds} s")
