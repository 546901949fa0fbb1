"""Jobs that wait to be done, and the office that looks after them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol
from uuid import UUID

from wildside.domain.jobs import Job, JobKind, JobRecord, JobState, QueueStanding
from wildside.domain.paging import Page, PageRequest


class JobQueue(Protocol):
    """Jobs waiting to be done, at least once each, bounded; a full queue raises `Unavailable`.

    A key is unique among unfinished jobs. Putting a key that waits already changes nothing;
    putting one that runs lets it run once more afterwards, since what it runs for may have come
    too late for the run under way.

    A claim lasts as long as its process lives. Whoever claimed a job and was thought dead meanwhile
    can neither finish nor retry nor bury it any more: nothing happens.
    """

    async def expect_room(self, kind: JobKind) -> None:
        """Raises `Unavailable` when a job of this kind put now would be refused."""
        ...

    async def put(self, job: Job, *, after_seconds: float = 0.0) -> None:
        """Not to be claimed before the time is up."""
        ...

    async def put_each(self, job: Job, every_seconds: float) -> bool:
        """Puts the job unless it was put so in this period already, by whomever; says whether it was.

        Periods are counted from 1970, so that all who ask at about the same time mean the same one.
        """
        ...

    async def claim(self) -> Job:
        """The best waiting job, as soon as there is one."""
        ...

    async def finish(self, job: Job) -> None: ...
    async def retry(self, job: Job, after_seconds: float, error: str) -> None:
        """Puts the claimed job back as its next attempt, not to be claimed before the time is up."""
        ...

    async def bury(self, job: Job, error: str) -> None:
        """Gives the claimed job up and keeps it, with the error, for people to look at."""
        ...

    async def cancel(self, key: str) -> None:
        """Takes the job away where it waits, and tells its runner where it runs."""
        ...

    async def knows(self, key: str) -> bool:
        """Whether a job with this key waits or runs."""
        ...

    def when_cancelled(self, job: Job, tell: Callable[[], None]) -> None:
        """Calls `tell` once when the claimed job is cancelled, or is not its claimer's any more."""
        ...

    async def standing(self) -> Mapping[JobKind, QueueStanding]:
        """How much there is to do, of every kind."""
        ...


class JobsOffice(Protocol):
    """The queue as operators see it."""

    async def page(
        self, state: JobState, kind: JobKind | None, page: PageRequest
    ) -> Page[JobRecord]:
        """Jobs in that state by (since, id), the newest first; `kind` None means every kind."""
        ...

    async def requeue(self, job_id: UUID) -> JobRecord | None:
        """Takes the dead letter out and puts its job, as a first attempt; gives the letter.

        None where there is no such letter. A full queue raises `Unavailable`, and the letter stays.
        """
        ...

    async def purge(self, job_id: UUID) -> bool:
        """Throws a dead letter away; False where there is none."""
        ...
