"""A thing mapped in several pieces is one stop."""

from wildside.domain.catalogue import Place
from wildside.domain.geography import Point
from wildside.domain.identifiers import PlaceId, place_id
from wildside.domain.scoring import without_namesakes

HERE = Point(-3.19, 55.95)


def _place(number: int, name: str, north: float = 0.0) -> Place:
    location = Point(HERE.longitude, HERE.latitude + north)
    return Place(place_id("way", number), "way", number, name, location, {})


def _kept(*places: Place, musts: frozenset[PlaceId] = frozenset()) -> list[int]:
    return [place.osm_id for place in without_namesakes(places, musts)]


def test_of_two_pieces_of_a_close_the_more_promising_stays() -> None:
    """Forty metres apart, one name whatever its case: one stop, the first in order of promise."""
    assert _kept(_place(2, "ANCHOR CLOSE"), _place(1, "Anchor Close", north=0.0004)) == [2]


def test_branches_of_a_chain_are_different_places() -> None:
    """A kilometre apart they are worth a stop each."""
    assert _kept(_place(1, "Blackwell's"), _place(2, "Blackwell's", north=0.009)) == [1, 2]


def test_a_must_visit_never_gives_way_to_a_namesake() -> None:
    """Whoever asks for both pieces gets both; an unasked third one goes."""
    asked = (_place(1, "Close"), _place(2, "Close"))
    musts = frozenset(place.id for place in asked)
    assert _kept(*asked, _place(3, "Close"), musts=musts) == [1, 2]
