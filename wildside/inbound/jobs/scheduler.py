"""Claims jobs by priority and runs a bounded number at once, each with a deadline."""

from __future__ import annotations

import random
from collections.abc import Mapping

import structlog
import trio

from wildside.domain.errors import Unavailable
from wildside.domain.events import JobEnded, JobFaulted, JobStarted, JobStatus
from wildside.domain.jobs import PARENT_FIELDS, Job, JobKind
from wildside.inbound.jobs.dispatch import Handler, UnknownJob
from wildside.inbound.jobs.retry_rules import (
    GiveUp,
    Retry,
    after_failure,
    in_an_outage,
    refused_unseen,
)
from wildside.ports import JobQueue, Journal

SETTLING_SECONDS = 10.0  # telling queue and walkers how a job ended
INTERRUPTED = "interrupted"


class Scheduler:
    """`places` jobs at once, which is as many as there are solver children.

    A job past `job_seconds` is cancelled, which kills the child that runs it. What is under way
    when the scheduler itself ends goes back into the queue, for its next life or, where the whole
    process ends with it, to be made anew from what storage still owes.
    """

    def __init__(
        self,
        queue: JobQueue,
        handlers: Mapping[JobKind, Handler],
        journal: Journal,
        dice: random.Random,
        *,
        places: int,
        job_seconds: float,
    ) -> None:
        self._queue = queue
        self._handlers = handlers
        self._journal = journal
        self._dice = dice
        self._places = places
        self._job_seconds = job_seconds
        self._busy = 0
        self._claims: set[trio.CancelScope] = set()
        self._is_closed = False

    @property
    def busy(self) -> int:
        """How many jobs run now."""
        return self._busy

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Serves until cancelled."""
        async with trio.open_nursery() as nursery:
            for _ in range(self._places):
                nursery.start_soon(self._serve)
            task_status.started()

    def close(self) -> None:
        """Claims nothing more; what is under way goes on to its end."""
        self._is_closed = True
        for scope in self._claims:
            scope.cancel()

    async def _serve(self) -> None:
        while not self._is_closed:
            with trio.CancelScope() as scope:
                self._claims.add(scope)
                job = await self._queue.claim()
            self._claims.discard(scope)
            if scope.cancelled_caught:
                break
            # Whatever is logged on the job's behalf, slow statements too, can be found by its trace.
            structlog.contextvars.unbind_contextvars(*PARENT_FIELDS)
            structlog.contextvars.bind_contextvars(trace_id=job.trace_id, **job.parent)
            self._busy += 1
            try:
                await self._run(job)
            finally:
                self._busy -= 1
        # Its supervisor would begin it anew.
        await trio.sleep_forever()

    async def _run(self, job: Job) -> None:
        began_at = trio.current_time()
        self._journal.note(JobStarted(job.kind, job.key, job.attempt, job.trace_id))
        handler = self._handlers.get(job.kind)
        refused = refused_unseen(job)
        failure: BaseException | None = None
        was_cancelled = False
        if handler is None:
            failure = UnknownJob(f"nobody here does {job.kind}")
        elif refused is None:
            try:
                failure, was_cancelled = await self._through_outages(job, handler)
            except BaseException:
                await self._put_back(job, began_at)
                raise
        # What has begun to settle is settled, or a stop of the server would leave it half told.
        with trio.move_on_after(SETTLING_SECONDS, shield=True):
            status: JobStatus
            error: str | None
            if refused is not None:
                status, error = await self._give_up(job, handler, refused)
            else:
                status, error = await self._settle(
                    job, handler, failure, was_cancelled=was_cancelled
                )
            seconds = trio.current_time() - began_at
            self._journal.note(
                JobEnded(job.kind, job.key, job.attempt, status, seconds, job.trace_id, error)
            )

    async def _through_outages(self, job: Job, handler: Handler) -> tuple[Exception | None, bool]:
        """One attempt, made again while what it needs is away.

        Its place stays taken meanwhile: any other job would find storage away too.
        """
        began_at, tries = trio.current_time(), 0
        while True:
            failure, was_cancelled = await self._attempt(job, handler)
            if not isinstance(failure, Unavailable) or was_cancelled or self._is_closed:
                return failure, was_cancelled
            tries += 1
            hold_on = in_an_outage(tries, trio.current_time() - began_at, self._dice)
            if hold_on is None:
                return failure, was_cancelled
            self._journal.note(JobFaulted(job.kind, job.key, job.attempt, job.trace_id, failure))
            await trio.sleep(hold_on.after_seconds)

    async def _attempt(self, job: Job, handler: Handler) -> tuple[Exception | None, bool]:
        """Why the attempt failed, if it did, and whether somebody cancelled it."""
        failure: Exception | None = None
        was_cancelled = False
        limit_seconds = min(self._job_seconds, job.timeout_seconds or self._job_seconds)

        def stop() -> None:
            nonlocal was_cancelled
            was_cancelled = True
            scope.cancel()

        with trio.CancelScope(deadline=trio.current_time() + limit_seconds) as scope:
            self._queue.when_cancelled(job, stop)
            # Supervised: whatever a job dies of, the next one is served.
            try:
                await handler.run(job)
            except Exception as error:  # noqa: BLE001 - supervised here
                failure = error
        if scope.cancelled_caught and not was_cancelled:
            failure = TimeoutError(f"not done within {limit_seconds:g} s")
        return failure, was_cancelled

    async def _put_back(self, job: Job, began_at: float) -> None:
        """The scheduler ends over this job: claimed by nobody, it would wait for ever."""
        with trio.move_on_after(SETTLING_SECONDS, shield=True):
            await self._queue.retry(job, 0.0, INTERRUPTED)
            seconds = trio.current_time() - began_at
            status = JobStatus.RETRIED
            self._journal.note(
                JobEnded(job.kind, job.key, job.attempt, status, seconds, job.trace_id, INTERRUPTED)
            )

    async def _settle(
        self,
        job: Job,
        handler: Handler | None,
        failure: BaseException | None,
        *,
        was_cancelled: bool,
    ) -> tuple[JobStatus, str | None]:
        if was_cancelled:
            await self._queue.finish(job)
            return JobStatus.CANCELLED, None
        if failure is None:
            await self._queue.finish(job)
            return JobStatus.DONE, None
        self._journal.note(JobFaulted(job.kind, job.key, job.attempt, job.trace_id, failure))
        verdict = after_failure(job, failure, self._dice)
        if isinstance(verdict, Retry):
            await self._queue.retry(job, verdict.after_seconds, verdict.error)
            return JobStatus.RETRIED, verdict.error
        return await self._give_up(job, handler, verdict)

    async def _give_up(
        self, job: Job, handler: Handler | None, verdict: GiveUp
    ) -> tuple[JobStatus, str]:
        await self._tell_those_who_wait(job, handler, verdict.error)
        if verdict.buried:
            await self._queue.bury(job, verdict.error)
            return JobStatus.BURIED, verdict.error
        await self._queue.finish(job)
        return JobStatus.REFUSED, verdict.error

    async def _tell_those_who_wait(self, job: Job, handler: Handler | None, error: str) -> None:
        if handler is None:
            return
        # Supervised: storage may be away; the requests stay unfinished and are resumed later.
        try:
            await handler.give_up(job, error)
        except Exception as fault:  # noqa: BLE001 - supervised here
            self._journal.note(JobFaulted(job.kind, job.key, job.attempt, job.trace_id, fault))
