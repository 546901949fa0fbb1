"""Which OpenStreetMap ways a walker may use, and what they are like: the access rules as data.

Sources: the OSM wiki pages Key:access (defaults and the order foot > access), Key:highway,
Key:barrier, Key:oneway:foot, Key:conveying, Key:lit and Key:surface.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, IntFlag

Tags = Mapping[str, str]


class WayClass(IntEnum):
    """What a way is to a walker; numbers are stored in graph files, so they never change meaning."""

    TRUNK = 1
    PRIMARY = 2
    SECONDARY = 3
    TERTIARY = 4
    STREET = 5
    LIVING_STREET = 6
    SERVICE = 7
    TRACK = 8
    PEDESTRIAN = 9
    FOOTWAY = 10
    PATH = 11
    CYCLEWAY = 12
    STEPS = 13
    CORRIDOR = 14
    PIER = 15
    PLATFORM = 16


class Flag(IntFlag):
    """What is stored of every edge in one 16-bit word; the way's class fills the bits above."""

    FORWARD = 1
    BACKWARD = 2
    STEPS = 4
    LIT = 8
    UNLIT = 16
    PAVED = 32
    UNPAVED = 64
    CROSSES_AREA = 128
    OFF_THE_GROUND = 256  # bridge or tunnel: the terrain's height says nothing about it
    GREEN = 512
    WATERSIDE = 1024


CLASS_SHIFT = 11  # the first bit above the flags

# Walkable unless access says otherwise.
OPEN_BY_DEFAULT = {
    "primary": WayClass.PRIMARY,
    "primary_link": WayClass.PRIMARY,
    "secondary": WayClass.SECONDARY,
    "secondary_link": WayClass.SECONDARY,
    "tertiary": WayClass.TERTIARY,
    "tertiary_link": WayClass.TERTIARY,
    "unclassified": WayClass.STREET,
    "residential": WayClass.STREET,
    "road": WayClass.STREET,
    "living_street": WayClass.LIVING_STREET,
    "service": WayClass.SERVICE,
    "track": WayClass.TRACK,
    "pedestrian": WayClass.PEDESTRIAN,
    "footway": WayClass.FOOTWAY,
    "path": WayClass.PATH,
    "bridleway": WayClass.PATH,
    "steps": WayClass.STEPS,
    "corridor": WayClass.CORRIDOR,
    "platform": WayClass.PLATFORM,
}
# Walkable only where a tag says so: `foot=yes` and its kin, or a pavement beside the carriageway.
CLOSED_BY_DEFAULT = {
    "trunk": WayClass.TRUNK,
    "trunk_link": WayClass.TRUNK,
    "cycleway": WayClass.CYCLEWAY,
}
# Ways without `highway` that carry walkers all the same.
WALKABLE_WITHOUT_HIGHWAY = {
    ("man_made", "pier"): WayClass.PIER,
    ("public_transport", "platform"): WayClass.PLATFORM,
    ("railway", "platform"): WayClass.PLATFORM,
}
# Everything else (motorway, construction, proposed, raceway, bus_guideway…) is never walked.

REFUSED = frozenset(
    [
        "no",
        "private",
        "use_sidepath",
        "military",
        "agricultural",
        "forestry",
        "agricultural;forestry",
        "delivery",
        "permit",
        "residents",
        "customers",
        "discouraged",
        "emergency",
        "employees",
        "staff",
    ]
)
INVITED = frozenset(["yes", "designated", "official", "permissive", "public", "destination"])
PAVEMENTS = frozenset(["yes", "both", "left", "right", "separate"])

# Barriers on a way's node that stop a walker unless `foot` or `access` invites.
IMPASSABLE_BARRIERS = frozenset(
    [
        "wall",
        "fence",
        "hedge",
        "retaining_wall",
        "city_wall",
        "ditch",
        "guard_rail",
        "jersey_barrier",
        "chain_link",
        "debris",
        "tank_trap",
    ]
)
# Highway values whose closed ways may be plains to be walked across.
AREA_BY_TAG = frozenset(
    ["pedestrian", "footway", "path", "service", "living_street", "platform", "corridor"]
)

LIT_VALUES = frozenset(
    ["yes", "24/7", "automatic", "limited", "interval", "sunset-sunrise", "dusk-dawn"]
)
UNLIT_VALUES = frozenset(["no", "disused"])
PAVED_SURFACES = frozenset(
    [
        "paved",
        "asphalt",
        "concrete",
        "concrete:plates",
        "concrete:lanes",
        "paving_stones",
        "sett",
        "cobblestone",
        "unhewn_cobblestone",
        "bricks",
        "brick",
        "metal",
        "wood",
        "tiles",
        "stone",
        "granite",
        "marble",
        "rubber",
        "metal_grid",
        "chipseal",
        "paving_stones:lanes",
    ]
)
UNPAVED_SURFACES = frozenset(
    [
        "unpaved",
        "ground",
        "dirt",
        "earth",
        "gravel",
        "fine_gravel",
        "compacted",
        "grass",
        "sand",
        "mud",
        "pebblestone",
        "woodchips",
        "rock",
        "clay",
        "soil",
        "grass_paver",
    ]
)
_PERCENT = re.compile(r"^([+-]?\d+(?:\.\d+)?) ?%$")


