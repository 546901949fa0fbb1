"""Carries news to the walkers' sockets of this process."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import trio

from wildside.domain.identifiers import RequestId, UserId
from wildside.domain.moments import microseconds
from wildside.domain.progress import Progress
from wildside.ports import Clock, Told

MOST_RECENT = 64  # messages kept for a walker who reconnects
MOST_SILENT_WALKERS = 10_000  # walkers nobody listens for, whose recent messages are still kept
MOST_REQUESTS_UNHEARD = 256  # requests a slow listener may lag behind in


class _Listener:
    """What one socket has not heard yet: the newest word of each request."""

    def __init__(self, missed: list[Told]) -> None:
        self._unheard: OrderedDict[RequestId, Told] = OrderedDict()
        self._arrived = trio.Event()
        for told in missed:
            self.offer(told)

    def offer(self, told: Told) -> None:
        """Never waits: an older word on the same request gives way, at the limit the oldest of all."""
        earlier = self._unheard.get(told.progress.request_id)
        # Two who commit one after the other may publish the other way round: an end is never lost.
        if earlier is not None and not told.progress.may_follow(earlier.progress):
            return
        self._unheard.pop(told.progress.request_id, None)
        self._unheard[told.progress.request_id] = told
        if len(self._unheard) > MOST_REQUESTS_UNHEARD:
            self._unheard.popitem(last=False)
        self._arrived.set()

    def __aiter__(self) -> _Listener:
        return self

    async def __anext__(self) -> Told:
        while not self._unheard:
            self._arrived = trio.Event()
            await self._arrived.wait()
        return self._unheard.popitem(last=False)[1]


@dataclass(eq=False)
class _Walker:
    last_id: int = 0
    recent: deque[Told] = field(default_factory=lambda: deque(maxlen=MOST_RECENT))
    listeners: set[_Listener] = field(default_factory=set)


class MemoryNews:
    """One fan-out per walker.

    Ids are the wall clock's microseconds, raised where two messages or a clock that jumped back
    would make them equal: they grow per walker, and go on growing after a restart.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._walkers: OrderedDict[UserId, _Walker] = OrderedDict()

    def publish(self, progress: Progress) -> None:
        """Tells all of the walker's listeners, at once and without waiting."""
        walker = self._walker(progress.user_id)
        walker.last_id = max(walker.last_id + 1, microseconds(self._clock.now()))
        told = Told(walker.last_id, progress)
        walker.recent.append(told)
        for listener in walker.listeners:
            listener.offer(told)
        self._forget_silent_walkers()

    @asynccontextmanager
    async def listen(
        self, user_id: UserId, *, since: int | None = None
    ) -> AsyncIterator[AsyncIterator[Told]]:
        """What is told from now on, after the recent messages with an id above `since`."""
        walker = self._walker(user_id)
        missed = [] if since is None else [told for told in walker.recent if told.id > since]
        listener = _Listener(missed)
        walker.listeners.add(listener)
        try:
            yield listener
        finally:
            walker.listeners.discard(listener)

    def _walker(self, user_id: UserId) -> _Walker:
        walker = self._walkers.get(user_id)
        if walker is None:
            walker = self._walkers[user_id] = _Walker()
        self._walkers.move_to_end(user_id)
        return walker

    def _forget_silent_walkers(self) -> None:
        while len(self._walkers) > MOST_SILENT_WALKERS:
            user_id, walker = next(iter(self._walkers.items()))
            if walker.listeners:
                # Somebody listens: as good as heard from just now.
                self._walkers.move_to_end(user_id)
                return
            del self._walkers[user_id]
