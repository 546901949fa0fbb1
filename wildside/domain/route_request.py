"""A walk asked for: valid by construction, with a fingerprint that equal wishes share."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from datetime import datetime

from wildside.domain.errors import Invalid
from wildside.domain.geography import Point
from wildside.domain.identifiers import PlaceId, ThemeId
from wildside.domain.moments import rfc3339

SHORTEST_MINUTES = 15
LONGEST_MINUTES = 180
MOST_PLACES_NAMED = 50  # must-visits and never-visits each; more is a list, not a wish
FINGERPRINT_DECIMALS = 4  # about eleven metres: two walkers at one corner share an answer


@dataclass(frozen=True, slots=True)
class RouteRequest:
    """What the walker wishes; `end` None is a loop, no themes means all of them."""

    start: Point
    duration_minutes: int
    theme_ids: tuple[ThemeId, ...] = ()
    popularity_bias: float = 0.5
    avoid_stairs: bool = False
    prefer_well_lit: bool = False
    end: Point | None = None
    depart_at: datetime | None = None
    must_visit: tuple[PlaceId, ...] = ()
    avoid: tuple[PlaceId, ...] = ()
    walking_speed_kmh: float = 4.8

    def __post_init__(self) -> None:
        if not SHORTEST_MINUTES <= self.duration_minutes <= LONGEST_MINUTES:
            raise Invalid.field(
                "duration_minutes",
                "out_of_range",
                f"duration_minutes must lie in {SHORTEST_MINUTES}..{LONGEST_MINUTES}",
            )
        if not (math.isfinite(self.popularity_bias) and 0.0 <= self.popularity_bias <= 1.0):
            raise Invalid.field(
                "popularity_bias", "out_of_range", "popularity_bias must lie in 0..1"
            )
        for field, places in (
            ("must_visit_poi_ids", self.must_visit),
            ("avoid_poi_ids", self.avoid),
        ):
            if len(places) > MOST_PLACES_NAMED:
                raise Invalid.field(field, "too_many", f"at most {MOST_PLACES_NAMED} places")
        both = set(self.must_visit) & set(self.avoid)
        if both:
            raise Invalid.field(
                "avoid_poi_ids", "contradiction", f"place {min(both)} is both wanted and avoided"
            )
        if self.depart_at is not None and self.depart_at.tzinfo is None:
            raise Invalid.field("depart_at", "invalid", "depart_at needs a time zone")

    @property
    def budget_seconds(self) -> int:
        """The walker's time in seconds."""
        return self.duration_minutes * 60

    @property
    def reach_metres(self) -> float:
        """How far the walker comes in their time without stopping."""
        return self.budget_seconds * self.walking_speed_kmh / 3.6

    def params(self) -> dict[str, object]:
        """The wish as the contract writes it, kept with the route that answers it."""

        def geojson(point: Point) -> dict[str, object]:
            return {"type": "Point", "coordinates": [point.longitude, point.latitude]}

        return {
            "start_location": geojson(self.start),
            "duration_minutes": self.duration_minutes,
            "interest_theme_ids": [str(theme_id) for theme_id in self.theme_ids],
            "popularity_bias": self.popularity_bias,
            "accessibility": {
                "avoid_stairs": self.avoid_stairs,
                "prefer_well_lit": self.prefer_well_lit,
            },
            "end_location": None if self.end is None else geojson(self.end),
            "depart_at": None if self.depart_at is None else rfc3339(self.depart_at),
            "must_visit_poi_ids": list(self.must_visit),
            "avoid_poi_ids": list(self.avoid),
        }

    def fingerprint(self, *, region_version: str, engine_version: str) -> str:
        """SHA-256 (hex) of the canonical wish: order of themes and the fifth decimal do not matter."""

        def rounded(point: Point | None) -> list[float] | None:
            if point is None:
                return None
            return [
                round(point.longitude, FINGERPRINT_DECIMALS) + 0.0,
                round(point.latitude, FINGERPRINT_DECIMALS) + 0.0,
            ]

        wish = [
            region_version,
            engine_version,
            rounded(self.start),
            rounded(self.end),
            self.duration_minutes,
            sorted(str(theme) for theme in set(self.theme_ids)),
            round(self.popularity_bias, 3),
            self.avoid_stairs,
            self.prefer_well_lit,
            None if self.depart_at is None else int(self.depart_at.timestamp()) // 60,
            sorted(set(self.must_visit)),
            sorted(set(self.avoid)),
            round(self.walking_speed_kmh, 2),
        ]
        return hashlib.sha256(json.dumps(wish, separators=(",", ":")).encode()).hexdigest()
