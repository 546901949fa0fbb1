"""A named object as it lies in the extract, before it becomes a Place of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from shapely.geometry import Point as ShapelyPoint
from shapely.geometry.base import BaseGeometry

from wildside.domain.catalogue import Place, ThemeRules, themes_of
from wildside.domain.geography import Point
from wildside.domain.identifiers import OsmType, place_id
from wildside.domain.popularity import popularity_of

BASELINE = ("amenity", "historic", "tourism", "leisure", "natural", "man_made")
UNTHEMED_VISIT_SECONDS = 300.0

_LANGUAGE = re.compile(r"name:([a-z]{2,3}(?:[-_][A-Za-z]{2,8})?)")
# What mappers tell each other, not the walker.
_INTERNAL_KEYS = {"fixme", "FIXME", "note", "created_by", "osm_object", "name"}
_INTERNAL_PREFIXES = ("name:", "source", "tiger:", "note:", "check_date", "survey:")


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A named OSM object with its shape in degrees: a point, lines or polygons."""

    osm_type: OsmType
    osm_id: int
    tags: Mapping[str, str]
    shape: BaseGeometry
    doors: tuple[Point, ...] = ()

    @property
    def name(self) -> str:
        """The name on the map."""
        return self.tags["name"]

    @property
    def is_baseline(self) -> bool:
        """Whether it is a place by what it is, whatever the themes ask for."""
        return any(key in self.tags for key in BASELINE)

    @property
    def translations(self) -> dict[str, str]:
        """Names by language code, such as `en` or `zh-Hant`."""
        found = ((_LANGUAGE.fullmatch(key), value) for key, value in self.tags.items())
        return {match.group(1): value for match, value in found if match is not None}

    @property
    def fame(self) -> float:
        """How well known it is, 0..1."""
        return popularity_of(self.tags, len(self.translations))

    def location(self) -> Point:
        """The point itself, the middle of the longest line, or a point surely inside the area."""
        if isinstance(self.shape, ShapelyPoint):
            inside = self.shape
        elif self.shape.area > 0:
            inside = self.shape.representative_point()
        else:
            lines = getattr(self.shape, "geoms", [self.shape])
            longest = max(lines, key=lambda line: line.length)
            inside = longest.interpolate(0.5, normalized=True)
        return Point(round(inside.x, 7), round(inside.y, 7))

    def absorbing(self, twin: FoundPlace) -> FoundPlace:
        """This object with what only its twin knows: tags, and doors where this one has none."""
        return replace(self, tags={**twin.tags, **self.tags}, doors=self.doors or twin.doors)

    def as_place(self, rules: tuple[ThemeRules, ...]) -> Place:
        """The catalogue's Place; its first theme says how long a visit takes."""
        theme_ids = themes_of(self.tags, rules)
        minutes = {entry.theme.id: entry.visit_minutes for entry in rules}
        return Place(
            id=place_id(self.osm_type, self.osm_id),
            osm_type=self.osm_type,
            osm_id=self.osm_id,
            name=self.name,
            location=self.location(),
            tags={
                key: value
                for key, value in self.tags.items()
                if key not in _INTERNAL_KEYS and not key.startswith(_INTERNAL_PREFIXES)
            },
            theme_ids=theme_ids,
            names=self.translations,
            popularity_score=self.fame,
            visit_seconds=minutes[theme_ids[0]] * 60 if theme_ids else UNTHEMED_VISIT_SECONDS,
            doors=self.doors,
        )
