"""The queue in Redis: what is put, claimed and settled, each in one atomic script."""

from __future__ import annotations

import os
import random
import socket
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import structlog
import trio

from wildside.domain.errors import Unavailable
from wildside.domain.jobs import HANDICAP_SECONDS, Job, JobKind, QueueStanding, job_id
from wildside.outbound.queue.envelope import encode, past_line
from wildside.outbound.queue.redis_streams import scripts
from wildside.outbound.queue.redis_streams.claims import Unreadable
from wildside.outbound.queue.redis_streams.fetcher import Fetcher
from wildside.outbound.queue.redis_streams.keys import KINDS, OUR_KEYS, Keys
from wildside.outbound.redis_link.errors import RedisTrouble
from wildside.outbound.redis_link.link import RedisLink

MOST_WAITING = 1000
MOST_BURIED = 1000
RETRY_AFTER_SECONDS = 5
LEASE_SECONDS = 5.0  # a worker that was silent for longer is dead; its jobs begin anew elsewhere
LOOKS_A_LEASE = 3
LOOK_SECONDS = 0.5  # a retry may come so much later than it is due
AWAY_PAUSE_SECONDS = 0.2
LEAVE_SECONDS = 1.0
WORKER_DIED = "worker_died"

log = structlog.get_logger("wildside")


@dataclass(frozen=True, slots=True)
class QueueRules:
    """How many may wait and run, how long a silent worker is believed in, what comes first."""

    room: int = MOST_WAITING  # of each kind; retries and delayed jobs excepted
    most_running: Mapping[JobKind, int] = field(default_factory=dict)  # anywhere, at once
    lease_seconds: float = LEASE_SECONDS
    handicap_seconds: Mapping[JobKind, float] = field(
        default_factory=lambda: dict(HANDICAP_SECONDS)
    )

    def moves_up_after(self) -> list[int]:
        """For each kind, after how many ms its jobs move to the next better stream (-1: never)."""
        ages = [-1]
        for better, kind in pairwise(KINDS):
            behind = self.handicap_seconds[kind] - self.handicap_seconds[better]
            ages.append(int(behind * 1000))
        return ages


