"""What becomes of a failed attempt, decided without touching anything."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildside.domain.errors import EngineFailed, Unavailable
from wildside.domain.jobs import MOST_ATTEMPTS, Job, JobKind
from wildside.inbound.jobs.retry_rules import GiveUp, Retry, after_failure

CRASH = EngineFailed("engine_crashed", "gone", retryable=True)
REFUSAL = EngineFailed("outside_coverage", "no way", retryable=False)


def a_job(attempt: int) -> Job:
    return Job("a", JobKind.GENERATE_ROUTE, attempt=attempt)


@pytest.mark.parametrize(
    ("attempt", "failure", "expected"),
    [
        (1, REFUSAL, GiveUp("outside_coverage", buried=False)),
        (3, CRASH, GiveUp("engine_crashed", buried=True)),
        (3, TimeoutError(), GiveUp("engine_timeout", buried=True)),
        (3, ZeroDivisionError(), GiveUp("internal_error", buried=True)),
        (3, Unavailable("the disk is full"), GiveUp("internal_error", buried=True)),
    ],
)
def test_the_end_of_a_job(attempt: int, failure: Exception, expected: GiveUp) -> None:
    """What can never work ends at once and is nobody's fault; what failed thrice is looked at."""
    assert after_failure(a_job(attempt), failure, random.Random(1)) == expected


@given(seed=st.integers())
def test_waits_grow_and_are_never_alike(seed: int) -> None:
    """One second, then two, give or take a fifth: a crowd of failures does not come back together."""
    dice = random.Random(seed)
    verdicts = [after_failure(a_job(attempt), CRASH, dice) for attempt in range(1, MOST_ATTEMPTS)]
    for verdict, around_seconds in zip(verdicts, (1.0, 2.0), strict=True):
        assert isinstance(verdict, Retry)
        assert 0.8 * around_seconds <= verdict.after_seconds <= 1.2 * around_seconds
