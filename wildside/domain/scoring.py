"""How much a place is worth to one walker, and the reasons one may tell them."""

from __future__ import annotations

import heapq
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from wildside.domain.catalogue import Place, Theme
from wildside.domain.identifiers import PlaceId, ThemeId
from wildside.domain.reach import Reach

SCORE_OF_ONE_THEME = 60.0
SCORE_OF_FURTHER_THEMES = 15.0  # a pub with a mural beats a pub, but not two pubs
SCORE_OF_FAME = 40.0
NAMESAKE_METRES = 200.0  # pieces of one street touch; branches of one chain do not
MOST_CANDIDATES = 200  # a whole tour of 180 minutes holds about thirty stops


@dataclass(frozen=True, slots=True)
class ScoredPlace:
    """A candidate for the tour: its worth (0..115) and why it would be there."""

    place: Place
    score: float
    why: tuple[str, ...]
    must_visit: bool = False
    main_theme: ThemeId | None = None


@dataclass(frozen=True, slots=True)
class Taste:
    """What one walker likes: wanted themes, fame or the lack of it, places they insist on.

    `popularity_bias` 1 pays for fame, 0 for the lack of it, 0.5 cares little either way.
    """

    wanted: Mapping[ThemeId, Theme]
    popularity_bias: float
    must_visit: frozenset[PlaceId] = frozenset()

    @property
    def lean(self) -> float:
        """-1 loves hidden gems, 1 hotspots."""
        return 2.0 * self.popularity_bias - 1.0

    def wants(self, place: Place) -> bool:
        """Whether the place has a wanted theme, or the walker insists on it."""
        return place.id in self.must_visit or any(
            theme_id in self.wanted for theme_id in place.theme_ids
        )

    def worth(self, place: Place) -> float:
        """The worth of a place, 0..115."""
        matching = sum(theme_id in self.wanted for theme_id in place.theme_ids)
        theme_part = 0.0
        if matching:
            theme_part = SCORE_OF_ONE_THEME + SCORE_OF_FURTHER_THEMES * (
                1.0 - 0.5 ** (matching - 1)
            )
        fame = 0.5 + self.lean * (place.popularity_score - 0.5)
        return round(theme_part + SCORE_OF_FAME * min(1.0, max(0.0, fame)), 3)

    def scored(self, place: Place) -> ScoredPlace:
        """The place with its worth and the reasons for it."""
        matching = [theme_id for theme_id in place.theme_ids if theme_id in self.wanted]
        insisted = place.id in self.must_visit
        themes = [self.wanted[theme_id] for theme_id in matching]
        return ScoredPlace(
            place,
            self.worth(place),
            tuple(_reasons(place, themes, self.lean, insisted)),
            insisted,
            matching[0] if matching else None,
        )


def _reasons(place: Place, themes: list[Theme], lean: float, insisted: bool) -> Iterable[str]:
    if insisted:
        yield "You asked to see it"
    yield from (theme.name for theme in themes[:3])
    if lean > 0.2 and place.popularity_score >= 0.7:
        yield "One of the best-known sights here"
    if lean < -0.2 and place.popularity_score <= 0.4:
        yield "A hidden gem that few people know"
    if place.tags.get("start_date"):
        yield f"Dates from {place.tags['start_date']}"
    if place.tags.get("artist_name"):
        yield f"By {place.tags['artist_name']}"
    if place.tags.get("architect"):
        yield f"Designed by {place.tags['architect']}"


def choose_candidates(
    places: Iterable[Place],
    taste: Taste,
    reach: Reach,
    metres_per_second: float,
    *,
    avoid: Collection[PlaceId] = (),
    limit: int = MOST_CANDIDATES,
) -> tuple[ScoredPlace, ...]:
    """The `limit` most promising of the wanted places in reach, for the engine to choose from.

    Musts come first and are never left out for being far: the engine tells which cannot be reached.
    Then worth against the way there, ties by id for one answer always. Called with thousands of
    places on the event loop, so reasons are only put into words for those that are chosen.
    """
    eligible = {
        place.id: (place, taste.worth(place))
        for place in places
        if place.id in taste.must_visit
        or (place.id not in avoid and taste.wants(place) and reach.allows(place, metres_per_second))
    }

    def rank(entry: tuple[Place, float]) -> tuple[bool, float, PlaceId]:
        place, worth = entry
        return (place.id not in taste.must_visit, -worth, place.id)

    def promise(entry: tuple[Place, float]) -> tuple[bool, float, PlaceId]:
        place, worth = entry
        # Half of a far place's worth goes into getting there: e-folding at 1.5 km of crow's flight.
        near = math.exp(-reach.detour_metres(place.location) / 2 / 1500.0)
        return (place.id not in taste.must_visit, -worth * (0.5 + near), place.id)

    best_first = sorted(eligible.values(), key=rank)
    told_apart = {
        place.id for place in without_namesakes((place for place, _ in best_first), taste)
    }
    best = heapq.nsmallest(
        limit, (entry for entry in best_first if entry[0].id in told_apart), key=promise
    )
    return tuple(taste.scored(place) for place, _ in best)


def without_namesakes(best_first: Iterable[Place], taste: Taste) -> Iterator[Place]:
    """The best of each name within sight of another: a close mapped in three pieces is one stop.

    Nobody's wish gives way to a namesake.
    """
    kept: dict[str, list[Place]] = {}
    for place in best_first:
        namesakes = kept.setdefault(place.name.casefold(), [])
        if place.id not in taste.must_visit and any(
            other.location.distance_metres(place.location) < NAMESAKE_METRES for other in namesakes
        ):
            continue
        namesakes.append(place)
        yield place
