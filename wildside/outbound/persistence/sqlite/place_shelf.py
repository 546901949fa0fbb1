"""Places already read, kept as values: a walk looks at thousands, and they seldom change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from wildside.domain.catalogue import Place
from wildside.domain.identifiers import PlaceId

MOST_PLACES = 20_000  # about 3 kB each; a walk's reach in a dense city holds five thousand


class PlaceShelf:
    """Places by id and the moment of their last change: what has changed is never found here."""

    def __init__(self) -> None:
        self._places: dict[PlaceId, tuple[int, Place]] = {}

    def all_of(
        self,
        wanted: Sequence[tuple[PlaceId, int]],
        read: Callable[[Iterable[PlaceId]], Iterable[tuple[Place, int]]],
    ) -> list[Place]:
        """The places with these ids and moments, in their order; `read` gets those not at hand."""
        at_hand = self._places
        absent = [
            place_id
            for place_id, changed_at in wanted
            if place_id not in at_hand or at_hand[place_id][0] != changed_at
        ]
        fresh: dict[PlaceId, Place] = {}
        if absent:
            if len(at_hand) + len(absent) > MOST_PLACES:
                # The moments of another snapshot may be among them; all are read anew, once.
                at_hand.clear()
                absent = [place_id for place_id, _ in wanted]
            for place, changed_at in read(absent):
                fresh[place.id] = place
                if len(at_hand) < MOST_PLACES:
                    at_hand[place.id] = (changed_at, place)
        return [
            fresh[place_id] if place_id in fresh else at_hand[place_id][1] for place_id, _ in wanted
        ]
