"""Does something once per idempotency key and gives the same answer to every repetition."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from wildside.domain.errors import Conflict
from wildside.domain.events import ReplayChecked, ReplayOutcome
from wildside.domain.identifiers import UserId
from wildside.ports import Clock, Journal, RememberedAnswer, Storage, Work

REMEMBERED_FOR = timedelta(hours=24)
Prepared = TypeVar("Prepared")


@dataclass(frozen=True, slots=True)
class Claim:
    """Who repeats what under which key; `payload_hash` is the same for the same request only.

    `scope` names the operation for those who count; the hash alone tells one from another.
    """

    user_id: UserId
    key: UUID
    payload_hash: str
    scope: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door says, word for word; `replayed` when it was said before."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    replayed: bool = False


class AnswerOnce:
    """Lets claim, write and answer commit together.

    Concurrent twins take turns at writing: the first works, the others find its answer.
    """

    def __init__(self, storage: Storage, clock: Clock, journal: Journal) -> None:
        self._storage = storage
        self._clock = clock
        self._journal = journal

    async def __call__(
        self,
        claim: Claim | None,
        act: Callable[[Work, Prepared], Awaitable[Answer]],
        prepare: Callable[[], Awaitable[Prepared]],
    ) -> Answer:
        """The remembered answer, or the one of `act`, which is kept with whatever it wrote.

        `prepare` runs before, outside the write lock, for what takes long or needs no lock. What
        either raises undoes everything and is not remembered. Another payload under the key of an
        earlier one is a Conflict. Without a claim nothing is remembered.
        """
        if claim is not None:
            async with self._storage.glance() as seen:
                known = await self._remembered(seen, claim)
            if known is not None:
                return self._replay(known, claim)
        prepared = await prepare()
        async with self._storage.write() as work:
            known = None if claim is None else await self._remembered(work, claim)
            if claim is not None and known is not None:
                return self._replay(known, claim)
            answer = await act(work, prepared)
            if claim is not None:
                now = self._clock.now()
                await work.idempotency.keep(
                    claim.user_id,
                    claim.key,
                    RememberedAnswer(
                        claim.payload_hash, answer.status, answer.headers, answer.body, now
                    ),
                )
        if claim is not None:
            self._journal.note(ReplayChecked(ReplayOutcome.MISS, None, claim.scope))
        return answer

    async def changing(
        self, claim: Claim | None, act: Callable[[Work], Awaitable[Answer]]
    ) -> Answer:
        """The same for what needs no preparation."""

        async def nothing() -> None:
            return None

        async def acting(work: Work, _: None) -> Answer:
            return await act(work)

        return await self(claim, acting, nothing)

    async def _remembered(self, work: Work, claim: Claim) -> RememberedAnswer | None:
        known = await work.idempotency.find(claim.user_id, claim.key)
        if known is None or known.created_at < self._clock.now() - REMEMBERED_FOR:
            return None
        return known

    def _replay(self, known: RememberedAnswer, claim: Claim) -> Answer:
        age_seconds = (self._clock.now() - known.created_at).total_seconds()
        if known.payload_hash != claim.payload_hash:
            self._journal.note(ReplayChecked(ReplayOutcome.CONFLICT, age_seconds, claim.scope))
            raise Conflict("this Idempotency-Key was used for another request")
        self._journal.note(ReplayChecked(ReplayOutcome.HIT, age_seconds, claim.scope))
        return Answer(known.status, known.body, known.headers, replayed=True)


async def forget_old_answers(storage: Storage, now: datetime) -> int:
    """Deletes what is remembered no longer and says how much it was."""
    async with storage.write() as work:
        return await work.idempotency.forget_before(now - REMEMBERED_FOR)
