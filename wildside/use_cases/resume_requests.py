"""Makes the jobs that are owed: requests accepted and unfinished, of which no queue knows."""

from __future__ import annotations

from wildside.domain.errors import Unavailable
from wildside.domain.jobs import route_job
from wildside.ports import JobQueue, Storage


async def resume_requests(storage: Storage, queue: JobQueue) -> int:
    """Queues what a restart or a full queue left undone, oldest first; says how many jobs it made.

    Run at start and now and then. What does not fit into the queue waits for the next round.
    """
    async with storage.read() as work:
        unfinished = await work.requests.unfinished()
    made = 0
    for fingerprint, trace_id in {
        stored.fingerprint: stored.progress.trace_id for stored in unfinished
    }.items():
        job = route_job(fingerprint, trace_id)
        if await queue.knows(job.key):
            continue
        try:
            await queue.put(job)
        except Unavailable:
            break
        made += 1
    return made
