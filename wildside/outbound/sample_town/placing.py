"""Puts the sights where they belong: shops into houses, statues on squares, murals on walls."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence

import shapely
from shapely import affinity
from shapely.geometry import Point as ShapelyPoint
from shapely.geometry import Polygon, box

from wildside.outbound.sample_town.ground import (
    HARBOUR,
    HILL,
    NEW_TOWN,
    OLD_TOWN,
    Ground,
    Spot,
    largest,
)
from wildside.outbound.sample_town.houses import House, inside_of
from wildside.outbound.sample_town.network import PIER_NAME, Kind, Network
from wildside.outbound.sample_town.osm_drawing import OsmDrawing
from wildside.outbound.sample_town.sights import CATHEDRAL, CATHEDRAL_YARD, SIGHTS, Sight

_LARGEST_BUILDING = 520.0  # square metres; a museum takes its neighbours' houses too
_LIGHTHOUSE = {"man_made": "lighthouse", "name": "Long Pier Lighthouse", "start_date": "1874"}


class SightPlacer:
    """Draws every sight once; a house holds one sight at most."""

    def __init__(
        self,
        drawing: OsmDrawing,
        houses: Sequence[House],
        open_air: Mapping[str, Iterator[Spot]],
        dice: random.Random,
    ) -> None:
        self._drawing = drawing
        self._tree = shapely.STRtree([house.outline for house in houses])
        self._houses = houses
        self._open_air = open_air
        self._dice = dice
        self._taken: set[int] = set()
        self.rebuilt: set[int] = set()  # houses that are drawn already, as part of a sight
        self._addresses = {
            "old": self._near(OLD_TOWN, 330.0),
            "new": self._near(NEW_TOWN, 430.0),
            "harbour": self._near((HARBOUR[0], -600.0), 230.0),
            "square": self._near(OLD_TOWN, 110.0),
            "outer": self._near((0.0, 0.0), 2000.0, at_least=620.0),
            "wall": self._near(OLD_TOWN, 520.0),
        }

    def place_all(self, cathedral_yard: Polygon) -> None:
        """All the town's sights."""
        for sight in SIGHTS:
            tags = {**sight.tags, "name": sight.name}
            if sight.name == CATHEDRAL:
                outline = _cathedral(cathedral_yard)
                front = outline.exterior.coords[0]
                self._draw_building([], outline, (front[0], front[1]), tags)
            elif sight.where in self._open_air:
                self._drawing.node(next(self._open_air[sight.where]), tags)
            else:
                self._place_at_house(sight, tags)

    def _place_at_house(self, sight: Sight, tags: dict[str, str]) -> None:
        index = next(one for one in self._addresses[sight.where] if one not in self._taken)
        house = self._houses[index]
        if not sight.as_building:
            self._taken.add(index)
            # A mural is on the wall, a shop behind it.
            on_wall = sight.where == "wall"
            self._drawing.node(house.front if on_wall else inside_of(house), tags)
            return
        parts = self._enlarged(index)
        self._taken.update(parts)
        walls = [self._houses[part].outline.buffer(0.2) for part in parts]
        outline = largest(shapely.union_all(walls))
        self._draw_building(parts, outline, house.front, {"building": "public", **tags})

    def _draw_building(
        self, parts: Sequence[int], outline: Polygon, front: Spot, tags: dict[str, str]
    ) -> None:
        self.rebuilt.update(parts)
        walls = outline.exterior
        door = walls.interpolate(walls.project(ShapelyPoint(front)))
        with_door = shapely.snap(outline, door, 0.3)
        points = [(x, y) for x, y, *_ in with_door.exterior.coords]
        nearest = min(points, key=lambda point: math.dist(point, (door.x, door.y)))
        self._drawing.node(nearest, {"entrance": "main"})
        self._drawing.line(points, {"building:levels": "3", **tags})

    def _enlarged(self, index: int) -> list[int]:
        """The house and free neighbours wall to wall, up to the size of a public building."""
        parts, area = [index], self._houses[index].outline.area
        outline = self._houses[index].outline.buffer(0.3)
        for other in sorted(int(one) for one in self._tree.query(outline, predicate="intersects")):
            free = other not in self._taken and other not in parts
            room = area + self._houses[other].outline.area < _LARGEST_BUILDING
            joined = self._houses[other].outline.intersection(outline).area > 1.0
            if free and room and joined:
                parts.append(other)
                area += self._houses[other].outline.area
        return parts

    def _near(self, spot: Spot, within: float, at_least: float = 0.0) -> list[int]:
        chosen = [
            index
            for index, house in enumerate(self._houses)
            if at_least <= math.dist(house.front, spot) <= within
        ]
        self._dice.shuffle(chosen)
        return chosen


