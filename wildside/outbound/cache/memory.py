"""Remembers in this process which route answered which wish."""

from __future__ import annotations

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
        """Remembers the answer for 24 hours, give or take a tenth."""
        lasts_seconds = ANSWER_SECONDS * self._dice.uniform(1 - JITTER, 1 + JITTER)
        self._answers[fingerprint] = (route_id, self._seconds_now() + lasts_seconds)
        self._answers.move_to_end(fingerprint)
        while len(self._answers) > self._room:
            self._answers.popitem(last=False)