@dataclass(frozen=True, slots=True)
class WayTraits:
    """What the network keeps of a walkable way; `slope` is rise over run along the way, if told."""

    flags: Flag
    way_class: WayClass
    name: str
    slope: float | None
    is_area: bool

    @property
    def word(self) -> int:
        """Flags and class in the 16 bits that the graph file keeps."""
        return int(self.flags) | int(self.way_class) << CLASS_SHIFT


def traits_of(tags: Tags, *, is_closed: bool) -> WayTraits | None:
    """What a walker finds on a way with these tags, or None where nobody may walk."""
    way_class = _class_of(tags)
    if way_class is None or not _is_open(tags, way_class):
        return None
    directions = _directions(tags)
    if not directions:
        return None
    return WayTraits(
        flags=directions | _looks(tags, way_class),
        way_class=way_class,
        name=tags.get("name") or tags.get("bridge:name") or "",
        slope=_slope(tags),
        is_area=is_closed and _is_area(tags),
    )


def area_traits_of(tags: Tags) -> WayTraits | None:
    """The same for a multipolygon relation, which is an area by nature."""
    return traits_of({**tags, "area": "yes"}, is_closed=True)


def stops_walkers(tags: Tags) -> bool:
    """Whether a node on a way cannot be passed: a wall, a locked or private gate."""
    foot = tags.get("foot")
    if foot is not None:
        return foot in REFUSED
    barrier = tags.get("barrier")
    if barrier is None:
        return False
    access = tags.get("access")
    if access in INVITED:
        return False
    return barrier in IMPASSABLE_BARRIERS or access in REFUSED or tags.get("locked") == "yes"


def _class_of(tags: Tags) -> WayClass | None:
    highway = tags.get("highway")
    if highway is not None:
        return OPEN_BY_DEFAULT.get(highway) or CLOSED_BY_DEFAULT.get(highway)
    for (key, value), way_class in WALKABLE_WITHOUT_HIGHWAY.items():
        if tags.get(key) == value:
            return way_class
    return None


def _is_open(tags: Tags, way_class: WayClass) -> bool:
    if "ferry" in tags or tags.get("route") == "ferry":
        return False
    foot = tags.get("foot")
    if foot is not None:
        return foot in INVITED or (foot not in REFUSED and way_class not in _NEED_INVITATION)
    if tags.get("access") in REFUSED or tags.get("motorroad") == "yes":
        return False
    return way_class not in _NEED_INVITATION or _has_pavement(tags)


_NEED_INVITATION = frozenset(CLOSED_BY_DEFAULT.values())


def _has_pavement(tags: Tags) -> bool:
    return any(
        tags.get(key) in PAVEMENTS
        for key in ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")
    )


def _directions(tags: Tags) -> Flag:
    """Both ways, but where a rule for walkers says otherwise; a road's `oneway` is for wheels."""
    directions = Flag.FORWARD | Flag.BACKWARD
    for key in ("oneway:foot", "conveying"):
        value = tags.get(key)
        if value in {"yes", "forward", "1"} and (key, value) != ("conveying", "yes"):
            directions &= ~Flag.BACKWARD
        if value in {"-1", "backward"}:
            directions &= ~Flag.FORWARD
    if tags.get("foot:forward") == "no":
        directions &= ~Flag.FORWARD
    if tags.get("foot:backward") == "no":
        directions &= ~Flag.BACKWARD
    return directions


def _looks(tags: Tags, way_class: WayClass) -> Flag:
    flags = Flag(0)
    if way_class is WayClass.STEPS:
        flags |= Flag.STEPS
    lit = tags.get("lit")
    if lit in LIT_VALUES:
        flags |= Flag.LIT
    elif lit in UNLIT_VALUES:
        flags |= Flag.UNLIT
    surface = tags.get("surface")
    if surface in PAVED_SURFACES:
        flags |= Flag.PAVED
    elif surface in UNPAVED_SURFACES:
        flags |= Flag.UNPAVED
    if tags.get("bridge", "no") != "no" or tags.get("tunnel", "no") != "no":
        flags |= Flag.OFF_THE_GROUND
    return flags


def _slope(tags: Tags) -> float | None:
    match = _PERCENT.match(tags.get("incline", ""))
    if match is None:
        return None
    percent = float(match.group(1))
    return percent / 100 if abs(percent) <= 50 else None


def _is_area(tags: Tags) -> bool:
    area = tags.get("area")
    if area is not None:
        return area == "yes" and (tags.get("highway") in AREA_BY_TAG or "highway" not in tags)
    return "highway" not in tags
