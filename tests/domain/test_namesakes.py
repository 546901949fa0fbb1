"""A thing mapped in several pieces is one stop."""

from wildside.domain.catalogue import Place
from wildside.domain.geography import Point
from wildside.domain.identifiers import place_id
from wildside.domain.scoring import ScoredPlace, without_namesakes

HERE = Point(-3.19, 55.95)


def _candidate(
    number: int, name: str, *, score: float = 60.0, north: float = 0.0, must: bool = False
) -> ScoredPlace:
    location = Point(HERE.longitude, HERE.latitude + north)
    place = Place(place_id("way", number), "way", number, name, location, {})
    return ScoredPlace(place, score, (), must)


def _kept(*candidates: ScoredPlace) -> set[int]:
    return {candidate.place.osm_id for candidate in without_namesakes(candidates)}


def test_of_two_pieces_of_a_close_the_better_stays() -> None:
    """Forty metres apart, one name whatever its case: one stop."""
    pieces = (_candidate(1, "Anchor Close", score=50), _candidate(2, "ANCHOR CLOSE", north=0.0004))
    assert _kept(*pieces) == {2}


def test_branches_of_a_chain_are_different_places() -> None:
    """A kilometre apart they are worth a stop each."""
    assert _kept(_candidate(1, "Blackwell's"), _candidate(2, "Blackwell's", north=0.009)) == {1, 2}


def test_a_must_visit_never_gives_way_to_a_namesake() -> None:
    """Whoever asks for both pieces gets both; an unasked third one goes."""
    asked = (_candidate(1, "Close", score=1, must=True), _candidate(2, "Close", score=2, must=True))
    assert _kept(*asked, _candidate(3, "Close", score=99)) == {1, 2}
