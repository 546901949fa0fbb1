"""The graph file: whole or refused."""

from __future__ import annotations

import contextlib
import itertools
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solver.errors import DamagedGraph, SolverError
from solver.graph_file import Arrays, map_graph_file, write_graph_file
from solver.question import Candidate, Question
from solver.solve import solve
from solver.travel_times import travel_times
from solver.walk_graph import WalkGraph
from tests.solver.towns import EDINBURGH, built_graph, random_town


@pytest.fixture(scope="module")
def graph_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small town's graph file."""
    path = tmp_path_factory.mktemp("graph") / "town.walk"
    write_graph_file(path, random_town(1, 4)._arrays, {"has_heights": False})
    return path.read_bytes()


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """Arrays of all shapes, an empty one too, and facts survive the file; views are read-only."""
    arrays: Arrays = {
        "a": np.arange(7, dtype=np.int32).reshape(7, 1),
        "b": np.empty(0, np.uint64),
    }
    write_graph_file(tmp_path / "x.walk", arrays, {"town": "Porto"})
    found, facts = map_graph_file(tmp_path / "x.walk")
    assert facts == {"town": "Porto"}
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype
    with pytest.raises(ValueError, match="read-only"):
        found["a"][0] = 1


def test_a_swapped_file_leaves_those_who_read_it_alone(tmp_path: Path) -> None:
    """A walk under way ends on the network it began on."""
    path = tmp_path / "x.walk"
    write_graph_file(path, {"a": np.zeros(1000, np.int32)}, None)
    old, _ = map_graph_file(path)
    write_graph_file(path, {"a": np.ones(2000, np.int32)}, None)
    assert old["a"].tolist() == [0] * 1000
    assert map_graph_file(path)[0]["a"].sum() == 2000
    assert [file.name for file in tmp_path.iterdir()] == ["x.walk"]


def test_a_refused_write_leaves_nothing_behind(tmp_path: Path) -> None:
    """Neither a part nor a changed target, when the disk says no."""
    (tmp_path / "x.walk").mkdir()  # a folder cannot be replaced by a file
    with pytest.raises(OSError, match=r".+"):
        write_graph_file(tmp_path / "x.walk", {"a": np.zeros(3, np.int32)}, None)
    assert [file.name for file in tmp_path.iterdir()] == ["x.walk"]


@pytest.mark.parametrize("content", [b"", b"W", b"hello, this is no graph file at all" * 9])
def test_what_is_no_graph_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """Empty, tiny or foreign: one clear error."""
    (tmp_path / "x.walk").write_bytes(content)
    with pytest.raises(DamagedGraph):
        WalkGraph.open(tmp_path / "x.walk")


def test_a_missing_file_is_a_damaged_graph(tmp_path: Path) -> None:
    """The caller has one error to think of."""
    with pytest.raises(DamagedGraph, match=r"nowhere\.walk"):
        WalkGraph.open(tmp_path / "nowhere.walk")


def test_an_older_format_says_so(tmp_path: Path, graph_bytes: bytes) -> None:
    """A file of another engine names both versions."""
    (tmp_path / "x.walk").write_bytes(graph_bytes[:8] + b"\x63" + graph_bytes[9:])
    with pytest.raises(DamagedGraph, match="format 99"):
        WalkGraph.open(tmp_path / "x.walk")


def test_every_truncation_is_noticed(tmp_path: Path, graph_bytes: bytes) -> None:
    """At whatever byte a copy broke off, the file is refused."""
    path = tmp_path / "x.walk"
    lengths = {*range(200), *range(200, len(graph_bytes), 61), len(graph_bytes) - 1}
    for length in sorted(lengths):
        path.write_bytes(graph_bytes[:length])
        with pytest.raises(DamagedGraph):
            WalkGraph.open(path)


def test_every_flipped_bit_is_noticed(tmp_path: Path, graph_bytes: bytes) -> None:
    """Every bit of the header and every 37th byte beyond, padding included."""
    path = tmp_path / "x.walk"
    places = {*range(400), *range(400, len(graph_bytes), 37), len(graph_bytes) - 1}
    for place in sorted(places):
        broken = bytearray(graph_bytes)
        broken[place] ^= 1 << place % 8
        path.write_bytes(broken)
        with pytest.raises(DamagedGraph):
            WalkGraph.open(path)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_arrays_that_do_not_fit_together_are_refused(data: st.DataObject) -> None:
    """Even with a right checksum no array may send the compiled searches out of bounds."""
    arrays = dict(random_town(2, 3)._arrays)
    structural = [
        "first_out", "arc_head", "arc", "edge_tail", "edge_head", "first_point", "point_edge",
        "edge_island", "grid_first", "grid_segments", "edge_name", "hierarchy_0_head", "node_rank",
        "hierarchy_1_first_up", "hierarchy_2_up_middle", "point_lon",
    ]  # fmt: skip
    name = data.draw(st.sampled_from(structural))
    broken = arrays[name].copy()
    how = data.draw(st.sampled_from(["shorter", "wilder", "wider", "square"]))
    if how == "shorter":
        broken = broken[:-1]
    elif how == "wider":
        broken = broken.astype(np.int64)
    elif how == "square":
        broken = broken.reshape(1, -1)
    else:
        place = data.draw(st.integers(0, len(broken) - 1))
        broken[place] = data.draw(st.sampled_from([-(2**31), 2**31 - 1]))
    arrays[name] = broken
    with pytest.raises(DamagedGraph):
        WalkGraph(arrays, {})


