"""Builds rows of houses along the edges of blocks, leaving yards in the middle."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from wildside.outbound.sample_town.ground import NEW_TOWN, OLD_TOWN, Spot
from wildside.outbound.sample_town.network import Kind, Network

_PAVEMENT_METRES = 5.5  # from the middle of the street to the walls
_SMALLEST_HOUSE = 30.0  # square metres
_PASSAGE_METRES = 2.0  # half the width of a close


@dataclass(frozen=True, slots=True)
class House:
    """A building: its outline, the point of its wall that faces the street, its storeys."""

    outline: Polygon
    front: Spot
    storeys: int
    use: str


def build_houses(
    network: Network, open_blocks: Sequence[Polygon], dice: random.Random
) -> list[House]:
    """Houses around every block that is not left open as a square or a garden."""
    passages = shapely.union_all(
        [one.line.buffer(_PASSAGE_METRES) for one in network.stretches if one.kind is Kind.CLOSE]
    )
    houses: list[House] = []
    for block in network.blocks:
        if not any(block.equals(one) for one in open_blocks):
            houses += _around(block, passages, dice)
    return houses


def _around(block: Polygon, passages: BaseGeometry, dice: random.Random) -> Iterator[House]:
    walls = block.buffer(-_PAVEMENT_METRES, join_style="mitre").simplify(1.5)
    if not isinstance(walls, Polygon) or walls.area < 200.0:
        return
    taken = passages.intersection(walls)
    for begin, end in pairwise(shapely.orient_polygons(walls).exterior.coords):
        for plot, front in _plots(begin, end, dice):
            outline = plot.intersection(walls).difference(taken)
            if not isinstance(outline, Polygon) or outline.area < _SMALLEST_HOUSE:
                continue
            taken = taken.union(outline)
            if dice.random() > 0.06:  # now and then a gap with a tree
                yield House(outline, front, _storeys(front, dice), _use(front, dice))


def _plots(
    begin: tuple[float, ...], end: tuple[float, ...], dice: random.Random
) -> Iterator[tuple[Polygon, Spot]]:
    """Plots along one wall, the block on the left hand."""
    length = math.dist(begin, end)
    if length < 7.0:
        return
    count = max(1, round(length / dice.uniform(9.0, 15.0)))
    along = ((end[0] - begin[0]) / length, (end[1] - begin[1]) / length)
    inward = (-along[1], along[0])
    for number in range(count):
        depth = dice.uniform(9.0, 13.5)
        left, right = length * number / count, length * (number + 1) / count
        corners = [
            (
                begin[0] + along[0] * reach + inward[0] * deep,
                begin[1] + along[1] * reach + inward[1] * deep,
            )
            for reach, deep in ((left, 0.0), (right, 0.0), (right, depth), (left, depth))
        ]
        middle = (left + right) / 2
        front = (begin[0] + along[0] * middle, begin[1] + along[1] * middle)
        yield Polygon(corners), front


def _storeys(front: Spot, dice: random.Random) -> int:
    if math.dist(front, OLD_TOWN) < 300.0:
        return dice.choice((3, 4, 4, 5, 6))
    return (
        dice.choice((2, 3, 3, 4)) if math.dist(front, NEW_TOWN) < 450.0 else dice.choice((1, 2, 2))
    )


def _use(front: Spot, dice: random.Random) -> str:
    if math.dist(front, OLD_TOWN) < 330.0:
        return dice.choice(("apartments", "retail", "yes", "apartments"))
    return dice.choice(("house", "house", "terrace", "yes", "apartments"))


def inside_of(house: House) -> Spot:
    """A point behind the front door."""
    point = house.outline.representative_point()
    return (point.x, point.y)
