"""Brings each kind of job to the use case that does it, as HTTP's routing does with requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from wildside.domain.jobs import Job, JobKind
from wildside.use_cases.forget_old import ForgetOld
from wildside.use_cases.generate_route import GenerateRoute


@dataclass(frozen=True, slots=True)
class Handler:
    """How a kind of job is done, and how those who wait learn that it will not be."""

    run: Callable[[Job], Awaitable[None]]
    give_up: Callable[[Job, str], Awaitable[None]]


class UnknownJob(Exception):
    """A job of a kind, or with a payload, that nobody here can read."""


def handlers(
    generate_route: GenerateRoute, forget_old: ForgetOld | None = None
) -> Mapping[JobKind, Handler]:
    """The kinds of work this process does."""

    async def run_generate_route(job: Job) -> None:
        await generate_route(_fingerprint(job), job.fence)

    async def give_up_route(job: Job, error: str) -> None:
        await generate_route.give_up(_fingerprint(job), error, job.fence)

    async def run_maintenance(job: Job) -> None:
        if forget_old is None or job.payload.get("what") != "forget":
            raise UnknownJob(f"nobody here knows how to do {job.key}")
        await forget_old()

    async def give_up_maintenance(job: Job, error: str) -> None:
        """Nobody waits: the next period does it."""

    return {
        JobKind.GENERATE_ROUTE: Handler(run_generate_route, give_up_route),
        JobKind.MAINTENANCE: Handler(run_maintenance, give_up_maintenance),
    }


def _fingerprint(job: Job) -> str:
    fingerprint = job.payload.get("fingerprint")
    if not isinstance(fingerprint, str):
        raise UnknownJob(f"job {job.key} names no fingerprint")
    return fingerprint
