"""Places at hand: never an old one, never too many, and the popular ones stay."""

from hypothesis import given
from hypothesis import strategies as st

from tests.town import a_place
from wildside.domain.catalogue import Place
from wildside.domain.identifiers import PlaceId
from wildside.outbound.persistence.place_shelf import PlaceShelf

PLACES = [a_place(number) for number in range(40)]


def test_popular_places_stay_and_others_go() -> None:
    """One is asked for again and again while a hundred pass by."""
    shelf = PlaceShelf(room=10)
    shelf.put(PLACES[0], 1)
    for place in PLACES[1:]:
        shelf.put(place, 1)
        assert shelf.look([(PLACES[0].id, 1)])[1] == []
    assert shelf.look([(PLACES[1].id, 1)])[1] == [PLACES[1].id]
    assert (shelf.hits, shelf.misses) == (len(PLACES) - 1, 1)


@given(
    st.lists(
        st.tuples(st.integers(0, len(PLACES) - 1), st.integers(0, 2), st.booleans()), max_size=200
    )
)
def test_what_is_found_is_what_was_put_last(steps: list[tuple[int, int, bool]]) -> None:
    """Against a dictionary without bounds: a place of another moment is never handed out."""
    shelf, everything = PlaceShelf(room=8), dict[PlaceId, tuple[int, Place]]()
    for number, moment, puts in steps:
        place = PLACES[number]
        if puts:
            shelf.put(place, moment)
            everything[place.id] = (moment, place)
        else:
            found, absent = shelf.look([(place.id, moment)])
            assert len(found) + len(absent) == 1
            if found:
                assert everything[place.id] == (moment, found[place.id])
        assert shelf.places <= 8
