"""From extract to graph file: deterministic, honest about bad input, and walkable across squares."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import osmium
import pytest

from solver.effort import Profile
from solver.errors import NoFootpath, UnreadableExtract
from solver.footing import footing
from solver.osm_graph import build_walk_graph
from solver.osm_walkable import Flag
from solver.unfold import length_metres, way_between
from solver.walk_graph import WalkGraph
from tests.data_folder import data_file
from tests.solver.towns import EDINBURGH, MONACO, PORTO, built_graph, real_graph

Tags = dict[str, str]


def write_map(
    path: Path,
    places: dict[int, tuple[float, float]],
    ways: dict[int, tuple[list[int], Tags]],
    node_tags: dict[int, Tags] | None = None,
    areas: dict[int, tuple[list[tuple[int, str]], Tags]] | None = None,
) -> Path:
    """A little extract of our own."""
    with osmium.SimpleWriter(str(path)) as writer:
        for number, place in sorted(places.items()):
            tags = (node_tags or {}).get(number, {})
            writer.add_node(osmium.osm.mutable.Node(id=number, location=place, tags=tags))
        for number, (nodes, tags) in sorted(ways.items()):
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tags))
        for number, (members, tags) in sorted((areas or {}).items()):
            writer.add_relation(
                osmium.osm.mutable.Relation(
                    id=number, members=[("w", way, role) for way, role in members], tags=tags
                )
            )
    return path


# A square of about 220 m with a street at each of two opposite corners.
SQUARE = {1: (0.0, 0.0), 2: (0.002, 0.0), 3: (0.002, 0.002), 4: (0.0, 0.002)}
STREETS = {5: (-0.002, -0.002), 6: (0.004, 0.004)}
FOOTWAY = {"highway": "footway"}


def square_map(path: Path, hole: bool = False) -> Path:
    """Two streets that meet a pedestrian square at opposite corners."""
    places = SQUARE | STREETS
    ways = {
        10: ([5, 1], {**FOOTWAY, "name": "South Street"}),
        11: ([3, 6], {**FOOTWAY, "name": "North Street"}),
    }
    square = {"highway": "pedestrian", "name": "Market Square"}
    if not hole:
        ways[12] = ([1, 2, 3, 4, 1], {**square, "area": "yes"})
        return write_map(path, places, ways)
    places |= {
        21: (0.0005, 0.0005),
        22: (0.0005, 0.0015),
        23: (0.0015, 0.0015),
        24: (0.0015, 0.0005),
    }
    ways[12] = ([1, 2, 3, 4, 1], {})
    ways[13] = ([21, 22, 23, 24, 21], {})
    relation = {1: ([(12, "outer"), (13, "inner")], {**square, "type": "multipolygon"})}
    return write_map(path, places, ways, areas=relation)


def across(graph: WalkGraph) -> float:
    """Metres from the far end of one street to the far end of the other."""
    ends = [graph.nearest(STREETS[node], 50, only_sizeable=False) for node in (5, 6)]
    assert ends[0] is not None
    assert ends[1] is not None
    profile = Profile()
    places = footing(graph, profile, (ends[0], ends[1]))
    way = way_between(graph, profile, places, 0, 1)
    assert way is not None
    return length_metres(way)


def test_a_square_is_walked_across(tmp_path: Path) -> None:
    """Corner to corner is the diagonal, not two sides."""
    build_walk_graph(square_map(tmp_path / "a.osm.pbf"), tmp_path / "a.walk")
    graph = WalkGraph.open(tmp_path / "a.walk")
    assert across(graph) == pytest.approx(6 * 0.001 * 2**0.5 * 110_950, rel=0.01)


def test_a_building_in_the_square_is_walked_around(tmp_path: Path) -> None:
    """With a hole in its middle the way bends at the hole's corner, and never crosses it."""
    build_walk_graph(square_map(tmp_path / "a.osm.pbf", hole=True), tmp_path / "a.walk")
    graph = WalkGraph.open(tmp_path / "a.walk")
    straight = 6 * 0.001 * 2**0.5 * 110_950
    sides = straight - 2 * 0.001 * 2**0.5 * 110_950 + 4 * 0.001 * 110_950
    assert straight * 1.01 < across(graph) < sides * 0.95
    assert any(graph.has(edge, Flag.CROSSES_AREA) for edge in range(graph.edge_count))