def open_air_spots(
    ground: Ground, network: Network, open_blocks: Sequence[Polygon], dice: random.Random
) -> dict[str, Iterator[Spot]]:
    """Endless spots in the open by the part of town."""
    green = largest(ground.park.buffer(-25.0).difference(ground.pond.buffer(14.0)))
    return {
        "open": _inside_any([block.buffer(-7.0) for block in open_blocks], dice),
        "park": _inside_any([green], dice),
        "hill": _around(HILL, 78.0, dice),
        "hillside": _around(HILL, 150.0, dice),
        "promenade": _along(network, Kind.PROMENADE, dice),
        "seafront": _along(network, Kind.SEAFRONT, dice),
    }


def draw_landmarks(drawing: OsmDrawing, network: Network) -> None:
    """What is part of the plan itself: the lighthouse at the pier's end, the island's light."""
    pier = [one for one in network.stretches if one.name == PIER_NAME]
    tip = min((point for one in pier for point in one.line.coords), key=lambda point: point[1])
    drawing.node((tip[0], tip[1]), _LIGHTHOUSE)
    drawing.node((980.0, -1090.0), {"man_made": "lighthouse", "name": "Gull Island Light"})


def cathedral_yard(squares: Sequence[tuple[str, Mapping[str, str], Polygon]]) -> Polygon:
    """The block the cathedral stands in."""
    return next(block for name, _, block in squares if name == CATHEDRAL_YARD)


def _cathedral(yard: Polygon) -> Polygon:
    """Nave and transept, as long as the yard allows."""
    middle = yard.representative_point()
    scale = min(1.0, math.sqrt(yard.area) / 95.0)
    nave = box(-34.0, -8.5, 30.0, 8.5).union(box(4.0, -19.0, 19.0, 19.0))
    nave = nave.union(box(-34.0, -11.0, -24.0, 11.0)).union(ShapelyPoint(30.0, 0.0).buffer(8.5))
    turned = affinity.rotate(affinity.scale(nave, scale, scale, origin=(0, 0)), 9, origin=(0, 0))
    placed = affinity.translate(turned, middle.x, middle.y)
    return largest(placed.simplify(0.4))


def _inside_any(shapes: Sequence[Polygon], dice: random.Random) -> Iterator[Spot]:
    """A spot in each shape in turn."""
    while True:
        for shape in shapes:
            west, south, east, north = shape.bounds
            spot = (dice.uniform(west, east), dice.uniform(south, north))
            while not shapely.intersects_xy(shape, *spot):
                spot = (dice.uniform(west, east), dice.uniform(south, north))
            yield spot


def _around(middle: Spot, metres: float, dice: random.Random) -> Iterator[Spot]:
    while True:
        angle = dice.uniform(0.0, 2 * math.pi)
        yield (middle[0] + metres * math.cos(angle), middle[1] + metres * math.sin(angle))


def _along(network: Network, kind: Kind, dice: random.Random) -> Iterator[Spot]:
    lines = [one.line for one in network.stretches if one.kind is kind and one.line.length > 20.0]
    while True:
        line = dice.choice(lines)
        point = line.interpolate(dice.uniform(0.1, 0.9), normalized=True)
        yield (point.x + dice.uniform(-4.0, 4.0), point.y + dice.uniform(-4.0, 4.0))
