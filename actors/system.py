"""The root: runs a tree inside a block, finds its actors, and shows what is going on in it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from random import Random
from types import TracebackType
from typing import Any, TypeVar

import trio

from actors.actor import ChildSpec
from actors.address import Address
from actors.alarms import AlarmClock
from actors.branch import Branch
from actors.cell import Cell
from actors.child import Child, Happening, Runtime
from actors.dead_letters import DeadLetters
from actors.specs import Supervisor
from actors.vitals import KindNumbers, Status, Vitals

Message = TypeVar("Message")


def _say_nothing(_: Happening) -> None:
    """The journal of those who keep none."""


class ActorSystem:
    """`async with ActorSystem(tree) as system:` runs the tree until the block is left.

    Entering waits until every static child runs. Leaving stops them in reverse, each within its
    deadline; a cancelled block cancels them instead. When the root gives up, the block is cancelled
    and GaveUp is raised from it. `journal` hears what happens; it must not block or raise.
    """

    def __init__(
        self,
        tree: Supervisor,
        *,
        dice: Random | None = None,
        journal: Callable[[Happening], None] = _say_nothing,
        dead_letters_kept: int = 100,
    ) -> None:
        self.tree = tree
        self._dice = dice or Random()
        self._journal = journal
        self._dead_letters_kept = dead_letters_kept
        self._root: Branch | None = None
        self._nursery: trio.Nursery | None = None
        self._block: AbstractAsyncContextManager[trio.Nursery] | None = None
        self._failure: BaseException | None = None

    async def __aenter__(self) -> "ActorSystem":
        clock = trio.lowlevel.current_clock().current_time
        self._runtime = Runtime(
            alarms=AlarmClock(clock),
            dead_letters=DeadLetters(self._dead_letters_kept, clock),
            dice=self._dice,
            tell_journal=self._journal,
        )
        self._failure = None
        self._block = trio.open_nursery()
        self._nursery = await self._block.__aenter__()
        self._root = Branch(self.tree, self.tree.name, self, self._runtime, 0)
        self._root.born()
        self._nursery.start_soon(self._runtime.alarms.run)
        self._nursery.start_soon(self._root.run)
        try:
            while self._root.status is Status.STARTING:
                await self._root.wait_change()
            await trio.lowlevel.checkpoint()
        except BaseException as error:
            await self.__aexit__(type(error), error, error.__traceback__)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        if self._block is None or self._nursery is None:
            raise RuntimeError("the actor system has not been entered")
        swallowed = False
        try:
            if error is not None and not isinstance(error, Exception):
                swallowed = bool(await self._block.__aexit__(kind, error, traceback))
            else:
                # Not through the nursery, which would wrap the block's own error in a group.
                try:
                    await self._stop()
                    self._nursery.cancel_scope.cancel()
                except BaseException as stopping:  # noqa: BLE001 - the nursery decides what of it is raised
                    await self._block.__aexit__(type(stopping), stopping, stopping.__traceback__)
                else:
                    await self._block.__aexit__(None, None, None)
        finally:
            self.root.finalise()
        if self._failure is not None and (swallowed or error is None):
            raise self._failure
        return swallowed

    @property
    def root(self) -> Branch:
        """The running root supervisor; RuntimeError before the block is entered."""
        if self._root is None:
            raise RuntimeError("the actor system has not been entered")
        return self._root

    @property
    def path(self) -> str:
        """Nothing is above the root."""
        return ""

    @property
    def dead_letters(self) -> DeadLetters:
        """Messages nobody handled."""
        return self._runtime.dead_letters

    def supervisor(self, path: str = "") -> Branch:
        """The running supervisor at a path below the root (the root for none); KeyError if there is none."""
        found = self.root.find(path) if path else self.root
        if not isinstance(found, Branch):
            raise KeyError(path)
        return found

    def find(self, path: str) -> Address[Any] | None:
        """The actor at a path below the root, names joined by slashes."""
        found = self.root.find(path)
        return found.address if isinstance(found, Cell) else None

    def address_of(self, spec: ChildSpec[Message]) -> Address[Message]:
        """The address of a static child, by the very spec in the tree; KeyError if it has no place."""
        for cell in _cells(self.root):
            if cell.spec is spec:
                return cell.address
        raise KeyError(spec.name)

    def snapshot(self) -> Vitals:
        """The whole tree as it is now."""
        return self.root.vitals()

    def numbers(self) -> dict[str, KindNumbers]:
        """Sums by kind over all actors, living and ended: a bounded set of labels for metrics."""
        numbers: dict[str, KindNumbers] = {}
        for kind, ended in self._runtime.numbers.items():
            numbers[kind] = KindNumbers(
                handled=ended.handled,
                restarts=ended.restarts,
                lost=ended.lost,
                latency=list(ended.latency),
            )
        for cell in _cells(self.root):
            vitals = cell.vitals()
            sums = numbers.setdefault(vitals.kind, KindNumbers())
            sums.add(vitals)
            sums.alive += cell.alive
            sums.waiting += vitals.waiting
        return numbers

    # As the parent of the root.

    def child_running(self, _: Child) -> None:
        """Entering the block waits for the root by itself."""

    def child_ended(self, _: Child, failure: BaseException | None) -> None:
        """A root that gave up takes the block along."""
        if failure is not None and self._nursery is not None:
            self._failure = failure
            self._nursery.cancel_scope.cancel()

    async def _stop(self) -> None:
        self.root.request_stop()
        await self.root.wait_life_end()


def _cells(place: object) -> Iterator[Cell]:
    if isinstance(place, Cell):
        yield place
        yield from _cells(place.nest)
    elif isinstance(place, Branch):
        for child in place.children.values():
            yield from _cells(child)
