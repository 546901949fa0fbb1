"""Fetches as many jobs as are waited for, and no more, while this worker's lease holds."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import trio

from wildside.domain.jobs import JobKind
from wildside.outbound.queue.redis_streams import scripts
from wildside.outbound.queue.redis_streams.claims import Claim, Unreadable, read_entry
from wildside.outbound.queue.redis_streams.keys import KINDS, Keys
from wildside.outbound.redis_link.errors import RedisAway, RedisTrouble
from wildside.outbound.redis_link.link import RedisLink

BLOCK_SECONDS = 1.0  # well below the link's own deadline
AWAY_PAUSE_SECONDS = 0.2


@dataclass(eq=False, slots=True)
class _Claimer:
    task: trio.lowlevel.Task
    claim: Claim | None = None


class Fetcher:
    """Between Redis and those who wait for jobs.

    While all that was there has been read, one blocking read waits for what comes next, over a link
    of its own: a job that is put then needs no further round trip. Otherwise a script claims the
    best ones.
    """

    def __init__(
        self,
        link: RedisLink,
        waiting_link: RedisLink,
        keys: Keys,
        worker: str,
        most_running: Mapping[JobKind, int],
        bury: Callable[[Unreadable], Awaitable[None]],
    ) -> None:
        self._link = link
        self._waiting_link = waiting_link
        self._keys = keys
        self._worker = worker
        self._most_running = [most_running.get(kind, -1) for kind in KINDS]
        self._bury = bury
        self._claimers: list[_Claimer] = []
        self._hungry = trio.Event()
        # Fetched for nobody: two streams filled in one moment, or a claimer left. For the next one,
        # unless they do not come soon.
        self._hand: deque[Claim] = deque()
        self._was_in_hand: tuple[Claim, ...] = ()
        self._leased_until = -1.0
        self._leased = trio.Event()
        self.claims: dict[int, Claim] = {}

    def lease_holds(self, until: float) -> None:
        """Whatever is claimed before that moment stays ours."""
        self._leased_until = until
        self._leased.set()
        self._leased = trio.Event()

    def lease_ends(self) -> None:
        """Nothing more is claimed."""
        self._leased_until = -1.0

    async def claim(self) -> Claim:
        """The best waiting job, as soon as there is one."""
        if self._hand:
            await trio.lowlevel.checkpoint()
        if self._hand:
            return self._hold(self._hand.popleft())
        claimer = _Claimer(trio.lowlevel.current_task())
        self._claimers.append(claimer)
        self._hungry.set()

        def leave(_: object) -> trio.lowlevel.Abort:
            self._claimers.remove(claimer)
            return trio.lowlevel.Abort.SUCCEEDED

        await trio.lowlevel.wait_task_rescheduled(leave)
        if claimer.claim is None:
            raise RuntimeError("a claimer is woken with a claim only")
        return claimer.claim

    def unwanted(self) -> list[Claim]:
        """What was fetched for nobody by the last time this was asked, and still is."""
        given_back = [claim for claim in self._hand if claim in self._was_in_hand]
        self._hand = deque(claim for claim in self._hand if claim not in given_back)
        self._was_in_hand = tuple(self._hand)
        return given_back

    async def run(self) -> None:
        """Fetches until cancelled."""
        are_all_read = False
        while True:
            if not self._claimers:
                self._hungry = trio.Event()
                await self._hungry.wait()
            if trio.current_time() >= self._leased_until:
                # Whatever is claimed without a lease is taken away again at once.
                await self._leased.wait()
                continue
            places = len(self._claimers)
            try:
                if are_all_read:
                    found = await self._next_to_come(places)
                    are_all_read = 0 < len(found) < places
                else:
                    found = await self._best(places)
                    are_all_read = len(found) < places
                await self._hand_out(found)
            except RedisTrouble as error:
                are_all_read = False
                if not isinstance(error, RedisAway):
                    # Redis has lost its groups: looking after makes them anew.
                    self.lease_ends()
                await self._link.pause(AWAY_PAUSE_SECONDS)

    async def _best(self, places: int) -> list[Claim | Unreadable]:
        streams = self._keys.streams
        rows = await self._link.run_script(
            scripts.CLAIM, streams, self._worker, places, *self._most_running
        )
        return [
            read_entry(streams[number - 1], number - 1, entry, fields)
            for number, entry, fields in rows
        ]

    async def _next_to_come(self, places: int) -> list[Claim | Unreadable]:
        """The next jobs as they come; of limited kinds none, those are fetched now and then."""
        free = [
            stream
            for stream, most in zip(self._keys.streams, self._most_running, strict=True)
            if most < 0
        ]
        words: list[str | int] = ["XREADGROUP", "GROUP", "g", self._worker, "COUNT", places]
        words += ["BLOCK", int(BLOCK_SECONDS * 1000), "STREAMS", *free, *(">" for _ in free)]
        answer = await self._waiting_link.ask(*words)
        return [
            read_entry(stream.decode(), self._keys.number(stream), entry, fields)
            for stream, entries in (answer or {}).items()
            for entry, fields in entries
        ]

    async def _hand_out(self, found: list[Claim | Unreadable]) -> None:
        for claim in found:
            if isinstance(claim, Unreadable):
                await self._bury(claim)
            elif self._claimers:
                claimer = self._claimers.pop(0)
                claimer.claim = self._hold(claim)
                trio.lowlevel.reschedule(claimer.task)
            else:
                self._hand.append(claim)

    def _hold(self, claim: Claim) -> Claim:
        self.claims[claim.job.fence] = claim
        return claim
