"""Cancels a request: its walker hears `failed`, and its job stops unless others wait for it too."""

from __future__ import annotations

from wildside.domain.errors import NotFound
from wildside.domain.identifiers import RequestId, UserId
from wildside.domain.jobs import route_job
from wildside.domain.progress import Progress
from wildside.ports import Clock, JobQueue, News, Storage, StoredRequest, Work

CANCELLED = "cancelled"


class CancelRequest:
    """Cancels waiting and running work alike."""

    def __init__(self, storage: Storage, queue: JobQueue, news: News, clock: Clock) -> None:
        self._storage = storage
        self._queue = queue
        self._news = news
        self._clock = clock

    async def __call__(self, work: Work, user_id: UserId, request_id: RequestId) -> Progress:
        """The request's last word; one that has ended already stays as it ended.

        Raises NotFound where the request is not the walker's.
        """
        stored = await work.requests.find(request_id)
        if stored is None or stored.progress.user_id != user_id:
            raise NotFound(f"there is no request {request_id}")
        cancelled = stored.progress.failed(CANCELLED, self._clock.now())
        if not await work.requests.advance(cancelled):
            return stored.progress

        async def stop() -> None:
            self._news.publish(cancelled)
            await self._stop_job(stored)

        work.after_commit(stop)
        return cancelled

    async def _stop_job(self, stored: StoredRequest) -> None:
        if await self._others_wait(stored.fingerprint):
            return
        job = route_job(stored.fingerprint, stored.progress.trace_id)
        await self._queue.cancel(job.key)
        # An equal wish may have come between the look and the cancelling: it keeps its job.
        if await self._others_wait(stored.fingerprint):
            await self._queue.put(job)

    async def _others_wait(self, fingerprint: str) -> bool:
        async with self._storage.read() as work:
            return bool(await work.requests.waiting_for(fingerprint))
