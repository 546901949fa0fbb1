"""A thing mapped in several pieces is one stop."""

import pytest

from tests.town import MURALS, PUBS
from wildside.domain.catalogue import Place, Theme
from wildside.domain.geography import Point
from wildside.domain.identifiers import PlaceId, place_id
from wildside.domain.place_names import words_of
from wildside.domain.scoring import without_namesakes

HERE = Point(-3.19, 55.95)


def _place(
    number: int, name: str, north: float = 0.0, themes: tuple[Theme, ...] = (PUBS,)
) -> Place:
    location = Point(HERE.longitude, HERE.latitude + north)
    theme_ids = tuple(theme.id for theme in themes)
    return Place(place_id("way", number), "way", number, name, location, {}, theme_ids)


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


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Ponte Dom Luís I", "Ponte Dom Luís I (tabuleiro superior)"),
        ("Ponte Dom Luís I (tabuleiro inferior)", "ponte dom luis I"),
        ("Café Sical", "Sical"),
        ("Miss Opo", "Miss Opo Porto"),
    ],
)
def test_a_name_within_the_name_of_a_neighbour_is_the_same_sight(name: str, other: str) -> None:
    """A bridge and its upper deck, twenty metres apart and of one theme: whichever is more promising."""
    assert _kept(_place(1, name), _place(2, other, north=0.0002)) == [1]


def test_a_statue_in_a_garden_of_its_name_is_another_sight() -> None:
    """Nothing in common but the name; or in common but a hundred metres apart; or half of a word."""
    statue = _place(1, "Princesse Grace", themes=(MURALS,))
    assert _kept(statue, _place(2, "Roseraie Princesse Grace", north=0.0001)) == [1, 2]
    assert _kept(_place(1, "Sical"), _place(2, "Café Sical", north=0.001)) == [1, 2]
    assert _kept(_place(1, "The Inn"), _place(2, "The Innkeeper")) == [1, 2]
    assert _kept(_place(1, "George Street"), _place(2, "George the Third's Street")) == [1, 2]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("éLeBé  Baixa", ("elebe", "baixa")),
        ("Largo de Aviz – Porto.", ("largo", "de", "aviz", "porto")),
        ("浅草寺", ("浅草寺",)),
        ("!!!", ("!!!",)),
    ],
)
def test_names_are_words_without_accents_and_signs(name: str, words: tuple[str, ...]) -> None:
    """In any script; a name of signs alone is still a name."""
    assert words_of(name) == words
