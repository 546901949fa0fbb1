"""Heights of the ground, and what slopes cost."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from solver.effort import EASIEST, Profile, slope_effort
from solver.elevation import Terrain
from solver.unfold import ascent_metres, way_between
from tests.data_folder import data_file
from tests.solver.towns import EDINBURGH, random_footing, real_graph


def test_heights_between_posts_are_bilinear(tmp_path: Path) -> None:
    """A three-post tile: posts exactly, halfway points as means, voids and other places unknown."""
    posts = np.array([[0, 10, 20], [30, 40, 50], [60, 70, -32768]], ">i2")
    (tmp_path / "N10W004.hgt").write_bytes(posts.tobytes())
    terrain = Terrain.read(tmp_path, (-3.9, 10.1, -3.1, 10.9))
    found = terrain.heights(
        np.array([-4.0, -3.5, -3.75, -3.01, 7.0]), np.array([10.0, 10.5, 10.75, 10.01, 43.0])
    )
    np.testing.assert_allclose(found[:3], [60, 40, 20])
    assert np.isnan(found[3:]).all()


def test_a_zipped_tile_reads_like_a_plain_one() -> None:
    """Arthur's Seat is a hill of about 250 m, Leith Walk is not."""
    terrain = Terrain.read(data_file("elevation"), (-3.3, 55.9, -3.1, 55.99))
    seat, walk = terrain.heights(np.array([-3.1618, -3.1797]), np.array([55.9441, 55.9615]))
    assert 200 < seat < 260
    assert 20 < walk < 60


@pytest.mark.parametrize("content", [b"", b"abc", b"PK no archive"])
def test_a_broken_tile_is_named(tmp_path: Path, content: bytes) -> None:
    """A tile that is none stops the build with its name."""
    (tmp_path / "N10W004.hgt.zip").write_bytes(content)
    with pytest.raises(ValueError, match="N10W004"):
        Terrain.read(tmp_path, (-3.9, 10.1, -3.1, 10.9))
    with zipfile.ZipFile(tmp_path / "N10W004.hgt.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing here")
    with pytest.raises(ValueError, match="N10W004"):
        Terrain.read(tmp_path, (-3.9, 10.1, -3.1, 10.9))


def test_toblers_hiker() -> None:
    """The flat costs its length, 5 % down is easiest, and up is dearer than down."""
    slopes = np.array([0.0, -0.05, 0.1, -0.1, 5.0])
    flat, easiest, up, down, cliff = slope_effort(slopes)
    assert flat == pytest.approx(1.0)
    assert easiest == pytest.approx(EASIEST)
    assert up == pytest.approx(np.exp(0.35))
    assert up > down > easiest
    assert cliff == slope_effort(np.array([0.35]))[0]


def test_going_up_and_coming_back_climbs_the_difference() -> None:
    """Ascent there minus ascent back is the difference in height, near enough."""
    graph = real_graph(EDINBURGH, elevation=True)
    assert graph.has_heights
    places = random_footing(graph, Profile(), 2, 11)
    there = way_between(graph, Profile(), places, 0, 1)
    assert there is not None
    back = tuple(type(p)(p.edge, p.end, p.begin) for p in reversed(there))
    up, down = ascent_metres(graph, there), ascent_metres(graph, back)
    assert up is not None
    assert down is not None
    assert up >= 0
    assert down >= 0
    assert ascent_metres(real_graph(EDINBURGH), there) is None
