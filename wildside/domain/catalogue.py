"""What there is to see: themes, places and the regions they lie in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from wildside.domain.errors import Invalid
from wildside.domain.geography import BoundingBox, Point
from wildside.domain.identifiers import OsmType, PlaceId, RegionId, ThemeId

_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_CENTURY = re.compile(r"\bC(\d\d?)\b|\b(\d\d?)[a-z]{2} c", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Theme:
    """An interest a walker may choose; its UUID is fixed in conf/themes.toml."""

    id: ThemeId
    name: str
    description: str
    icon_key: str


@dataclass(frozen=True, slots=True)
class TagRule:
    """One way of belonging to a theme: every key must carry one of the values.

    `("*",)` accepts any value but `no`; a value that starts with `~` is looked for inside the tag's
    text, ignoring case, and only at its end when it closes with `$` (`~ Close$`); `<1940` accepts a
    date before that year, written as OSM writes dates.
    """

    require: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        if not self.require:
            raise Invalid("a tag rule needs at least one key")

    def matches(self, tags: Mapping[str, str]) -> bool:
        """Whether an object with these tags belongs."""
        return all(
            key in tags and any(_accepts(wanted, tags[key]) for wanted in values)
            for key, values in self.require.items()
        )


def _accepts(wanted: str, value: str) -> bool:
    if wanted == "*":
        return value != "no"
    if wanted.startswith("<"):
        year = year_of(value)
        return year is not None and year < int(wanted[1:])
    if wanted.startswith("~") and wanted.endswith("$"):
        return value.casefold().endswith(wanted[1:-1].casefold())
    if wanted.startswith("~"):
        return wanted[1:].casefold() in value.casefold()
    # OSM joins several values of one key with semicolons.
    return any(part.strip() == wanted for part in value.split(";"))


def year_of(date: str) -> int | None:
    """The year in which a date of OSM begins: `1684-05`, `~1890`, `1890s`, `C18`, `18th century`.

    None where it tells no year. Source: the wiki's page of the key start_date.
    """
    written = _YEAR.search(date)
    if written:
        return int(written[0])
    century = _CENTURY.search(date)
    return None if century is None else 100 * (int(century[1] or century[2]) - 1)


@dataclass(frozen=True, slots=True)
class ThemeRules:
    """A theme, how OSM objects come to belong to it and how long a visit there takes.

    `exceptions` rule out what a rule would accept: a pub of a chain, a private garden.
    """

    theme: Theme
    rules: tuple[TagRule, ...]
    visit_minutes: float
    exceptions: tuple[TagRule, ...] = ()

    def takes(self, tags: Mapping[str, str]) -> bool:
        """Whether an object with these tags belongs to the theme."""
        return any(rule.matches(tags) for rule in self.rules) and not any(
            exception.matches(tags) for exception in self.exceptions
        )


@dataclass(frozen=True, slots=True)
class Place:
    """A named thing worth a look, as OpenStreetMap knows it.

    `doors` are the points where a walker may reach it: entrances or outline corners of an area;
    empty means its location. `popularity_score` runs from 0 (hidden gem) to 1 (hotspot).
    """

    id: PlaceId
    osm_type: OsmType
    osm_id: int
    name: str
    location: Point
    tags: Mapping[str, str]
    theme_ids: tuple[ThemeId, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    popularity_score: float = 0.5
    visit_seconds: float = 300.0
    doors: tuple[Point, ...] = ()
    narrative: str | None = None

    def __post_init__(self) -> None:
        if not self.name:
            raise Invalid("a place needs a name")
        if not 0.0 <= self.popularity_score <= 1.0:
            raise Invalid("popularity_score must lie in 0..1")

    @property
    def opening_hours(self) -> str | None:
        """OSM's opening_hours text, unparsed."""
        return self.tags.get("opening_hours")

    @property
    def wikidata(self) -> str | None:
        """The Wikidata item, like Q212065."""
        return self.tags.get("wikidata")


@dataclass(frozen=True, slots=True)
class Region:
    """An ingested piece of the map.

    `version` is a hash of what it was made from; its files (`graph.walk`, `base.mbtiles`) lie in
    a folder named by it, so that a walk under way ends on the region it began with.
    """

    id: RegionId
    name: str
    bounds: BoundingBox
    centre: Point
    version: str
    data_timestamp: datetime | None
    place_count: int
    attribution: str = "© OpenStreetMap contributors"


def themes_of(tags: Mapping[str, str], rules: Sequence[ThemeRules]) -> tuple[ThemeId, ...]:
    """The themes whose rules accept these tags, in the rules' order."""
    return tuple(entry.theme.id for entry in rules if entry.takes(tags))
