"""When places let visitors in during one walk, and what to presume where nobody wrote it down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Hours nearly every place of a kind keeps, for those whose own are not known. Generous on purpose:
# they keep a walker away from a museum at three in the morning, and promise nothing.
CUSTOMARY_HOURS: tuple[tuple[str, frozenset[str], str], ...] = (
    ("tourism", frozenset({"museum", "gallery", "zoo", "aquarium", "theme_park"}), "09:00-18:00"),
    ("amenity", frozenset({"pub", "bar", "biergarten"}), "11:00-24:00"),
    ("amenity", frozenset({"cafe", "restaurant", "fast_food", "ice_cream"}), "08:00-23:00"),
    ("amenity", frozenset({"arts_centre", "exhibition_centre", "library"}), "09:00-20:00"),
    ("amenity", frozenset({"marketplace", "food_court"}), "07:00-20:00"),
    ("amenity", frozenset({"cinema", "theatre", "nightclub"}), "12:00-26:00"),
    ("shop", frozenset(), "09:00-20:00"),  # any shop
)


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which a place is open, in seconds after departure."""

    opens_seconds: float
    closes_seconds: float


@dataclass(frozen=True, slots=True)
class Hours:
    """When a place is open during one walk: `spans` None is all the time, () is never.

    `is_told` False: nobody wrote down (legibly) when a place of this kind is open.
    """

    spans: tuple[Span, ...] | None = None
    is_told: bool = True

    def admits(self, visit_seconds: float) -> bool:
        """Whether a visit of this length fits in before the doors close."""
        return self.spans is None or any(
            span.closes_seconds - span.opens_seconds >= visit_seconds for span in self.spans
        )


ALWAYS_OPEN = Hours()


def customary_hours(tags: Mapping[str, str]) -> str | None:
    """What a place of this kind usually keeps; None for what cannot be shut: a statue, a view."""
    for key, kinds, hours in CUSTOMARY_HOURS:
        if key in tags and (not kinds or kinds & set(tags[key].split(";"))):
            return hours
    return None
