"""Brings each kind of job to the use case that does it, as HTTP's routing does with requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from wildside.domain.jobs import Job, JobKind
from wildside.use_cases.generate_route import GenerateRoute


@dataclass(frozen=True, slots=True)
class Handler:
    """How a kind of job is done, and how those who wait learn that it will not be."""

    run: Callable[[Job], Awaitable[None]]
    give_up: Callable[[Job, str], Awaitable[None]]


class UnknownJob(Exception):
    """A job of a kind, or with a payload, that nobody here can read."""


def handlers(generate_route: GenerateRoute) -> Mapping[JobKind, Handler]:
    """The kinds of work this process does."""

    async def run_generate_route(job: Job) -> None:
        await generate_route(_fingerprint(job), job.fence)

    async def give_up_route(job: Job, error: str) -> None:
        await generate_route.give_up(_fingerprint(job), error, job.fence)

    return {JobKind.GENERATE_ROUTE: Handler(run_generate_route, give_up_route)}


def _fingerprint(job: Job) -> str:
    fingerprint = job.payload.get("fingerprint")
    if not isinstance(fingerprint, str):
        raise UnknownJob(f"job {job.key} names no fingerprint")
    return fingerprint
