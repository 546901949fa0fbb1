"""Draws tiny extracts for tests: a few nodes, ways and relations with their tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

import osmium
from osmium.osm import mutable

from wildside.domain.catalogue import TagRule, Theme, ThemeRules
from wildside.domain.identifiers import ThemeId

Tags = Mapping[str, str]
Node = tuple[float, float, Tags]
Way = tuple[Sequence[int], Tags]
Ring = tuple[Sequence[tuple[int, str]], Tags]

MEMORIALS = ThemeRules(
    Theme(ThemeId(UUID(int=1)), "Memorials", "Stones that remember.", "scroll"),
    (TagRule({"historic": ("memorial",)}),),
    visit_minutes=2.0,
)
CLOSES = ThemeRules(
    Theme(ThemeId(UUID(int=2)), "Closes", "Narrow ways.", "door-open"),
    (TagRule({"highway": ("footway",), "name": ("~ close$",)}),),
    visit_minutes=1.0,
)
RULES = (MEMORIALS, CLOSES)


def write_extract(
    path: Path,
    nodes: Mapping[int, Node],
    ways: Mapping[int, Way] | None = None,
    relations: Mapping[int, Ring] | None = None,
) -> Path:
    """Writes an extract; nodes are (longitude, latitude, tags), members of relations are ways."""
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for number, (longitude, latitude, tags) in sorted(nodes.items()):
            writer.add_node(
                mutable.Node(id=number, location=(longitude, latitude), tags=dict(tags))
            )
        for number, (refs, tags) in sorted((ways or {}).items()):
            writer.add_way(mutable.Way(id=number, nodes=list(refs), tags=dict(tags)))
        for number, (members, tags) in sorted((relations or {}).items()):
            parts = [("w", way, role) for way, role in members]
            writer.add_relation(mutable.Relation(id=number, members=parts, tags=dict(tags)))
    return path


def square(first: int, west: float, south: float, side: float) -> dict[int, Node]:
    """Four corner nodes, counter-clockwise from the south-west, numbered from `first`."""
    corners = ((0, 0), (side, 0), (side, side), (0, side))
    return {
        first + index: (west + east, south + north, {})
        for index, (east, north) in enumerate(corners)
    }
