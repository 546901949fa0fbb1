"""Progress never goes back, and nothing follows the end."""

from dataclasses import replace
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tests.town import NOON, TRACE
from wildside.domain.identifiers import RequestId, UserId
from wildside.domain.progress import Progress, Stage

WORDS = st.builds(
    lambda stage, percent: Progress(
        RequestId(UUID(int=1)), UserId(UUID(int=2)), stage, percent, NOON, TRACE
    ),
    st.sampled_from(Stage),
    st.integers(0, 100),
)


def told(words: list[Progress]) -> list[Progress]:
    """What a walker hears when each word is told if it may follow the one before."""
    heard: list[Progress] = []
    for word in words:
        if not heard or word.may_follow(heard[-1]):
            heard.append(word)
    return heard


@given(words=st.lists(WORDS, max_size=30))
def test_whatever_is_reported_in_whatever_order_a_walker_hears_a_straight_story(
    words: list[Progress],
) -> None:
    """Pending, at work with growing percents, one end."""
    heard = told(words)
    order = list(Stage)
    for earlier, later in pairwise(heard):
        assert not earlier.stage.is_final
        assert order.index(later.stage) >= order.index(earlier.stage)
        if later.stage is earlier.stage:
            assert later.percent >= earlier.percent


@given(words=st.lists(WORDS, min_size=1, max_size=30))
def test_the_first_end_is_always_heard(words: list[Progress]) -> None:
    """However far the search had come: an end is never swallowed."""
    ends = [word for word in words if word.stage.is_final]
    if ends:
        assert told(words)[-1] == ends[0]


@given(word=WORDS)
def test_an_end_says_how_it_ended(word: Progress) -> None:
    """A failure keeps the percent it had come to."""
    failed = word.failed("engine_timeout", NOON)
    assert (failed.stage, failed.error, failed.percent) == (
        Stage.FAILED,
        "engine_timeout",
        word.percent,
    )
    assert replace(failed, stage=word.stage, error=word.error) == word