def test_a_wall_on_a_way_cuts_it_and_a_gate_does_not(tmp_path: Path) -> None:
    """The far side of a wall is another island."""
    places = {node: (0.12 * node, 0.0) for node in range(1, 4)}
    ways = {1: ([1, 2, 3], FOOTWAY)}
    for barrier, islands in (("wall", 2), ("gate", 1)):
        extract = tmp_path / f"{barrier}.osm.pbf"
        write_map(extract, places, ways, {2: {"barrier": barrier}})
        assert build_walk_graph(extract, tmp_path / "a.walk").island_count == islands


def test_islands_are_told_apart_by_one_way_paths(tmp_path: Path) -> None:
    """Where a walker can get in but not out again begins another island."""
    places = {node: (0.12 * node, 0.0) for node in range(1, 5)}
    ways = {
        1: ([1, 2], FOOTWAY),
        2: ([2, 3], {**FOOTWAY, "oneway:foot": "yes"}),
        3: ([3, 4], FOOTWAY),
    }
    write_map(tmp_path / "a.osm.pbf", places, ways)
    build_walk_graph(tmp_path / "a.osm.pbf", tmp_path / "a.walk")
    graph = WalkGraph.open(tmp_path / "a.walk")
    islands = {graph.island_of(foot) for x in (0.16, 0.4) if (foot := graph.nearest((x, 0.0), 500))}
    assert len(islands) == 2
    middle = graph.nearest((0.3, 0.0), 500, only_sizeable=False)
    assert middle is None, "nobody stands on a path between two islands"


def test_ways_split_by_the_map_alone_are_one_edge(tmp_path: Path) -> None:
    """A street drawn as two ways is one edge; a change of name or stairs makes two."""
    places = {node: (0.001 * node, 0.0005 * (node % 2)) for node in range(1, 6)}
    ways = {1: ([1, 2, 3], FOOTWAY), 2: ([5, 4, 3], FOOTWAY)}
    write_map(tmp_path / "a.osm.pbf", places, ways)
    summary = build_walk_graph(tmp_path / "a.osm.pbf", tmp_path / "a.walk")
    assert (summary.node_count, summary.edge_count) == (2, 1)
    assert WalkGraph.open(tmp_path / "a.walk").points_of(0)[:, 0].tolist() == [
        10_000, 20_000, 30_000, 40_000, 50_000,
    ]  # fmt: skip
    ways[2] = (ways[2][0], {"highway": "steps"})
    write_map(tmp_path / "b.osm.pbf", places, ways)
    assert build_walk_graph(tmp_path / "b.osm.pbf", tmp_path / "b.walk").edge_count == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"\0\0\0\x0d\x0a\x09OSMHeader\x18\xff"],
    ids=["empty", "text", "head"],
)
def test_what_is_no_extract_is_refused(tmp_path: Path, content: bytes) -> None:
    """Empty, foreign or broken at once; nothing is written."""
    (tmp_path / "a.osm.pbf").write_bytes(content)
    with pytest.raises(UnreadableExtract):
        build_walk_graph(tmp_path / "a.osm.pbf", tmp_path / "a.walk")
    assert not (tmp_path / "a.walk").exists()


def test_a_missing_or_strange_file_is_refused(tmp_path: Path) -> None:
    """No such file, and a name that tells no format."""
    with pytest.raises(UnreadableExtract, match="no file"):
        build_walk_graph(tmp_path / "nowhere.osm.pbf", tmp_path / "a.walk")
    (tmp_path / "notes.txt").write_text("a walk")
    with pytest.raises(UnreadableExtract):
        build_walk_graph(tmp_path / "notes.txt", tmp_path / "a.walk")


