"""Lays the streets: crooked lanes around the old market, wider blocks outward, paths in the green."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry import LineString, MultiPoint, Polygon
from shapely.geometry import Point as ShapelyPoint
from shapely.geometry.base import BaseGeometry
from shapely.ops import polygonize

from wildside.outbound.sample_town.ground import (
    HILL,
    NEW_TOWN,
    OLD_TOWN,
    PROMENADE_METRES,
    Ground,
    Spot,
    largest,
    longest,
)

GRID_METRES = 0.05  # lines meet where they come this close
RAMPARTS_METRES = 88.0
CASTLE_METRES = 58.0  # from the keep to the gate
PIER_NAME = "The Long Pier"
_SHORTEST_STREET_METRES = 17.0
_STUB_METRES = 3.0  # what sticks out beyond a crossing is a slip of the pen
_BRIDGES = ((620.0, "foot"), (225.0, "road"), (-130.0, "road"), (-470.0, "foot"), (-655.0, "road"))


class Kind(StrEnum):
    """What a line of the plan is."""

    STREET = "street"
    RING = "ring"
    PROMENADE = "promenade"
    SEAFRONT = "seafront"
    CLOSE = "close"
    PARK_PATH = "park path"
    HILL_PATH = "hill path"
    STEPS = "steps"
    ROAD_BRIDGE = "road bridge"
    FOOT_BRIDGE = "foot bridge"
    PIER = "pier"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of way between two junctions; metres."""

    line: LineString
    kind: Kind
    name: str | None = None

    @property
    def ends(self) -> tuple[Spot, Spot]:
        """Where it begins and ends."""
        return _spot(self.line.coords[0]), _spot(self.line.coords[-1])


@dataclass(frozen=True, slots=True)
class Network:
    """All stretches, and the blocks that the streets enclose."""

    stretches: tuple[Stretch, ...]
    blocks: tuple[Polygon, ...]


def lay_network(ground: Ground, dice: random.Random, close_names: Sequence[str]) -> Network:
    """The town's ways, joined wherever they meet."""
    drawn = [Stretch(line, Kind.STREET) for line in _lanes(ground, dice)]
    drawn += list(_edges_of_town(ground))
    drawn += list(_bridges(ground))
    blocks = _blocks(drawn)
    drawn += list(_closes(blocks, close_names))
    drawn += [*_park_paths(ground), *_hill_paths(ground), _pier(ground)]
    return Network(_joined(drawn), tuple(blocks))


def _lanes(ground: Ground, dice: random.Random) -> list[LineString]:
    """Edges of Voronoi cells around scattered seeds: no two blocks alike, no dead ends."""
    seeds = _seeds(dice)
    for _ in range(2):  # Lloyd's relaxation evens the blocks out without making a grid of them
        cells = shapely.voronoi_polygons(MultiPoint(seeds), ordered=True)
        near = [(cell.centroid.x, cell.centroid.y) for cell in cells.geoms]
        seeds = [_between(a, b) for a, b in zip(seeds, near, strict=True)]
    cells = shapely.voronoi_polygons(MultiPoint(seeds))
    corners = _drawn_together([list(cell.exterior.coords) for cell in cells.geoms])
    lanes: dict[frozenset[Spot], LineString] = {}
    for ring in corners:
        for begin, end in pairwise(ring):
            if begin != end:
                lanes.setdefault(frozenset((begin, end)), _bent(begin, end, dice))
    inside = [lane.intersection(ground.buildable) for lane in lanes.values()]
    pieces = (piece for lane in inside for piece in getattr(lane, "geoms", [lane]))
    return [piece for piece in pieces if isinstance(piece, LineString) and piece.length > 4.0]


def _seeds(dice: random.Random) -> list[Spot]:
    seeds: list[Spot] = []
    for _ in range(9000):
        spot = (dice.uniform(-1500.0, 1500.0), dice.uniform(-1150.0, 1150.0))
        room = _room(spot)
        if all(math.dist(spot, other) > room for other in seeds):
            seeds.append(spot)
    return seeds


def _room(spot: Spot) -> float:
    """How far apart block centres lie: close in the old town, generous at the edge."""
    old, new = math.dist(spot, OLD_TOWN), math.dist(spot, NEW_TOWN)
    return 58.0 + 60.0 * min(1.0, max(0.0, old - 150.0) / 650.0) + 12.0 * (new < 400.0)


