"""Decides what becomes of a job whose attempt failed; touches nothing."""

from __future__ import annotations

import random
from dataclasses import dataclass

from wildside.domain.errors import EngineFailed
from wildside.domain.jobs import MOST_ATTEMPTS, Job, wait_before_next

TIMED_OUT = "engine_timeout"
BROKEN = "internal_error"
DIED_TOO_OFTEN = "engine_crashed"


@dataclass(frozen=True, slots=True)
class Retry:
    """Once more, after a wait."""

    after_seconds: float
    error: str


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
