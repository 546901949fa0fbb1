"""Remembers in this process which route answered which wish."""

from __future__ import annotations

import math
import random
from collections import OrderedDict
from collections.abc import Callable

from wildside.domain.identifiers import RouteId

ANSWER_SECONDS = 24 * 3600.0
# Answers made together (a busy evening) must not all end together a day later.
JITTER = 0.1
MOST_ANSWERS = 10_000  # about 300 bytes each


class MemoryRouteCache:
    """At most `room` answers, each for about a day; the one unused for longest goes first."""

    def __init__(
        self, seconds_now: Callable[[], float], dice: random.Random, room: int = MOST_ANSWERS
    ) -> None:
        self._seconds_now = seconds_now
        self._dice = dice
        self._room = room
        self._answers: OrderedDict[str, tuple[RouteId, float]] = OrderedDict()
        self.evictions = 0

    async def find(self, fingerprint: str) -> RouteId | None:
        """The route that answered an equal wish, or None."""
        answer = self._answers.get(fingerprint)
        if answer is None:
            return None
        route_id, ends_at = answer
        if self._seconds_now() >= ends_at:
            del self._answers[fingerprint]
            return None
        self._answers.move_to_end(fingerprint)
        return route_id

    async def keep(self, fingerprint: str, route_id: RouteId) -> None:
        """Remembers the answer for 24 hours, give or take a tenth; a pinned one stays."""
        if self._answers.get(fingerprint, (None, 0.0))[1] == math.inf:
            return
        lasts_seconds = ANSWER_SECONDS * self._dice.uniform(1 - JITTER, 1 + JITTER)
        self._put(fingerprint, route_id, self._seconds_now() + lasts_seconds)

    async def pin(self, fingerprint: str, route_id: RouteId) -> None:
        """Makes this route the answer without an end; at the limit it goes like any other."""
        self._put(fingerprint, route_id, math.inf)

    async def unpin(self, fingerprint: str, route_id: RouteId) -> None:
        """Lets the answer end in its time again, if it is this route."""
        if self._answers.get(fingerprint) == (route_id, math.inf):
            del self._answers[fingerprint]
            await self.keep(fingerprint, route_id)

    def _put(self, fingerprint: str, route_id: RouteId, ends_at: float) -> None:
        self._answers[fingerprint] = (route_id, ends_at)
        self._answers.move_to_end(fingerprint)
        while len(self._answers) > self._room:
            self._answers.popitem(last=False)
            self.evictions += 1
