"""How much a place is worth to one walker, and the reasons one may tell them."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from wildside.domain.catalogue import Place, Theme
from wildside.domain.identifiers import PlaceId, ThemeId
from wildside.domain.opening_hours import ALWAYS_OPEN, Hours
from wildside.domain.place_names import Words, phrases_of, words_of
from wildside.domain.reach import Reach

SCORE_OF_ONE_THEME = 40.0
SCORE_OF_FURTHER_THEMES = 15.0  # a pub with a mural beats a pub, but not two pubs
SCORE_OF_FAME = 60.0
HIGHEST_SCORE = SCORE_OF_ONE_THEME + SCORE_OF_FURTHER_THEMES + SCORE_OF_FAME
# Popularity as it is: nothing but a name gives 0.08, Edinburgh Castle 0.75.
NAME_ONLY, HOTSPOT = 0.08, 0.68
GEM_PART = 0.5  # being unknown is a charm, but half of it is having nothing to tell
LONGEST_REASON = 120  # characters of a mapper's text; some inscriptions are sermons
# What a mapper wrote that is worth telling, and how it is told.
TOLD_TAGS = (
    ("start_date", "Dates from {}"),
    ("artist_name", "By {}"),
    ("architect", "Designed by {}"),
    ("inscription", "It reads “{}”"),
    ("description", "{}"),
)
NAMESAKE_METRES = 200.0  # pieces of one street touch; branches of one chain do not
PART_METRES = 50.0  # a bridge and its upper deck, a café and the same with its town's name
# Time on the way from one sight to the next: with as long to look, an hour is two to three kilometres.
WAY_SECONDS = 270.0
LIKELY_STOPS = 30
MOST_CANDIDATES = 200  # a whole tour of 180 minutes holds about thirty stops


@dataclass(frozen=True, slots=True)
class ScoredPlace:
    """A candidate for the tour: its worth (0..115), why it would be there and when it is open."""

    place: Place
    score: float
    why: tuple[str, ...]
    must_visit: bool = False
    main_theme: ThemeId | None = None
    hours: Hours = ALWAYS_OPEN


@dataclass(frozen=True, slots=True)
class Taste:
    """What one walker likes: wanted themes, fame or the lack of it, places they insist on.

    `popularity_bias` 1 pays for fame, 0 for the lack of it, 0.5 likes what is known a little better.
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
        known = (place.popularity_score - NAME_ONLY) / (HOTSPOT - NAME_ONLY)
        known = min(1.0, max(0.0, known))
        bias = self.popularity_bias
        fame = bias * known + (1.0 - bias) * GEM_PART * (1.0 - known)
        # Squared: one sight that is talked about at home is worth two that fill the time.
        return round((theme_part + SCORE_OF_FAME * fame) ** 2 / HIGHEST_SCORE, 3)

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
    yield from (
        words.format(_shortened(place.tags[key])) for key, words in TOLD_TAGS if place.tags.get(key)
    )


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1].rstrip()}…"


def choose_candidates(
    places: Iterable[Place],
    taste: Taste,
    reach: Reach,
    metres_per_second: float,
    *,
    avoid: Collection[PlaceId] = (),
    limit: int = MOST_CANDIDATES,
    hours_of: Callable[[Place], Hours] = lambda _: ALWAYS_OPEN,
) -> tuple[ScoredPlace, ...]:
    """The `limit` most promising of the wanted places in reach, for the engine to choose from.

    Musts come first and are never left out, neither for being far (the engine tells which cannot be
    reached) nor for being closed; any other place that is closed throughout the walk is.
    Then worth against the way there, ties by id for one answer always. Called with thousands of
    places on the event loop, so reasons are only put into words for those that are chosen.
    """
    promising: list[tuple[bool, float, PlaceId, Place]] = []
    for place in {place.id: place for place in places}.values():
        insisted = place.id in taste.must_visit
        if not insisted and (
            place.id in avoid
            or not taste.wants(place)
            or not reach.allows(place, metres_per_second)
        ):
            continue
        far_metres = reach.detour_metres(place.location) / 2
        # Half of a far place's worth goes into getting there: e-folding at 1.5 km of crow's flight.
        promise = taste.worth(place) * (0.5 + math.exp(-far_metres / 1500.0))
        promising.append((not insisted, -promise, place.id, place))
    promising.sort(key=lambda entry: entry[:3])
    # One by one and only as long as there is room: most of the promising are never looked at.
    admitted = (
        place
        for *_, place in promising
        if place.id in taste.must_visit or hours_of(place).admits(place.visit_seconds)
    )
    distinct = without_namesakes(admitted, taste.must_visit)
    return tuple(
        replace(taste.scored(place), hours=hours_of(place)) for place in islice(distinct, limit)
    )


def most_stops(candidates: Sequence[ScoredPlace], budget_seconds: float) -> int:
    """How many sights make a walk and not a list, by how long one stays at the best; musts all fit."""
    musts = sum(candidate.must_visit for candidate in candidates)
    best = sorted(candidates, key=lambda candidate: -candidate.score)[:LIKELY_STOPS]
    if not best:
        return musts
    visit_seconds = sum(candidate.place.visit_seconds for candidate in best) / len(best)
    return max(1 + int(budget_seconds / (WAY_SECONDS + visit_seconds)), musts)


def without_namesakes(places: Iterable[Place], musts: Collection[PlaceId]) -> Iterator[Place]:
    """The first of those that a walker would take for one thing.

    Of one name within sight: a close mapped in three pieces is one stop. Or a name within the other
    (`Ponte Dom Luís I (tabuleiro superior)`), side by side and of a common theme.
    """
    kept: dict[Words, list[Place]] = {}
    kept_by_phrase: dict[Words, list[Place]] = {}
    for place in places:
        words = words_of(place.name)
        phrases = set(phrases_of(words))
        longer_or_shorter = chain(
            kept_by_phrase.get(words, ()), *(kept.get(phrase, ()) for phrase in phrases)
        )
        if place.id not in musts and (
            any(_within(place, other, NAMESAKE_METRES) for other in kept.get(words, ()))
            or any(
                _within(place, other, PART_METRES) and _share_a_theme(place, other)
                for other in longer_or_shorter
            )
        ):
            continue
        kept.setdefault(words, []).append(place)
        for phrase in phrases:
            kept_by_phrase.setdefault(phrase, []).append(place)
        yield place


def _within(one: Place, other: Place, metres: float) -> bool:
    return one.location.distance_metres(other.location) < metres


def _share_a_theme(one: Place, other: Place) -> bool:
    return not set(one.theme_ids).isdisjoint(other.theme_ids)
