"""Carries news to the walkers' sockets of this process."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from wildside.domain.identifiers import UserId
from wildside.domain.moments import microseconds
from wildside.domain.progress import Progress
from wildside.outbound.progress.listener import Listener
from wildside.ports import Clock, Told

MOST_RECENT = 64  # messages kept for a walker who reconnects
MOST_SILENT_WALKERS = 10_000  # walkers nobody listens for, whose recent messages are still kept


@dataclass(eq=False)
class _Walker:
    last_id: int = 0
    recent: deque[Told] = field(default_factory=lambda: deque(maxlen=MOST_RECENT))
    listeners: set[Listener] = field(default_factory=set)


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

    def remind(self, progresses: Iterable[Progress]) -> None:
        """Tells the listeners again; they leave out what they have heard."""
        for progress in progresses:
            walker = self._walkers.get(progress.user_id)
            for listener in walker.listeners if walker is not None else ():
                listener.offer(Told(microseconds(progress.updated_at), progress))

    @asynccontextmanager
    async def listen(
        self, user_id: UserId, *, since: int | None = None
    ) -> AsyncIterator[AsyncIterator[Told]]:
        """What is told from now on, after the recent messages with an id above `since`."""
        walker = self._walker(user_id)
        missed = [] if since is None else [told for told in walker.recent if told.id > since]
        listener = Listener()
        for told in missed:
            listener.offer(told)
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
