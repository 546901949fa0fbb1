"""Decides what becomes of a job whose attempt failed; touches nothing."""

from __future__ import annotations

import random
from dataclasses import dataclass

from wildside.domain.errors import EngineFailed
from wildside.domain.jobs import FIRST_WAIT_SECONDS, MOST_ATTEMPTS, Job, wait_before_next

TIMED_OUT = "engine_timeout"
BROKEN = "internal_error"
# What a job needs is away for everybody: it keeps its place and its attempt so long. A restart of a
# database takes seconds, its failing over a minute.
OUTAGE_SECONDS = 120.0
LONGEST_OUTAGE_WAIT_SECONDS = 5.0
DIED_TOO_OFTEN = "engine_crashed"


@dataclass(frozen=True, slots=True)
class Retry:
    """Once more, after a wait."""

    after_seconds: float
    error: str


@dataclass(frozen=True, slots=True)
class HoldOn:
    """The same attempt once more, after a wait: it failed of nothing that the job could help."""

    after_seconds: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """No more attempts; `buried` where somebody should look at the job."""

    error: str
    buried: bool


def refused_unseen(job: Job) -> GiveUp | None:
    """A job over which one worker after the other has died is not run once more."""
    if job.attempt <= MOST_ATTEMPTS:
        return None
    return GiveUp(DIED_TOO_OFTEN, buried=True)


def in_an_outage(tries: int, held_seconds: float, dice: random.Random) -> HoldOn | None:
    """Storage that does not answer costs a job no attempt, or its walker would hear of an end that is
    none; an outage that does not end (None) is a failure like others. `tries` counts from 1.
    """
    if held_seconds >= OUTAGE_SECONDS:
        return None
    # A crowd of jobs does not come back together.
    wait_seconds = min(LONGEST_OUTAGE_WAIT_SECONDS, FIRST_WAIT_SECONDS / 2 * 2.0**tries)
    return HoldOn(wait_seconds * dice.uniform(0.8, 1.2))


def after_failure(job: Job, failure: BaseException, dice: random.Random) -> Retry | GiveUp:
    """Three attempts with growing waits for what may pass, one for what cannot."""
    error = error_word(failure)
    if isinstance(failure, EngineFailed) and not failure.retryable:
        return GiveUp(error, buried=False)
    wait_seconds = wait_before_next(job.attempt, dice)
    if wait_seconds is None:
        return GiveUp(error, buried=True)
    return Retry(wait_seconds, error)


def error_word(failure: BaseException) -> str:
    """The stable word a walker reads in `error`."""
    if isinstance(failure, EngineFailed):
        return failure.reason
    if isinstance(failure, TimeoutError):
        return TIMED_OUT
    return BROKEN
