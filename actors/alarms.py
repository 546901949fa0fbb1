"""One task that keeps every deadline: ask timeouts, timers and the like, without a cancel scope each."""

import heapq
import itertools
from collections import deque
from collections.abc import Callable
from typing import Protocol

import trio

# Askers who use more different timeouts than this share the heap instead of a queue each.
MOST_TIMEOUT_CLASSES = 32
# A queue of asks longer than this is swept of the answered ones when they are the majority.
SWEEP_LENGTH = 256


class Waiter(Protocol):
    """Someone with a deadline."""

    @property
    def waiting(self) -> bool:
        """False once it no longer matters whether the deadline passes."""

    def expire(self) -> None:
        """The deadline passed while it was waiting."""


class Alarm:
    """A callback at a moment; cancelling is cheap and may come late."""

    __slots__ = ("_ring",)

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring: Callable[[], None] | None = ring

    @property
    def waiting(self) -> bool:
        """Whether it can still ring."""
        return self._ring is not None

    def cancel(self) -> None:
        """Never ring."""
        self._ring = None

    def expire(self) -> None:
        """Ring, once."""
        ring, self._ring = self._ring, None
        if ring is not None:
            ring()


class TimeoutQueue:
    """Waiters of one timeout: deadlines come in order, so a plain queue is a priority queue."""

    __slots__ = ("_clock", "_entries", "_owner", "_sweep_at", "timeout_seconds")

    def __init__(self, owner: "AlarmClock", timeout_seconds: float) -> None:
        self._owner = owner
        self._clock = owner.clock
        self._entries: deque[tuple[float, Waiter]] = deque()
        self._sweep_at = SWEEP_LENGTH
        self.timeout_seconds = timeout_seconds

    def watch(self, waiter: Waiter, now: float) -> None:
        """Expire `waiter` at `now + timeout_seconds` unless it has stopped waiting."""
        entries = self._entries
        while entries and not entries[0][1].waiting:
            entries.popleft()
        deadline = now + self.timeout_seconds
        entries.append((deadline, waiter))
        if deadline < self._owner.wakes_at:
            self._owner.wake_by(deadline)
        if len(entries) > self._sweep_at:
            self._sweep()

    def expire_until(self, now: float) -> float:
        """Expire who is due; returns the next deadline, infinity when nobody waits."""
        entries = self._entries
        while entries:
            deadline, waiter = entries[0]
            if not waiter.waiting:
                entries.popleft()
            elif deadline <= now:
                entries.popleft()
                waiter.expire()
            else:
                return deadline
        return float("inf")

    def _sweep(self) -> None:
        # One unanswered ask at the head would otherwise keep every answered one behind it alive.
        self._entries = deque(entry for entry in self._entries if entry[1].waiting)
        self._sweep_at = max(SWEEP_LENGTH, 2 * len(self._entries))


class AlarmClock:
    """Keeps deadlines for the whole system in one task; `clock` is the run's own clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.wakes_at = float("inf")
        self._scope: trio.CancelScope | None = None
        self._heap: list[tuple[float, int, Waiter]] = []
        self._sweep_at = SWEEP_LENGTH
        self._tickets = itertools.count()
        self._queues: dict[float, TimeoutQueue] = {}

    def watch(self, waiter: Waiter, timeout_seconds: float) -> None:
        """Expire `waiter` after `timeout_seconds` unless it has stopped waiting by then."""
        queue = self._queues.get(timeout_seconds)
        if queue is None:
            if len(self._queues) >= MOST_TIMEOUT_CLASSES:
                self._watch_until(waiter, self.clock() + timeout_seconds)
                return
            queue = self._queues[timeout_seconds] = TimeoutQueue(self, timeout_seconds)
        queue.watch(waiter, self.clock())

    def call_after(self, seconds: float, ring: Callable[[], None]) -> Alarm:
        """Call `ring` in `seconds`; it must not block or raise."""
        alarm = Alarm(ring)
        self._watch_until(alarm, self.clock() + seconds)
        return alarm

    def wake_by(self, moment: float) -> None:
        """Make sure the keeper looks at its deadlines at `moment` at the latest."""
        if moment < self.wakes_at:
            self.wakes_at = moment
            if self._scope is not None:
                self._scope.deadline = moment

    async def run(self) -> None:
        """Keep deadlines until cancelled."""
        while True:
            with trio.CancelScope(deadline=self.wakes_at) as self._scope:
                await trio.sleep_forever()
            self._scope = None
            self.wakes_at = float("inf")
            self.wake_by(self._expire_until(self.clock()))

    def _watch_until(self, waiter: Waiter, moment: float) -> None:
        heapq.heappush(self._heap, (moment, next(self._tickets), waiter))
        if len(self._heap) > self._sweep_at:
            # Alarms are mostly cancelled, not rung; they must not stay until their moment.
            self._heap = [entry for entry in self._heap if entry[2].waiting]
            heapq.heapify(self._heap)
            self._sweep_at = max(SWEEP_LENGTH, 2 * len(self._heap))
        self.wake_by(moment)

    def _expire_until(self, now: float) -> float:
        # Looked up anew each time: whoever rings may set alarms, and that may sweep the heap.
        while self._heap and (self._heap[0][0] <= now or not self._heap[0][2].waiting):
            heapq.heappop(self._heap)[2].expire()
        nearest = self._heap[0][0] if self._heap else float("inf")
        return min([nearest, *(queue.expire_until(now) for queue in self._queues.values())])
