"""Recognises one thing that was mapped twice, and keeps it once."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import shapely
from shapely.geometry import Point as ShapelyPoint
from shapely.geometry.base import BaseGeometry

from wildside.domain.place_names import Words, words_of
from wildside.outbound.osm.found_place import BASELINE, FoundPlace

NEAR_AREA_METRES = 10.0  # a café's node set on the pavement before its building
NEAR_POINT_METRES = 30.0  # two nodes of one kind and name; chains keep more distance
NEAR_ITEM_METRES = 50.0  # of one Wikidata item; the parts of a large thing may carry it, too
NEAR_LINE_METRES = 150.0  # a street is many ways, cut at crossings and squares

_METRES_A_DEGREE = 111_195.0  # of latitude, on the mean sphere


def without_twins(found: Iterable[FoundPlace]) -> list[FoundPlace]:
    """Every thing once, ordered by type and id.

    Of two with one name, the node inside or beside the area, the area within the area, nodes of one
    kind close together and the pieces of one street are the same thing; so are neighbours with one
    Wikidata item, whatever they are called. The better known survives (ties: relation, way, node,
    then the lower id) and takes over what only the other knew.
    """
    by_name: dict[Words, list[FoundPlace]] = defaultdict(list)
    for place in found:
        by_name[words_of(place.name)].append(place)
    by_item: dict[str, list[FoundPlace]] = defaultdict(list)
    for group in by_name.values():
        for place in _merged(group, _same):
            by_item[place.tags.get("wikidata") or f"{place.osm_type} {place.osm_id}"].append(place)
    kept = [place for group in by_item.values() for place in _merged(group, _same_item)]
    return sorted(kept, key=lambda place: (place.osm_type, place.osm_id))


def _merged(
    group: list[FoundPlace], are_same: Callable[[FoundPlace, FoundPlace], bool]
) -> list[FoundPlace]:
    if len(group) == 1:
        return group
    kept: list[FoundPlace] = []
    for place in sorted(group, key=_worth):
        twin = next((index for index, other in enumerate(kept) if are_same(other, place)), None)
        if twin is None:
            kept.append(place)
        else:
            kept[twin] = _union(kept[twin], place)
    return kept


def _worth(place: FoundPlace) -> tuple[bool, float, int, int]:
    """Sorts the survivor first: a place by its own right, the better known, the larger element."""
    rank = {"relation": 0, "way": 1, "node": 2}[place.osm_type]
    return (not place.is_baseline, -place.fame, rank, place.osm_id)


def _union(survivor: FoundPlace, twin: FoundPlace) -> FoundPlace:
    union = survivor.absorbing(twin)
    if _is_line(survivor.shape) and _is_line(twin.shape):
        # All pieces of a street stay in reach of the next piece; the doors are those of the longest.
        longest = max((survivor, twin), key=lambda place: place.shape.length)
        return replace(union, shape=shapely.union(survivor.shape, twin.shape), doors=longest.doors)
    if survivor.shape.area == 0 and twin.shape.area > 0 and not _is_line(survivor.shape):
        # The node knows more, the outline lies better.
        return replace(union, shape=twin.shape, doors=twin.doors)
    return union


def _same(one: FoundPlace, other: FoundPlace) -> bool:
    kinds = _kinds(one), _kinds(other)
    areas = [place.shape.area > 0 for place in (one, other)]
    metres = _distance_metres(one.shape, other.shape)
    if _is_line(one.shape) or _is_line(other.shape):
        both_streets = "highway" in one.tags and "highway" in other.tags
        return both_streets and metres <= NEAR_LINE_METRES
    if any(areas):
        # A hotel inside the station of its name is another thing only if both say what they are.
        return metres <= NEAR_AREA_METRES and _compatible(*kinds)
    return metres <= NEAR_POINT_METRES and bool(kinds[0] & kinds[1])


def _same_item(one: FoundPlace, other: FoundPlace) -> bool:
    """Streets and bridges are told by their names: one item may stand for a whole quarter of them."""
    if _is_line(one.shape) or _is_line(other.shape):
        return False
    near = _distance_metres(one.shape, other.shape) <= NEAR_ITEM_METRES
    return near and _compatible(_kinds(one), _kinds(other))


def _kinds(place: FoundPlace) -> set[tuple[str, str]]:
    keys: Sequence[str] = (*BASELINE, "shop", "craft", "landuse", "place", "highway")
    return {(key, place.tags[key]) for key in keys if key in place.tags}


def _compatible(one: set[tuple[str, str]], other: set[tuple[str, str]]) -> bool:
    shared_keys = {key for key, _ in one} & {key for key, _ in other}
    return not shared_keys or bool(one & other)


def _is_line(shape: BaseGeometry) -> bool:
    return shape.area == 0 and shape.length > 0


def _distance_metres(one: BaseGeometry, other: BaseGeometry) -> float:
    narrowing = math.cos(math.radians(one.centroid.y))
    if isinstance(one, ShapelyPoint) and isinstance(other, ShapelyPoint):
        return _METRES_A_DEGREE * math.hypot((one.x - other.x) * narrowing, one.y - other.y)

    def flattened(shape: BaseGeometry) -> BaseGeometry:
        return shapely.transform(shape, lambda points: points * (narrowing, 1.0))

    return _METRES_A_DEGREE * float(shapely.distance(flattened(one), flattened(other)))
