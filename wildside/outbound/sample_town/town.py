"""Draws the sample town: ground, streets, houses and two hundred sights, the same every time."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import shapely
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
    oval_around,
    shape_ground,
)
from wildside.outbound.sample_town.houses import House, build_houses
from wildside.outbound.sample_town.network import (
    CASTLE_METRES,
    Kind,
    Network,
    Stretch,
    castle_gate,
    lay_network,
)
from wildside.outbound.sample_town.osm_drawing import OsmDrawing
from wildside.outbound.sample_town.placing import (
    SightPlacer,
    cathedral_yard,
    draw_landmarks,
    open_air_spots,
)
from wildside.outbound.sample_town.sights import CASTLE, CLOSES, SQUARES, STREETS, TOWN_NAME
from wildside.outbound.sample_town.street_names import name_streets

SEED = 1886
_CORNERS = ((-1650.0, -1250.0), (1650.0, 1150.0))
_LANTERN_METRES = 620.0  # how far from either middle the lamplighter goes


def write_sample_town(target: Path) -> None:
    """Writes the town as an .osm.pbf; the same bytes' worth of objects on every machine."""
    dice = random.Random(SEED)
    ground = shape_ground(dice)
    network = lay_network(ground, dice, CLOSES)
    squares = _squares(network)
    houses = build_houses(network, [block for _, _, block in squares], dice)
    drawing = OsmDrawing()
    _draw_ground(drawing, ground, dice)
    _draw_streets(drawing, network)
    _draw_castle(drawing)
    for name, tags, block in squares:
        # A square reaches to the streets around it; a garden begins behind the pavement.
        outline = block if tags.get("highway") else block.buffer(-6.0, join_style="mitre")
        drawing.line(outline.exterior.coords, {**tags, "name": name})
    open_blocks = [block for _, _, block in squares]
    placer = SightPlacer(drawing, houses, open_air_spots(ground, network, open_blocks, dice), dice)
    placer.place_all(cathedral_yard(squares))
    draw_landmarks(drawing, network)
    for index, house in enumerate(houses):
        if index not in placer.rebuilt:
            drawing.line(house.outline.exterior.coords, _house_tags(house))
    drawing.write(target, _CORNERS)


def _squares(network: Network) -> list[tuple[str, dict[str, str], Polygon]]:
    free = [block for block in network.blocks if block.area > 700.0]
    found = []
    for name, tags, spot in SQUARES:
        block = free.pop(_nearest(free, spot))
        found.append((name, dict(tags), block))
    return found


def _nearest(blocks: Sequence[Polygon], spot: Spot) -> int:
    middle = ShapelyPoint(spot)
    return min(range(len(blocks)), key=lambda index: blocks[index].centroid.distance(middle))


def _draw_ground(drawing: OsmDrawing, ground: Ground, dice: random.Random) -> None:
    drawing.line(ground.coastline.coords, {"natural": "coastline"})
    island = oval_around((980.0, -1090.0), 85.0, 48.0)
    # Counter-clockwise: the land lies on the left.
    shore = shapely.orient_polygons(island).exterior.coords
    drawing.line(shore, {"natural": "coastline", "place": "islet", "name": "Gull Island"})
    river = {"natural": "water", "water": "river", "name": "River Wild"}
    drawing.line(ground.river.exterior.coords, river)
    drawing.line(ground.river_line.coords, {"waterway": "river", "name": "River Wild"})
    park = {"leisure": "park", "name": "Linden Park", "name:de": "Lindenpark", "start_date": "1862"}
    drawing.line(ground.park.exterior.coords, park)
    pond = {"natural": "water", "water": "pond", "name": "Heron Pond"}
    drawing.line(ground.pond.exterior.coords, pond)
    slope = {"leisure": "park", "name": "Castle Hill"}
    drawing.line(ground.hill.exterior.coords, slope)
    sand = max(getattr(ground.beach, "geoms", [ground.beach]), key=lambda part: part.area)
    drawing.line(
        sand.exterior.coords, {"natural": "beach", "name": "Long Sands", "surface": "sand"}
    )
    basin = largest(oval_around((HARBOUR[0], -760.0), 62.0, 62.0).difference(ground.land))
    drawing.line(basin.exterior.coords, {"leisure": "marina", "name": "Wildhaven Marina"})
    town = largest(shapely.union_all([ground.buildable.buffer(3.0), ground.hill]).convex_hull)
    home = largest(town.intersection(ground.land)).exterior.coords
    drawing.line(home, {"landuse": "residential"})
    for field, tags in _fields(ground, town, dice):
        drawing.line(field.exterior.coords, tags)
    drawing.node((0.0, -20.0), {"place": "town", "name": TOWN_NAME, "population": "14200"})
    for name, spot in (
        ("Old Town", OLD_TOWN), ("New Town", NEW_TOWN), ("Harbour", (-300.0, -600.0)),
        ("Lindenside", (-190.0, 780.0)), ("Castle Hill", (-980.0, 30.0)), ("Eastfield", (950.0, -60.0)),
    ):  # fmt: skip
        drawing.node((spot[0] + 3.1, spot[1] + 4.3), {"place": "suburb", "name": name})