def test_a_truncated_extract_is_refused(tmp_path: Path) -> None:
    """Half of a real extract is not half a town: it is refused, and an older graph stays."""
    whole = data_file(MONACO).read_bytes()
    (tmp_path / "a.osm.pbf").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "a.walk").write_bytes(b"older")
    with pytest.raises(UnreadableExtract):
        build_walk_graph(tmp_path / "a.osm.pbf", tmp_path / "a.walk")
    assert (tmp_path / "a.walk").read_bytes() == b"older"


def test_an_extract_without_footpaths_says_so(tmp_path: Path) -> None:
    """A motorway is no walk."""
    write_map(
        tmp_path / "a.osm.pbf",
        {1: (0.0, 0.0), 2: (0.1, 0.0)},
        {1: ([1, 2], {"highway": "motorway"})},
    )
    with pytest.raises(NoFootpath):
        build_walk_graph(tmp_path / "a.osm.pbf", tmp_path / "a.walk")


@pytest.mark.parametrize("name", [EDINBURGH, PORTO, MONACO])
def test_the_same_extract_makes_the_same_bytes(name: str, tmp_path: Path) -> None:
    """Two builds, one file."""
    build_walk_graph(data_file(name), tmp_path / "again.walk")
    assert (tmp_path / "again.walk").read_bytes() == built_graph(name).read_bytes()


def test_formats_of_one_content_make_one_network(tmp_path: Path) -> None:
    """.pbf, .gz and .bz2 of the Royal Mile differ in bytes, not in streets."""
    made = set()
    for ending in ("pbf", "gz", "bz2"):
        target = tmp_path / f"{ending}.walk"
        build_walk_graph(data_file(f"osm/edinburgh-royal-mile.osm.{ending}"), target)
        made.add(WalkGraph.open(target).point_lon.tobytes())
    assert len(made) == 1


def test_an_area_clips_the_network(tmp_path: Path) -> None:
    """Every point lies within the polygon, and progress is told to the end."""
    west, south, east, north = -3.2, 55.945, -3.18, 55.955
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    told: list[tuple[str, float]] = []
    summary = build_walk_graph(
        data_file(EDINBURGH),
        tmp_path / "a.walk",
        area={"type": "Polygon", "coordinates": [ring]},
        report=lambda stage, share: told.append((stage, share)),
    )
    assert west <= summary.bounds[0]
    assert summary.bounds[2] <= east
    assert south <= summary.bounds[1]
    assert summary.bounds[3] <= north
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    far_away = [[x + 5, y] for x, y in ring]
    with pytest.raises(NoFootpath, match="within the area"):
        build_walk_graph(
            data_file(EDINBURGH),
            tmp_path / "b.walk",
            area={"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [far_away]}},
        )


@pytest.mark.parametrize(("name", "least"), [(EDINBURGH, 0.97), (PORTO, 0.83), (MONACO, 0.93)])
def test_most_of_a_town_hangs_together(name: str, least: float) -> None:
    """Areas walked across do not break the network: shares of all metres on the largest island."""
    graph = real_graph(name)
    streets = graph.edge_word & Flag.CROSSES_AREA == 0
    share = graph.island_metres[0][0] / (graph.edge_length[streets].sum(dtype=np.int64) / 100)
    assert share >= least


def test_edges_know_their_geometry_and_length() -> None:
    """Both junctions end each line, and lengths are those of the lines (spherical, within 0.5 %)."""
    graph = real_graph(EDINBURGH)
    for edge in range(0, graph.edge_count, 50):
        points = graph.points_of(edge)
        tail, head = graph.edge_tail[edge], graph.edge_head[edge]
        assert points[0].tolist() == [graph.node_lon[tail], graph.node_lat[tail]]
        assert points[-1].tolist() == [graph.node_lon[head], graph.node_lat[head]]
        steps = np.diff(points / 1e7, axis=0) * 111_195 * (np.cos(np.radians(55.95)), 1.0)
        metres = float(np.hypot(*steps.T).sum())
        assert graph.edge_length[edge] / 100 == pytest.approx(metres, rel=0.005, abs=0.02)