class RedisQueue:
    """A queue that servers put into and workers claim from.

    Workers keep `run` alive: it renews their lease and fetches as many jobs as are waited for. A
    process that only puts need not run anything.
    """

    def __init__(
        self,
        link: RedisLink,
        waiting_link: RedisLink,
        rules: QueueRules = QueueRules(),
        *,
        keys: Keys = OUR_KEYS,
        shift_milliseconds: Callable[[], int] = lambda: 0,
        worker: str | None = None,
    ) -> None:
        self._link = link
        self._rules = rules
        self._keys = keys
        self._shift = shift_milliseconds
        self.worker = worker or f"{socket.gethostname()}-{os.getpid()}-{random.getrandbits(32):08x}"
        self._owed: list[Callable[[], Awaitable[object]]] = []
        self._fetcher = Fetcher(
            link, waiting_link, keys, self.worker, rules.most_running, self._bury_unreadable
        )
        self._claims = self._fetcher.claims
        link.subscribe(keys.stops, self._hear_stop)

    # -- what servers do

    async def expect_room(self, kind: JobKind) -> None:
        """Raises Unavailable when the kind's queue is full.

        With Redis away nothing is refused here: the wish is stored, and its job made later.
        """
        try:
            standing = await self._standing((kind,))
        except Unavailable:
            return
        if standing[kind].waiting >= self._rules.room:
            raise _full()

    async def put(self, job: Job, *, after_seconds: float = 0.0) -> None:
        keys, kind = self._keys, job.kind
        with translated():
            verdict = await self._link.run_script(
                scripts.PUT,
                (keys.record(job.key), keys.stream(kind), keys.later(kind)),
                job.key,
                kind.value,
                encode(job),
                self._rules.room,
                int(after_seconds * 1000),
                self._shift(),
                self._now_ms(),
                again=True,
            )
        if verdict == b"full":
            raise _full()

    async def put_each(self, job: Job, every_seconds: float) -> bool:
        mark = self._keys.period(job.key, int(self._now_ms() / 1000 / every_seconds))
        with translated():
            is_first = await self._link.ask(
                "SET", mark, self.worker, "NX", "PX", int(every_seconds * 2000)
            )
        if is_first is None:
            return False
        try:
            await self.put(job)
        except Unavailable:
            # The next who asks in this period shall try.
            with translated():
                await self._link.ask("DEL", mark)
            raise
        return True

    async def cancel(self, key: str) -> None:
        keys = self._keys
        with translated():
            await self._link.run_script(
                scripts.CANCEL, (keys.record(key),), key, keys.prefix, keys.stops, again=True
            )

    async def knows(self, key: str) -> bool:
        with translated():
            known = await self._link.run_script(
                scripts.KNOWS, (self._keys.record(key),), again=True
            )
        return bool(known)

    async def standing(self) -> Mapping[JobKind, QueueStanding]:
        return await self._standing(KINDS)

    async def _standing(self, kinds: Sequence[JobKind]) -> Mapping[JobKind, QueueStanding]:
        keys = self._keys
        streams = [keys.stream(kind) for kind in kinds]
        with translated():
            rows = await self._link.run_script(scripts.STANDING, streams, keys.prefix, again=True)
        now_ms = self._now_ms()
        return {
            kind: QueueStanding(
                waiting, delayed, running, max(0, now_ms - int(since)) / 1000 if since else 0.0
            )
            for kind, (waiting, delayed, running, since) in zip(kinds, rows, strict=True)
        }

    async def warn_of_loss(self) -> None:
        """Says in the log where this Redis is set up to lose jobs: storage would bring them back late."""
        with translated():
            memory, disk = await self._link.info("memory"), await self._link.info("persistence")
        policy = memory.get("maxmemory_policy", "noeviction")
        if memory.get("maxmemory") and policy != "noeviction":
            log.warning("this Redis may throw jobs away", maxmemory_policy=policy)
        if not disk.get("aof_enabled"):
            log.warning("this Redis forgets jobs when it restarts", appendonly="no")

    # -- what workers do

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keeps this worker alive in Redis' eyes until cancelled; then leaves in order."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._look_after_always)
                nursery.start_soon(self._fetcher.run)
                task_status.started()
        finally:
            with trio.move_on_after(LEAVE_SECONDS, shield=True):
                await self._leave()

    async def claim(self) -> Job:
        """The best waiting job, as soon as there is one; needs `run`."""
        return (await self._fetcher.claim()).job

    async def finish(self, job: Job) -> None:
        claim = self._claims.pop(job.fence, None)
        if claim is None:
            return
        keys = self._keys

        def settle() -> Awaitable[object]:
            return self._link.run_script(
                scripts.FINISH,
                (claim.stream, keys.record(job.key)),
                self.worker,
                claim.entry,
                job.key,
                keys.prefix,
                self._now_ms(),
                again=True,
            )

        await self._settle(settle)

    async def retry(self, job: Job, after_seconds: float, error: str) -> None:
        await self._give_up(job, "retry", error, int(after_seconds * 1000))

    async def bury(self, job: Job, error: str) -> None:
        await self._give_up(job, "bury", error)

    def when_cancelled(self, job: Job, tell: Callable[[], None]) -> None:
        claim = self._claims.get(job.fence)
        if claim is None or claim.stopped:
            tell()
        else:
            claim.tell.append(tell)

    async def look_after(self) -> None:
        """Renews the lease, makes due jobs ready, takes over from the dead; done by every worker."""
        began_at = trio.current_time()
        held = [word for claim in self._claims.values() for word in (claim.at, claim.job.key)]
        keys = self._keys
        stops = await self._link.run_script(
            scripts.LOOK_AFTER,
            (keys.workers, *keys.streams),
            self.worker,
            int(self._rules.lease_seconds * 1000),
            self._shift(),
            keys.prefix,
            _LINE_OF_THE_DEAD,
            len(KINDS),
            *self._rules.moves_up_after(),
            *held,
            again=True,
        )
        # Counted from before the question: Redis's own count began later.
        self._fetcher.lease_holds(began_at + self._rules.lease_seconds)
        for at in stops:
            self._hear_stop(at)
        for claim in self._fetcher.unwanted():
            await self._take_from_hands("back", claim.stream, claim.entry, claim.job.key, 0, b"")
        owed, self._owed = self._owed, []
        for settle in owed:
            await self._settle(settle)

    # -- within

    async def _give_up(self, job: Job, verb: str, error: str, delay_ms: int = 0) -> None:
        claim = self._claims.pop(job.fence, None)
        if claim is None:
            return
        now_ms = self._now_ms()
        line = past_line(job.attempt, error, now_ms, self.worker)
        await self._take_from_hands(verb, claim.stream, claim.entry, job.key, delay_ms, line)

    async def _take_from_hands(
        self, verb: str, stream: str, entry: bytes, key: str, delay_ms: int, line: bytes
    ) -> None:
        keys, name = self._keys, str(job_id(key))

        def settle() -> Awaitable[object]:
            return self._link.run_script(
                scripts.GIVE_UP,
                (stream, keys.record(key), keys.letters, keys.letter(name)),
                verb,
                self.worker,
                entry,
                key,
                keys.prefix,
                self._shift(),
                self._now_ms(),
                delay_ms,
                line,
                name,
                MOST_BURIED,
                again=True,
            )

        await self._settle(settle)

    async def _settle(self, settle: Callable[[], Awaitable[object]]) -> None:
        """What became of a job is told Redis now, or as soon as it can be reached again.

        Forgotten, the job would be held for ever by a worker that lives and does not run it.
        """
        try:
            await settle()
        except RedisTrouble as error:
            log.warning("a job's end is not told yet", why=str(error))
            self._owed.append(settle)

    async def _look_after_always(self) -> None:
        every_seconds = min(LOOK_SECONDS, self._rules.lease_seconds / LOOKS_A_LEASE)
        while True:
            pause_seconds = every_seconds
            # Supervised: Redis may be away, and comes back.
            try:
                await self.look_after()
            except RedisTrouble as error:
                log.warning("the queue is not looked after", why=str(error))
                pause_seconds = min(AWAY_PAUSE_SECONDS, every_seconds)
            await self._link.pause(pause_seconds)

    async def _bury_unreadable(self, found: Unreadable) -> None:
        log.error("a job cannot be read", job=found.key, why=found.why)
        line = past_line(0, f"unreadable: {found.why}", self._now_ms(), self.worker)
        await self._take_from_hands("bury", found.stream, found.entry, found.key, 0, line)

    def _hear_stop(self, at: bytes) -> None:
        for claim in self._claims.values():
            if claim.at == at:
                claim.stop()
                return

    async def _leave(self) -> None:
        self._fetcher.lease_ends()
        try:
            await self._link.run_script(
                scripts.LEAVE,
                (self._keys.workers, *self._keys.streams),
                self.worker,
                self._keys.prefix,
            )
        except RedisTrouble as error:
            log.warning("left the queue without a word", why=str(error))

    def _now_ms(self) -> int:
        return int(time.time() * 1000) + self._shift()


def _full() -> Unavailable:
    return Unavailable(
        "too many walks are being looked for", retry_after_seconds=RETRY_AFTER_SECONDS
    )


@contextmanager
def translated() -> Iterator[None]:
    """Whatever is the matter with Redis comes out as Unavailable."""
    try:
        yield
    except RedisTrouble as error:
        raise Unavailable("the queue does not answer") from error


_LINE_OF_THE_DEAD = (
    b'{"attempt":<attempt>,"error":"'
    + WORKER_DIED.encode()
    + b'","at_ms":<at>,"worker":"<worker>"}\n'
)
