"""The pure rules of restarting: waits, windows, groups."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors import Backoff, Restart, Strategy
from actors.restart_policy import RestartWindow, needs_restart, restart_group


@given(
    first=st.floats(0.01, 10),
    factor=st.floats(1, 5),
    jitter=st.floats(0, 1),
    attempt=st.integers(1, 10_000),
    seed=st.integers(0, 2**32),
)
def test_a_wait_lies_between_its_jittered_least_and_its_most(
    first: float, factor: float, jitter: float, attempt: int, seed: int
) -> None:
    """Never over `most_seconds`, never under the share the dice may take, for any attempt."""
    backoff = Backoff(first, factor, most_seconds=60, jitter=jitter)
    wait_seconds = backoff.wait_seconds(attempt, Random(seed))
    longest = backoff.first_seconds
    for _ in range(min(attempt, 2000) - 1):  # the slow way to raise to a power
        longest = min(60.0, longest * factor)
    assert longest * (1 - jitter) - 1e-9 <= wait_seconds <= longest + 1e-9


def test_the_dice_decide_only_the_jitter() -> None:
    """Without jitter waits are exact; with the same dice they are the same."""
    assert [Backoff(1, jitter=0).wait_seconds(n, Random()) for n in (1, 2, 3, 9)] == [1, 2, 4, 30]
    jittered = Backoff(1, jitter=0.5)
    assert jittered.wait_seconds(3, Random(7)) == jittered.wait_seconds(3, Random(7))
    assert jittered.wait_seconds(3, Random(7)) != jittered.wait_seconds(3, Random(8))


@pytest.mark.parametrize(
    "wrong",
    [
        {"first_seconds": -1},
        {"first_seconds": 9, "most_seconds": 1},
        {"factor": 0.5},
        {"jitter": 2},
    ],
)
def test_a_backoff_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    """Valid by construction: nobody checks it again."""
    with pytest.raises(ValueError, match=r"backoff|jitter"):
        Backoff(**wrong)


@given(
    pauses=st.lists(st.floats(0, 4), max_size=40),
    intensity=st.integers(0, 5),
    period_seconds=st.floats(0.5, 10),
)
def test_a_window_counts_what_lies_in_its_period(
    pauses: list[float], intensity: int, period_seconds: float
) -> None:
    """Against all moments ever noted, counted anew each time."""
    window = RestartWindow(intensity, period_seconds)
    moments: list[float] = []
    now = 0.0
    for pause in pauses:
        now += pause
        moments.append(now)
        recent = sum(moment >= now - period_seconds for moment in moments)
        assert window.allows(now) == (recent <= intensity)


def test_who_shares_the_fate_of_whom() -> None:
    """The three strategies over one row of children."""
    row = ["a", "b", "c", "d"]
    assert restart_group(Strategy.ONE_FOR_ONE, row, "b") == ("b",)
    assert restart_group(Strategy.ONE_FOR_ALL, row, "b") == ("a", "b", "c", "d")
    assert restart_group(Strategy.REST_FOR_ONE, row, "b") == ("b", "c", "d")


def test_which_endings_call_for_a_new_life() -> None:
    """Permanent always, transient after a crash, temporary never."""
    verdicts = {
        kind: (needs_restart(kind, crashed=False), needs_restart(kind, crashed=True))
        for kind in Restart
    }
    assert verdicts == {
        Restart.PERMANENT: (True, True),
        Restart.TRANSIENT: (False, True),
        Restart.TEMPORARY: (False, False),
    }
