"""Places already read, kept as values: a walk looks at thousands, and they seldom change."""

from __future__ import annotations

from collections.abc import Sequence

from wildside.domain.catalogue import Place
from wildside.domain.identifiers import PlaceId

MOST_PLACES = 20_000  # about 3 kB each; a walk's reach in a dense city holds five thousand


class PlaceShelf:
    """Places by id and the moment of their last change: what has changed is never found here.

    A moment is whatever the store takes for one, as long as a change gives another.
    """

    def __init__(self) -> None:
        self._places: dict[PlaceId, tuple[object, Place]] = {}

    def look(
        self, wanted: Sequence[tuple[PlaceId, object]]
    ) -> tuple[dict[PlaceId, Place], list[PlaceId]]:
        """Those with these ids and moments that are at hand, and the ids of the others."""
        found: dict[PlaceId, Place] = {}
        absent = []
        for place_id, changed_at in wanted:
            known = self._places.get(place_id)
            if known is not None and known[0] == changed_at:
                found[place_id] = known[1]
            else:
                absent.append(place_id)
        return found, absent

    def put(self, place: Place, changed_at: object) -> None:
        """Keeps the place; a full shelf is emptied first, which costs one reading of each."""
        if len(self._places) >= MOST_PLACES:
            self._places.clear()
        self._places[place.id] = (changed_at, place)
