"""Names of things: UUIDs told apart by type, and a place's integer made from its OSM element."""

from __future__ import annotations

from typing import Literal, NewType
from uuid import UUID

UserId = NewType("UserId", UUID)
ThemeId = NewType("ThemeId", UUID)
RouteId = NewType("RouteId", UUID)
RequestId = NewType("RequestId", UUID)
TraceId = NewType("TraceId", str)
RegionId = NewType("RegionId", str)
PlaceId = NewType("PlaceId", int)

OsmType = Literal["node", "way", "relation"]
OSM_TYPES: tuple[OsmType, ...] = ("node", "way", "relation")


def place_id(osm_type: OsmType, osm_id: int) -> PlaceId:
    """`osm_id * 4` plus 0 for a node, 1 for a way, 2 for a relation: stable across ingests."""
    return PlaceId(osm_id * 4 + OSM_TYPES.index(osm_type))


def osm_element(place: PlaceId) -> tuple[OsmType, int]:
    """The OSM element a place was made from."""
    return OSM_TYPES[place % 4], place // 4
