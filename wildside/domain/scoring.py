"""How much a place is worth to one walker, and the reasons one may tell them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from wildside.domain.catalogue import Place, Theme
from wildside.domain.identifiers import PlaceId, ThemeId

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


def score_place(
    place: Place,
    wanted: Mapping[ThemeId, Theme],
    popularity_bias: float,
    must_visit: frozenset[PlaceId] = frozenset(),
) -> ScoredPlace | None:
    """The worth of a place; None where no theme is wanted and nobody insists on it.

    `popularity_bias` 1 pays for fame, 0 for the lack of it, 0.5 cares little either way.
    """
    insisted = place.id in must_visit
    matching = [theme for theme in place.theme_ids if theme in wanted]
    if not matching and not insisted:
        return None
    lean = 2.0 * popularity_bias - 1.0
    fame = 0.5 + lean * (place.popularity_score - 0.5)
    theme_part = 0.0
    if matching:
        theme_part = SCORE_OF_ONE_THEME + SCORE_OF_FURTHER_THEMES * (
            1.0 - 0.5 ** (len(matching) - 1)
        )
    score = theme_part + SCORE_OF_FAME * min(1.0, max(0.0, fame))
    return ScoredPlace(
        place,
        round(score, 3),
        tuple(_reasons(place, [wanted[theme] for theme in matching], lean, insisted)),
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


def best_candidates(
    scored: Iterable[ScoredPlace],
    distance_metres: Mapping[PlaceId, float],
    limit: int = MOST_CANDIDATES,
) -> tuple[ScoredPlace, ...]:
    """The `limit` most promising: worth per distance, musts first, ties by id for one answer always."""

    def promise(candidate: ScoredPlace) -> tuple[bool, float, int]:
        # Half of a far place's worth goes into getting there: e-folding at 1.5 km of crow's flight.
        near = math.exp(-distance_metres[candidate.place.id] / 1500.0)
        return (not candidate.must_visit, -candidate.score * (0.5 + near), candidate.place.id)

    return tuple(sorted(scored, key=promise)[:limit])


def without_namesakes(scored: Iterable[ScoredPlace]) -> Iterator[ScoredPlace]:
    """The best of each name within sight of another: a close mapped in three pieces is one stop."""
    kept: dict[str, list[ScoredPlace]] = {}
    # Musts first: nobody's wish gives way to a namesake.
    for candidate in sorted(scored, key=lambda one: (not one.must_visit, -one.score, one.place.id)):
        namesakes = kept.setdefault(candidate.place.name.casefold(), [])
        if not candidate.must_visit and any(
            other.place.location.distance_metres(candidate.place.location) < NAMESAKE_METRES
            for other in namesakes
        ):
            continue
        namesakes.append(candidate)
        yield candidate