def walk_everywhere(graph: WalkGraph) -> None:
    """Everything that reads the arrays: travel times and walks in all four profiles."""
    west, south, east, north = graph.bounds
    dice = np.random.default_rng(5)
    spots = [(dice.uniform(west, east), dice.uniform(south, north)) for _ in range(5)]
    candidates = tuple(
        Candidate(key, (spot,), 1.0, visit_seconds=60.0) for key, spot in enumerate(spots)
    )
    for stairs, lit in itertools.product((False, True), repeat=2):
        travel_times(graph, spots, avoid_stairs=stairs, prefer_well_lit=lit)
        question = Question(
            spots[0],
            1800.0,
            candidates,
            avoid_stairs=stairs,
            prefer_well_lit=lit,
            iterations=30,
            seconds_cap=0.5,
        )
        solve(question, graph)


def spoilt_town_is_harmless(folder: Path, data: st.DataObject) -> None:
    """Spoil one number of a town, write it with a right checksum, and walk there."""
    town = random_town(data.draw(st.integers(0, 5)), 4, one_way=data.draw(st.booleans()))
    arrays = dict(town._arrays)
    name = data.draw(st.sampled_from(sorted(arrays)))
    if len(arrays[name]) == 0:
        return
    broken = arrays[name].copy()
    kind = np.iinfo(broken.dtype)
    place = data.draw(st.integers(0, len(broken) - 1))
    near = int(broken[place]) + data.draw(st.integers(-3, 3))
    wild = data.draw(st.one_of(st.just(near), st.integers(int(kind.min), int(kind.max))))
    broken[place] = min(max(wild, int(kind.min)), int(kind.max))
    arrays[name] = broken
    path = folder / "x.walk"
    write_graph_file(path, arrays, {"has_heights": True})
    with contextlib.suppress(SolverError):
        walk_everywhere(WalkGraph.open(path))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_wrong_number_under_a_right_checksum_is_refused_or_harmless(
    tmp_path: Path, data: st.DataObject
) -> None:
    """A file that looks whole makes nothing read out of bounds and nothing hang, whatever it says.

    The same test runs on the build with bounds checks and sanitizers.
    """
    spoilt_town_is_harmless(tmp_path, data)


@pytest.mark.soak
@settings(
    max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_ten_thousand_wrong_numbers_are_refused_or_harmless(
    tmp_path: Path, data: st.DataObject
) -> None:
    """The same, for long."""
    spoilt_town_is_harmless(tmp_path, data)


@pytest.mark.soak
def test_every_single_truncation_and_bit_is_noticed(tmp_path: Path, graph_bytes: bytes) -> None:
    """Every length the file could be cut to, and every bit of every byte of it."""
    path = tmp_path / "x.walk"
    for length in range(len(graph_bytes)):
        path.write_bytes(graph_bytes[:length])
        with pytest.raises(DamagedGraph):
            WalkGraph.open(path)
    for place in range(len(graph_bytes)):
        for bit in range(8):
            broken = bytearray(graph_bytes)
            broken[place] ^= 1 << bit
            path.write_bytes(broken)
            with pytest.raises(DamagedGraph):
                WalkGraph.open(path)


@pytest.mark.soak
def test_real_towns_with_flipped_bits_are_refused(tmp_path: Path) -> None:
    """A city's file, cut or with some bits turned at random, a thousand times each."""
    whole = built_graph(EDINBURGH).read_bytes()
    dice = random.Random(3)
    path = tmp_path / "x.walk"
    for _ in range(1000):
        broken = bytearray(whole)
        for _ in range(dice.choice([1, 2, 50])):
            broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
        for content in (bytes(broken), whole[: dice.randrange(len(whole))]):
            if content == whole:
                continue
            path.write_bytes(content)
            with pytest.raises(DamagedGraph):
                WalkGraph.open(path)
