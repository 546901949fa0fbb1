"""Makes the jobs that are owed: requests accepted and unfinished, of which no queue knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from wildside.domain.errors import Unavailable
from wildside.domain.jobs import route_job
from wildside.ports import Clock, JobQueue, OwedRequest, Storage

# Whoever accepted a younger one is about to put its job.
SETTLES_WITHIN = timedelta(seconds=5)
PAGE = 100
MOST_PAGES = 5  # of one round: a long queue is looked through in several


class ResumeRequests:
    """Queues what a restart, a full queue or a lost Redis left undone, oldest first."""

    def __init__(self, storage: Storage, queue: JobQueue, clock: Clock) -> None:
        self._storage = storage
        self._queue = queue
        self._clock = clock
        self._seen: OwedRequest | None = None
        # At start nobody here is about to put anything.
        self._settles_within = timedelta(0)

    async def __call__(self) -> int:
        """One round, begun where the last one stopped; says how many jobs it made.

        Run at start and now and then. What does not fit into the queue waits for the next round,
        which begins with the oldest again.
        """
        made = 0
        for _ in range(MOST_PAGES):
            page = await self._page()
            self._seen = page[-1] if len(page) == PAGE else None
            try:
                for owed in page:
                    made += await self._put(owed)
            except Unavailable:
                self._seen = None
                break
            if self._seen is None:
                break
        self._settles_within = SETTLES_WITHIN
        return made

    async def _page(self) -> Sequence[OwedRequest]:
        async with self._storage.read() as work:
            return await work.requests.owed(
                self._clock.now() - self._settles_within, self._seen, PAGE
            )

    async def _put(self, owed: OwedRequest) -> bool:
        job = route_job(owed.fingerprint, owed.trace_id)
        if await self._queue.knows(job.key):
            return False
        await self._queue.put(job)
        return True