def _drawn_together(rings: list[list[tuple[float, ...]]]) -> list[list[Spot]]:
    """Merges corners that are closer than the shortest street."""
    spots = sorted({_spot(corner) for ring in rings for corner in ring})
    tree = STRtree([ShapelyPoint(spot) for spot in spots])
    leader: dict[Spot, Spot] = {}
    for spot in spots:
        if spot in leader:
            continue
        near = tree.query(ShapelyPoint(spot), predicate="dwithin", distance=_SHORTEST_STREET_METRES)
        for index in near:
            leader.setdefault(spots[int(index)], spot)
    return [[leader[_spot(corner)] for corner in ring] for ring in rings]


def _bent(begin: Spot, end: Spot, dice: random.Random) -> LineString:
    """A lane that leans a little to one side, as lanes do."""
    low, high = sorted((begin, end))
    lean = dice.uniform(-0.07, 0.07)
    east, north = high[0] - low[0], high[1] - low[1]
    steps = (0.0, 0.25, 0.5, 0.75, 1.0)
    bulge = [4 * step * (1 - step) * lean for step in steps]
    return LineString(
        [
            (low[0] + step * east - side * north, low[1] + step * north + side * east)
            for step, side in zip(steps, bulge, strict=True)
        ]
    )


def _edges_of_town(ground: Ground) -> Iterator[Stretch]:
    for part in getattr(ground.buildable, "geoms", [ground.buildable]):
        rings = [part.exterior, *part.interiors]
        for line in (LineString(ring.coords).simplify(1.5) for ring in rings):
            for begin, end in pairwise(line.coords):
                middle = ShapelyPoint((begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2)
                kind, name = _edge_kind(ground, middle)
                yield Stretch(LineString([begin, end]), kind, name)


def _edge_kind(ground: Ground, middle: ShapelyPoint) -> tuple[Kind, str | None]:
    if ground.river.distance(middle) < 18.0:
        bank = "West" if middle.x < _river_x(ground, middle.y) else "East"
        return Kind.PROMENADE, f"{bank} Bank Walk"
    if ground.coastline.distance(middle) < 60.0:
        return Kind.SEAFRONT, "Harbour Quay" if -470 < middle.x < -130 else "Sea Parade"
    if ground.park.distance(middle) < 6.0:
        return Kind.STREET, "Linden Park Road"
    if ground.hill.distance(middle) < 6.0:
        return Kind.STREET, "Castlegate"
    return Kind.RING, "Wallfield Road"


def _river_x(ground: Ground, north: float) -> float:
    at = LineString([(-2000.0, north), (2000.0, north)]).intersection(ground.river_line)
    return float(at.centroid.x) if not at.is_empty else 0.0


def _bridges(ground: Ground) -> Iterator[Stretch]:
    """Straight across, from bank to bank."""
    names = {
        620.0: "Swan Bridge", 225.0: "Weavers' Bridge", -130.0: "Old Market Bridge",
        -470.0: "Glass Bridge", -655.0: "Mariners' Bridge",
    }  # fmt: skip
    valley = ground.river.buffer(11.0)
    for north, use in _BRIDGES:
        middle = _river_x(ground, north)
        line = LineString([(middle - 220.0, north), (middle + 220.0, north + 30.0)])
        span = longest(line.intersection(valley))
        kind = Kind.ROAD_BRIDGE if use == "road" else Kind.FOOT_BRIDGE
        yield Stretch(span, kind, names[north])


def _blocks(drawn: Sequence[Stretch]) -> list[Polygon]:
    lines = shapely.union_all([stretch.line for stretch in drawn], grid_size=GRID_METRES)
    return sorted(polygonize(lines), key=lambda block: (block.centroid.x, block.centroid.y))


def _closes(blocks: Sequence[Polygon], names: Sequence[str]) -> Iterator[Stretch]:
    """Passages through the oldest blocks, from one street to the one behind."""

    def age(block: Polygon) -> float:
        return float(block.centroid.distance(ShapelyPoint(OLD_TOWN)))

    oldest = [block for block in sorted(blocks, key=age) if 900.0 < block.area < 9000.0]
    # The very middle is the market square itself.
    for block, name in zip(oldest[1:], names, strict=False):
        middle = block.representative_point()
        angle = math.atan2(middle.y - OLD_TOWN[1], middle.x - OLD_TOWN[0]) + math.pi / 2
        reach = (300.0 * math.cos(angle), 300.0 * math.sin(angle))
        ray = LineString(
            [
                (middle.x - reach[0], middle.y - reach[1]),
                (middle.x, middle.y),
                (middle.x + reach[0], middle.y + reach[1]),
            ]
        )
        passage = longest(ray.intersection(block))
        yield Stretch(passage, Kind.CLOSE, name)


def _park_paths(ground: Ground) -> Iterator[Stretch]:
    around = _ring(ground.pond.buffer(22.0))
    yield Stretch(around, Kind.PARK_PATH, "Heron Walk")
    rim = ground.park.exterior
    for number in range(9):
        gate = rim.interpolate(number / 9 + 0.03, normalized=True)
        yield from _winding(gate, around, 18.0 * (-1) ** number, Kind.PARK_PATH)
    yield Stretch(_ring(ground.park.buffer(-38.0)), Kind.PARK_PATH, "Linden Ride")


def _hill_paths(ground: Ground) -> Iterator[Stretch]:
    around = _ring(ShapelyPoint(HILL).buffer(RAMPARTS_METRES))
    yield Stretch(around, Kind.HILL_PATH, "Ramparts Walk")
    # From the walk around the ramparts through the castle's gate.
    ring = (HILL[0] + RAMPARTS_METRES, HILL[1])
    yield Stretch(LineString([ring, castle_gate()]), Kind.HILL_PATH, "Castle Gate")
    names = ("Jacob's Ladder", None, "Drummer's Stair", None, "Hundred Steps", None)
    for number, name in enumerate(names):
        gate = ground.hill.exterior.interpolate(number / 6 + 0.02, normalized=True)
        kind = Kind.STEPS if name else Kind.HILL_PATH
        for stretch in _winding(gate, around, 8.0 if name else 30.0, kind):
            yield Stretch(stretch.line, kind, name)


def _pier(ground: Ground) -> Stretch:
    """From the promenade out to sea."""
    shore = ground.coastline.intersection(LineString([(560.0, -1200.0), (560.0, 0.0)])).centroid
    inland = (560.0, shore.y + PROMENADE_METRES + 1.0)
    return Stretch(LineString([inland, (566.0, shore.y), (585.0, -1055.0)]), Kind.PIER, PIER_NAME)


def _ring(shape: BaseGeometry) -> LineString:
    return longest(LineString(largest(shape).exterior.coords).simplify(1.0))


def _winding(
    gate: ShapelyPoint, towards: LineString, swing: float, kind: Kind
) -> Iterator[Stretch]:
    goal = towards.interpolate(towards.project(gate))
    east, north = goal.x - gate.x, goal.y - gate.y
    length = math.hypot(east, north) or 1.0
    points = []
    for step in np.linspace(0.0, 1.0, 9):
        side = swing * math.sin(2 * math.pi * float(step)) * min(1.0, length / 120.0)
        points.append(
            (
                gate.x + float(step) * east - side * north / length,
                gate.y + float(step) * north + side * east / length,
            )
        )
    yield Stretch(LineString(points), kind)


def _joined(drawn: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Cuts all lines where they meet; each piece is what the line was that it came from."""
    lines = [stretch.line for stretch in drawn]
    cut = shapely.line_merge(shapely.union_all(lines, grid_size=GRID_METRES))
    tree = STRtree(lines)
    pieces = []
    for line in _cut_at_changes(cut, tree, drawn):
        origin = drawn[int(tree.nearest(line.interpolate(0.5, normalized=True)))]
        pieces.append(Stretch(line, origin.kind, origin.name))
    visits = Counter(end for piece in pieces for end in piece.ends)
    order = sorted(pieces, key=lambda piece: (piece.ends, piece.kind))
    return tuple(piece for piece in order if not _is_stub(piece, visits))


def _is_stub(piece: Stretch, visits: Mapping[Spot, int]) -> bool:
    return piece.line.length < _STUB_METRES and min(visits[end] for end in piece.ends) == 1


def _cut_at_changes(
    cut: BaseGeometry, tree: STRtree, drawn: Sequence[Stretch]
) -> Iterator[LineString]:
    """Merging runs streets of different kinds together where only two meet; parts them again."""
    for line in getattr(cut, "geoms", [cut]):
        run: list[tuple[float, ...]] = [line.coords[0]]
        before = None
        for begin, end in pairwise(line.coords):
            middle = ShapelyPoint((begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2)
            origin = drawn[int(tree.nearest(middle))]
            now = (origin.kind, origin.name)
            if before is not None and now != before:
                yield LineString(run)
                run = [begin]
            run.append(end)
            before = now
        yield LineString(run)


def castle_gate() -> Spot:
    """Where the castle is entered."""
    return (HILL[0] + CASTLE_METRES, HILL[1])


def _between(one: Spot, other: Spot) -> Spot:
    return ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)


def _spot(point: tuple[float, ...]) -> Spot:
    return (round(point[0], 3), round(point[1], 3))
