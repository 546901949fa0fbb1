"""The graph file: whole or refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solver.errors import DamagedGraph
from solver.graph_file import Arrays, map_graph_file, write_graph_file
from solver.walk_graph import WalkGraph
from tests.solver.towns import random_town


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
        "hierarchy_1_first_up",
    ]  # fmt: skip
    name = data.draw(st.sampled_from(structural))
    broken = arrays[name].copy()
    if data.draw(st.booleans()):
        broken = broken[:-1]
    else:
        place = data.draw(st.integers(0, len(broken) - 1))
        broken[place] = data.draw(st.sampled_from([-2, 2**30]))
    arrays[name] = broken
    with pytest.raises(DamagedGraph):
        WalkGraph(arrays, {})
