"""A running supervisor: starts its children in order, restarts them by the rules, stops them in reverse."""

import itertools
from collections import deque
from collections.abc import Callable
from typing import TypeVar

import trio

from actors.actor import ChildSpec
from actors.address import Address
from actors.cell import Cell
from actors.child import Child, Happening, Parent, Runtime
from actors.errors import ActorDied, ActorError, GaveUp, NameTaken, StopTimedOut
from actors.restart_policy import Restart, RestartWindow, needs_restart, restart_group
from actors.specs import AnySpec, Supervisor, TaskSpec
from actors.vitals import Status, Vitals

Message = TypeVar("Message")


class TaskPlace(Child):
    """A plain async function as a child."""

    __slots__ = ()
    spec: TaskSpec

    async def live(self) -> None:
        """Run it; having returned, it has started too."""
        self.give_start_deadline()
        await self.spec.run(self)

    def started(self) -> None:
        """The function says that it is up."""
        if self.status is Status.STARTING:
            self.running()

    def heed_stop(self) -> None:
        """A plain function knows no other sign."""
        if self.scope is not None:
            self.scope.cancel()

    def vitals(self) -> Vitals:
        """What can be seen of it now."""
        return Vitals(
            name=self.name,
            path=self.path,
            sort="task",
            kind=self.spec.kind or self.spec.name,
            status=self.status,
            restarts=self.restarts,
            last_failure=None if self.last_failure is None else repr(self.last_failure),
        )


