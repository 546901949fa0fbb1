"""How well known a place seems from its tags."""

from hypothesis import given
from hypothesis import strategies as st

from wildside.domain.popularity import MOST_TRANSLATIONS, UNKNOWN, popularity_of

KEYS = st.sampled_from(
    ["wikidata", "wikipedia", "heritage", "website", "architect", "start_date", "fee", "level"]
)


@given(st.dictionaries(KEYS, st.just("yes")), KEYS, st.integers(0, 60))
def test_another_clue_never_makes_a_place_less_known(
    tags: dict[str, str], clue: str, translations: int
) -> None:
    """Every clue takes away doubt, and the score stays within 0..1."""
    before = popularity_of(tags, translations)
    after = popularity_of({**tags, clue: "yes"}, translations)
    assert UNKNOWN <= before <= after <= 1.0


@given(st.integers(0, MOST_TRANSLATIONS - 1))
def test_one_more_language_makes_a_place_better_known(translations: int) -> None:
    """A name that is translated is read abroad."""
    assert popularity_of({}, translations) < popularity_of({}, translations + 1)


def test_a_chain_counts_half() -> None:
    """A branch's Wikidata item is the company's fame, not the shop's."""
    assert popularity_of({"brand": "X", "website": "y"}, 0) < popularity_of({"website": "y"}, 0)


def test_a_castle_everyone_names_is_a_hotspot_and_a_plaque_a_gem() -> None:
    """The two ends of the walker's slider have something to choose from."""
    castle = {"historic": "castle", "tourism": "attraction", "wikidata": "Q1", "wikipedia": "en:X"}
    assert popularity_of(castle, 30) > 0.85
    assert popularity_of({"historic": "memorial"}, 0) < 0.2
