"""A made-up street network of any size for benchmarks: a jittered grid with fast and missing streets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class StreetGrid:
    """Undirected edges with lengths in centimetres; nodes are numbered along a Morton curve."""

    lon: NDArray[np.int32]  # 1e-7 degrees, as the engine has them
    lat: NDArray[np.int32]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    centimetres: NDArray[np.int32]

    @property
    def node_count(self) -> int:
        """How many junctions there are."""
        return len(self.lon)


def street_grid(side: int, seed: int = 1, missing: float = 0.3) -> StreetGrid:
    """About side * side junctions, 70 m apart, three streets to a junction as in a real town."""
    dice = np.random.default_rng(seed)
    row, column = np.divmod(np.arange(side * side), side)
    east = column * 70.0 + dice.uniform(-25, 25, side * side)
    north = row * 70.0 + dice.uniform(-25, 25, side * side)
    across = np.flatnonzero(column < side - 1)
    down = np.flatnonzero(row < side - 1)
    tail = np.concatenate([across, down])
    head = np.concatenate([across + 1, down + side])
    kept = dice.random(len(tail)) >= missing
    tail, head = tail[kept], head[kept]
    bends = dice.uniform(1.0, 1.4, len(tail))
    metres = np.hypot(east[tail] - east[head], north[tail] - north[head]) * bends
    order = np.argsort(_morton(row, column), kind="stable")
    number = np.empty(side * side, np.int32)
    number[order] = np.arange(side * side, dtype=np.int32)
    return StreetGrid(
        lon=np.rint(east[order] / 0.0111195).astype(np.int32),
        lat=np.rint(north[order] / 0.0111195).astype(np.int32),
        tail=number[tail],
        head=number[head],
        centimetres=np.maximum(1, np.rint(metres * 100)).astype(np.int32),
    )


def _morton(row: NDArray[np.int64], column: NDArray[np.int64]) -> NDArray[np.int64]:
    curve = np.zeros(len(row), np.int64)
    for bit in range(16):
        curve |= ((column >> bit) & 1) << (2 * bit)
        curve |= ((row >> bit) & 1) << (2 * bit + 1)
    return curve


def nodes_near_the_middle(
    grid: StreetGrid, count: int, metres: float, seed: int
) -> NDArray[np.int32]:
    """Different nodes within a circle in the middle of the town, as the places of one walk are."""
    dice = np.random.default_rng(seed)
    middle = (int(grid.lon.mean()), int(grid.lat.mean()))
    away = 0.0111195 * np.hypot(
        grid.lon.astype(np.float64) - middle[0], grid.lat.astype(np.float64) - middle[1]
    )
    inside = np.flatnonzero(away <= metres)
    return dice.choice(inside, count, replace=False).astype(np.int32)
