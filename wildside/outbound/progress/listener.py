"""What one socket has not heard yet."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

import trio

from wildside.domain.identifiers import RequestId
from wildside.ports import Told

MOST_REQUESTS_UNHEARD = 256  # requests a slow listener may lag behind in


class Listener:
    """The newest word of each request, in the order of their coming; asked with `async for`."""

    def __init__(self) -> None:
        self._unheard: OrderedDict[RequestId, Told] = OrderedDict()
        self._arrived = trio.Event()

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

    def __aiter__(self) -> Listener:
        return self

    async def __anext__(self) -> Told:
        while not self._unheard:
            self._arrived = trio.Event()
            await self._arrived.wait()
        return self._unheard.popitem(last=False)[1]


class LateListener(Listener):
    """One whose past is still on its way: what comes meanwhile is held back until it is there."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[Told] | None = []

    def offer(self, told: Told) -> None:
        """Holds it back while the past is not there."""
        if self._held is None:
            super().offer(told)
        else:
            self._held.append(told)

    def begin_after(self, past: Iterable[Told]) -> None:
        """The past first, then what was held back and is not part of it."""
        held, self._held = self._held or [], None
        last_id = 0
        for told in past:
            self.offer(told)
            last_id = told.id
        for told in held:
            if told.id > last_id:
                self.offer(told)
