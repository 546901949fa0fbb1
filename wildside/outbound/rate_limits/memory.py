"""Counts per minute in this process: a window of a minute that begins with the first of its requests."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wildside.ports import RateVerdict

WINDOW_SECONDS = 60.0
MOST_KEYS = 100_000  # about 20 MB; beyond, whoever came first is forgotten first


@dataclass(slots=True)
class _Window:
    ends_at: float
    taken: int


class MemoryRateLimits:
    """`allowances` are requests a minute by name; `clock` counts seconds and never goes back."""

    def __init__(self, allowances: Mapping[str, int], clock: Callable[[], float]) -> None:
        self._allowances = dict(allowances)
        self._clock = clock
        self._windows: OrderedDict[tuple[str, str], _Window] = OrderedDict()

    async def take(self, allowance: str, key: str) -> RateVerdict:
        """Counts one more, refused ones included no further than the limit."""
        now = self._clock()
        limit = self._allowances[allowance]
        window = self._windows.get((allowance, key))
        if window is None or window.ends_at <= now:
            window = _Window(now + WINDOW_SECONDS, 0)
            self._windows.pop((allowance, key), None)
            self._windows[allowance, key] = window
            self._forget()
        reset_seconds = math.ceil(window.ends_at - now)
        if window.taken >= limit:
            return RateVerdict(False, limit, 0, reset_seconds)
        window.taken += 1
        return RateVerdict(True, limit, limit - window.taken, reset_seconds)

    def _forget(self) -> None:
        # Windows lie in the order of their beginning, which is the order of their end.
        while len(self._windows) > MOST_KEYS:
            self._windows.popitem(last=False)
