"""When sockets are pinged: each every few seconds, all of them never at the same moment."""

from __future__ import annotations

import itertools
import math

# Multiples of the golden section never come close to each other however many there are (Weyl; Knuth,
# The Art of Computer Programming 3, 6.4): ten thousand sockets opened at once are pinged evenly.
_GOLDEN = (math.sqrt(5) - 1) / 2


class Beats:
    """Gives each new socket a phase of its own within the interval between two pings."""

    def __init__(self, interval_seconds: float) -> None:
        self._interval_seconds = interval_seconds
        self._numbers = itertools.count(1)

    def first_after(self, opened_at: float) -> float:
        """The first ping of a socket opened then: within one interval."""
        return opened_at + next(self._numbers) * _GOLDEN % 1.0 * self._interval_seconds

    def next_after(self, due_at: float, now: float) -> float:
        """The ping after the one that was due: on the beat, so that one late moment gathers nobody."""
        missed = max(0, math.floor((now - due_at) / self._interval_seconds))
        return due_at + (missed + 1) * self._interval_seconds
