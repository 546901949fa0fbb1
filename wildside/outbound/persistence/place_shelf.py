"""Places already read, kept as values: a walk looks at thousands, and they seldom change.

Kept in each process and not in Redis: what a place costs is its decoding, and that would be paid
there too. The store is still asked which places there are and when each changed, so a region that
is taken in anew, or with other themes, is seen by the next question on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence

from wildside.domain.catalogue import Place
from wildside.domain.identifiers import PlaceId

MOST_PLACES = 20_000  # about 3 kB each; a walk's reach in a dense city holds five thousand


class PlaceShelf:
    """Places by id and the moment of their last change: what has changed is never found here.

    A moment is whatever the store takes for one, as long as a change gives another. Two halves: a
    full upper one becomes the lower one, and what nobody asked for since then is forgotten. So
    popular places stay, without an order to be kept at each look.
    """

    def __init__(self, room: int = MOST_PLACES) -> None:
        self._room_of_half = room // 2
        self._upper: dict[PlaceId, tuple[object, Place]] = {}
        self._lower: dict[PlaceId, tuple[object, Place]] = {}
        self.hits = 0
        self.misses = 0

    @property
    def places(self) -> int:
        """How many are kept."""
        return len(self._upper) + len(self._lower)

    def look(
        self, wanted: Sequence[tuple[PlaceId, object]]
    ) -> tuple[dict[PlaceId, Place], list[PlaceId]]:
        """Those with these ids and moments that are at hand, and the ids of the others."""
        found: dict[PlaceId, Place] = {}
        absent = []
        for place_id, changed_at in wanted:
            known = self._upper.get(place_id) or self._lift(place_id)
            if known is not None and known[0] == changed_at:
                found[place_id] = known[1]
            else:
                absent.append(place_id)
        self.hits += len(found)
        self.misses += len(absent)
        return found, absent

    def put(self, place: Place, changed_at: object) -> None:
        """Keeps the place."""
        self._lower.pop(place.id, None)
        self._keep(place.id, (changed_at, place))

    def _lift(self, place_id: PlaceId) -> tuple[object, Place] | None:
        known = self._lower.pop(place_id, None)
        if known is not None:
            self._keep(place_id, known)
        return known

    def _keep(self, place_id: PlaceId, known: tuple[object, Place]) -> None:
        if len(self._upper) >= self._room_of_half:
            self._lower, self._upper = self._upper, {}
            self._lower.pop(place_id, None)
        self._upper[place_id] = known