class Branch(Child):
    """A supervisor over all its lives; static children keep their place and mailbox through them."""

    __slots__ = (
        "_accepting",
        "_events",
        "_nursery",
        "_ranks",
        "_sleeper",
        "_waiting",
        "_window",
        "children",
    )
    spec: Supervisor

    def __init__(
        self, spec: Supervisor, name: str, parent: Parent, runtime: Runtime, rank: int
    ) -> None:
        super().__init__(spec, name, parent, runtime, rank)
        self.children: dict[str, Child] = {}  # in start order
        self._ranks = itertools.count()
        self._events: deque[tuple[Child, BaseException | None]] = deque()
        self._waiting: dict[str, Child] = {}  # to be started, or starting while others wait for it
        self._nursery: trio.Nursery | None = None
        self._accepting = False
        self._sleeper: trio.Event | None = None
        self._window = RestartWindow(spec.intensity, spec.period_seconds)

    # Children that come and go.

    def spawn(self, spec: ChildSpec[Message], name: str | None = None) -> Address[Message]:
        """Start an actor without waiting for it; messages may be told to it at once.

        NameTaken when a child of the name lives, ActorDied when the supervisor does not.
        """
        name = name or spec.name
        self._check_new(name)
        cell = Cell(spec, name, self, self.runtime, next(self._ranks), self.make_nest)
        self._enter(cell)
        return cell.address

    def add(self, spec: TaskSpec | Supervisor, name: str | None = None) -> None:
        """Start a task or a supervisor without waiting for it; errors as for `spawn`."""
        name = name or spec.name
        self._check_new(name)
        self._enter(self._make(spec, name))

    async def start(self, spec: ChildSpec[Message], name: str | None = None) -> Address[Message]:
        """Start an actor and wait until it runs; ActorDied when its first life ends before that."""
        address = self.spawn(spec, name)
        child = self.children[name or spec.name]
        while child.status is Status.STARTING:
            await child.wait_change()
        if child.status is not Status.RUNNING:
            raise ActorDied(address.path) from child.life_failure
        return address

    async def stop_child(self, name: str) -> None:
        """Stop a child in order, within its `stop_seconds`, for good; none of the name is no error."""
        child = self.children.get(name)
        if child is None:
            return
        child.unwanted = True
        if child.alive:
            await self._end_life(child)
        self._forget(child)

    def find(self, path: str) -> Child | None:
        """The place at a path below this one: names joined by slashes."""
        name, _, below = path.partition("/")
        child = self.children.get(name)
        return child.find(below) if below and child is not None else child

    # A life of its own.

    async def live(self) -> None:
        """Start the static children, supervise, stop all; GaveUp when restarts become too many."""
        failure: ActorError | None = None
        try:
            async with trio.open_nursery() as self._nursery:
                self._accepting = True
                self._begin()
                failure = await self._supervise()
                self._accepting = False
                await self._stop_all()
        finally:
            self._accepting = False
            self._nursery = None
            self._waiting.clear()
            for child in tuple(self.children.values()):
                if not child.static:
                    self._forget(child)
            self._events.clear()
        if failure is not None:
            raise failure

    def heed_stop(self) -> None:
        """Let the loop see the wish."""
        self._wake()

    def finalise(self) -> None:
        """No other life for any child either."""
        for child in reversed(tuple(self.children.values())):
            child.finalise()
        super().finalise()

    def vitals(self) -> Vitals:
        """The tree below, as it is now."""
        return Vitals(
            name=self.name,
            path=self.path,
            sort="supervisor",
            kind=self.spec.name,
            status=self.status,
            restarts=self.restarts,
            last_failure=None if self.last_failure is None else repr(self.last_failure),
            children=tuple(child.vitals() for child in self.children.values()),
        )

    # As a parent.

    def child_running(self, child: Child) -> None:
        """Those who waited for it may start."""
        self._waiting.pop(child.name, None)
        self._wake()

    def child_ended(self, child: Child, failure: BaseException | None) -> None:
        """Leave it to the loop, unless someone ended it on purpose."""
        if child.unwanted:
            self._forget(child)
        elif not child.pausing:
            self._events.append((child, failure))
            self._wake()

    def make_nest(self, cell: Cell) -> "Branch":
        """A branch for an actor's own children; it runs beside the actor and ends with it."""
        # Without a name of its own: an actor's child is found right below the actor.
        nest = Branch(Supervisor(""), "", cell, self.runtime, 0)
        if self._nursery is None:
            raise ActorDied(self.path)
        nest.born()
        nest.open_early()
        self._nursery.start_soon(nest.run)
        return nest

    def open_early(self) -> None:
        """Accept children before the first turn of the loop: their actor does not wait for it."""
        self._accepting = True

    # The loop.

    def _begin(self) -> None:
        for position, spec in enumerate(self.spec.children):
            child = self.children.get(spec.name)
            if child is None or child.over:
                child = self._make(spec, spec.name)
                child.static = True
                child.rank = position
                self.children[spec.name] = child
            child.in_order = True
            child.due_at = self.runtime.clock()
            self._set_waiting(child)
        self._ranks = itertools.count(len(self.spec.children))
        for child in self.children.values():
            if not child.static and child.status is Status.WAITING:
                self._launch(child)

    async def _supervise(self) -> ActorError | None:
        while True:
            while self._events:
                failure = await self._settle(*self._events.popleft())
                if failure is not None:
                    return failure
            if self.stop_requested:
                return None
            wake_at = self._start_due() if self._waiting else float("inf")
            if not self._waiting and self.status is Status.STARTING:
                self.running()
            await self._sleep(wake_at)

    async def _settle(self, child: Child, failure: BaseException | None) -> ActorError | None:
        """Apply the rules to one ending; returns why to give up, if so."""
        if child.over or child.status is not Status.ENDED:
            return None
        if failure is not None:
            self._say("crashed", child, failure)
        if not needs_restart(child.spec.restart, crashed=failure is not None):
            self._say("ended", child, failure)
            self._forget(child)
            return None
        now = self.runtime.clock()
        if not self._window.allows(now):
            self._say("gave_up", child, failure)
            gave_up = GaveUp(
                f"{self.path}: more than {self.spec.intensity} restarts in "
                f"{self.spec.period_seconds} s, the last of {child.name}"
            )
            gave_up.__cause__ = failure
            return gave_up
        await self._restart(child, failure, now)
        return None

    async def _restart(self, child: Child, failure: BaseException | None, now: float) -> None:
        backoff = self.spec.backoff
        if now - child.born_at >= backoff.forgiven_after_seconds:
            child.attempt = 0
        child.attempt += 1
        wait_seconds = backoff.wait_seconds(child.attempt, self.runtime.dice)
        self._say("restarting", child, failure, wait_seconds)
        group = restart_group(self.spec.strategy, self.children.values(), child)
        for member in reversed(group):
            if member is not child:
                await self._pause(member)
        for member in group:
            if member.over:
                continue
            member.tell_watchers(restarting=True)
            member.restarts += 1
            # One that failed in its ordered start still holds up those after it.
            member.in_order = member.in_order or len(group) > 1
            # From the end of the stops: a wait is a wait for whoever asks the fresh ones.
            member.due_at = now + wait_seconds
            self._set_waiting(member)

    async def _pause(self, member: Child) -> None:
        """End a life whose fate is another's; it will live again, unless it is temporary."""
        if member.alive:
            await self._end_life(member)
        if member.spec.restart is Restart.TEMPORARY or member.unwanted:
            self._forget(member)

    def _start_due(self) -> float:
        """Start who is due, in order; returns when to look again."""
        now = self.runtime.clock()
        wake_at = float("inf")
        for child in sorted(self._waiting.values(), key=lambda child: child.rank):
            if child.status is Status.WAITING:
                if child.due_at <= now:
                    self._launch(child)
                else:
                    wake_at = min(wake_at, child.due_at)
            if child.in_order:
                break  # the rest waits until this one runs
            self._waiting.pop(child.name, None) if child.alive else None
        return wake_at

    async def _sleep(self, wake_at: float) -> None:
        if self._events or self.stop_requested:
            return
        self._sleeper = trio.Event()
        if wake_at == float("inf"):
            await self._sleeper.wait()
        else:
            with trio.move_on_at(wake_at):
                await self._sleeper.wait()
        self._sleeper = None

    def _wake(self) -> None:
        if self._sleeper is not None:
            self._sleeper.set()

    async def _stop_all(self) -> None:
        """Those who came later go together; then the static ones, last first."""
        comers = [child for child in self.children.values() if not child.static and child.alive]
        async with trio.open_nursery() as stops:
            for child in comers:
                child.unwanted = True
                child.request_stop()
            for child in comers:
                stops.start_soon(self._end_life, child)
        for child in sorted(self.children.values(), key=lambda child: -child.rank):
            if child.alive:
                await self._end_life(child)

    async def _end_life(self, child: Child) -> None:
        """Ask it to end; past `stop_seconds` cancel it."""
        child.pausing = True
        child.request_stop()
        with trio.move_on_after(child.spec.stop_seconds):
            await child.wait_life_end()
        if child.alive:
            late = StopTimedOut(f"{child.path} did not end in {child.spec.stop_seconds} s")
            self._say("stop_timed_out", child, late)
            child.kill(late)
            await child.wait_life_end()
        child.pausing = False

    # Small steps.

    def _make(self, spec: AnySpec, name: str) -> Child:
        rank = next(self._ranks)
        if isinstance(spec, ChildSpec):
            return Cell(spec, name, self, self.runtime, rank, self.make_nest)
        kind: Callable[..., Child] = TaskPlace if isinstance(spec, TaskSpec) else Branch
        return kind(spec, name, self, self.runtime, rank)

    def _check_new(self, name: str) -> None:
        if not self._accepting:
            raise ActorDied(f"{self.path} takes no children now")
        if name in self.children:
            raise NameTaken(f"{self.path}/{name}")

    def _enter(self, child: Child) -> None:
        self.children[child.name] = child
        self._launch(child)

    def _launch(self, child: Child) -> None:
        if self._nursery is not None:
            child.tell_watchers(restarting=True)
            child.born()
            self._nursery.start_soon(child.run, name=child.spec.name)

    def _set_waiting(self, child: Child) -> None:
        child.status = Status.WAITING
        self._waiting[child.name] = child
        child.announce()

    def _forget(self, child: Child) -> None:
        if self.children.get(child.name) is child:
            del self.children[child.name]
            self._waiting.pop(child.name, None)
        child.finalise()
        self._wake()

    def _say(
        self, what: str, child: Child, failure: BaseException | None, wait_seconds: float = 0.0
    ) -> None:
        self.runtime.tell_journal(Happening(what, child.path, failure, wait_seconds))
