"""Forgets what is kept for a while only: remembered answers and expired shares."""

from __future__ import annotations

from wildside.ports import Clock, Storage
from wildside.use_cases.idempotency import forget_old_answers
from wildside.use_cases.share_route import forget_expired_shares


class ForgetOld:
    """Doing it twice does no harm."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    async def __call__(self) -> None:
        now = self._clock.now()
        await forget_old_answers(self._storage, now)
        await forget_expired_shares(self._storage, now)