def _fields(
    ground: Ground, town: Polygon, dice: random.Random
) -> Iterator[tuple[Polygon, dict[str, str]]]:
    """Fields, meadows and woods around the town."""
    seeds = [(dice.uniform(-1900, 1900), dice.uniform(-900, 1500)) for _ in range(70)]
    country = ground.land.intersection(box(-1650.0, -1200.0, 1650.0, 1150.0))
    country = country.difference(shapely.union_all([town.buffer(14.0), ground.river.buffer(8.0)]))
    uses = ("farmland", "farmland", "meadow", "farmland", "forest", "orchard")
    for cell in shapely.voronoi_polygons(shapely.MultiPoint(seeds), ordered=True).geoms:
        field = cell.intersection(country).buffer(-4.0)
        use = dice.choice(uses)
        for part in getattr(field, "geoms", [field]):
            if part.area > 2000.0:
                yield part, {"landuse": use}


def _draw_castle(drawing: OsmDrawing) -> None:
    keep = [
        (
            HILL[0] + CASTLE_METRES * stretch * math.cos(turn / 12 * 2 * math.pi),
            HILL[1] + CASTLE_METRES * stretch * math.sin(turn / 12 * 2 * math.pi),
        )
        for turn, stretch in enumerate((1, 0.86, 1.04, 0.9, 1, 0.84, 1.02, 0.9, 1.06, 0.88, 1, 0.9))
    ]
    yard = [(HILL[0] + 0.55 * (x - HILL[0]), HILL[1] + 0.55 * (y - HILL[1])) for x, y in keep]
    drawing.node(castle_gate(), {"entrance": "main"})
    outer = drawing.line([*keep, keep[0]], {})
    inner = drawing.line([*yard, yard[0]], {})
    translated = {
        "name:de": "Burg Wildhaven", "name:fr": "Château de Wildhaven", "name:es": "Castillo de Wildhaven",
        "name:it": "Castello di Wildhaven", "name:nl": "Kasteel Wildhaven", "name:pl": "Zamek Wildhaven",
    }  # fmt: skip
    drawing.ring(
        [outer],
        [inner],
        {
            "name": CASTLE, "historic": "castle", "building": "castle", "tourism": "attraction",
            "heritage": "1", "start_date": "1187", "building:levels": "4", **translated,
        },
    )  # fmt: skip


def _draw_streets(drawing: OsmDrawing, network: Network) -> None:
    named = name_streets(network.stretches, STREETS)
    for index, stretch in enumerate(network.stretches):
        name = stretch.name or named.get(index)
        tags = _street_tags(stretch)
        if name:
            tags["name"] = name
        drawing.line(stretch.line.coords, tags)


def _street_tags(stretch: Stretch) -> dict[str, str]:
    middle = stretch.line.interpolate(0.5, normalized=True)
    from_old = math.dist((middle.x, middle.y), OLD_TOWN)
    by_kind: dict[Kind, dict[str, str]] = {
        Kind.RING: {"highway": "secondary", "lit": "yes", "surface": "asphalt"},
        Kind.PROMENADE: {"highway": "footway", "lit": "yes", "surface": "paving_stones"},
        Kind.SEAFRONT: {"highway": "pedestrian", "lit": "yes", "surface": "paving_stones"},
        Kind.CLOSE: {"highway": "footway", "lit": "no", "surface": "sett"},
        Kind.PARK_PATH: {"highway": "path", "lit": "no", "surface": "gravel"},
        Kind.HILL_PATH: {"highway": "footway", "lit": "no", "surface": "compacted"},
        Kind.STEPS: {"highway": "steps", "lit": "no", "surface": "stone", "step_count": "96"},
        Kind.ROAD_BRIDGE: {"highway": "tertiary", "bridge": "yes", "layer": "1", "lit": "yes"},
        Kind.FOOT_BRIDGE: {"highway": "footway", "bridge": "yes", "layer": "1", "lit": "yes"},
        Kind.PIER: {"highway": "footway", "man_made": "pier", "lit": "yes", "surface": "wood"},
    }
    if stretch.kind in by_kind:
        return dict(by_kind[stretch.kind])
    if from_old < 150.0:
        return {"highway": "pedestrian", "lit": "yes", "surface": "sett"}
    if from_old < 270.0:
        return {"highway": "living_street", "lit": "yes", "surface": "sett"}
    is_lit = min(from_old, math.dist((middle.x, middle.y), NEW_TOWN)) < _LANTERN_METRES
    broad = stretch.line.length > 130.0
    return {
        "highway": "tertiary" if broad else "residential",
        "lit": "yes" if is_lit else "no",
        "surface": "asphalt",
    }


def _house_tags(house: House) -> dict[str, str]:
    return {"building": house.use, "building:levels": str(house.storeys)}
