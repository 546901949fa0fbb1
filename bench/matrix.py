"""Walking times between many places on 120,000 junctions, beside scipy, pandana and routingkit-cch.

CPU time on one core, of one run. All distances are compared: a peer that disagrees fails the run.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from bench.harness import Row, arguments, peer_python, report, run_peer
from bench.street_grid import StreetGrid, nodes_near_the_middle, street_grid
from solver.contraction import Contraction
from solver.effort import IMPASSABLE
from solver.many_to_many import ManyToMany
from solver.reach import Reach

PEER_SCRIPT = Path(__file__).with_name("matrix_peers.py")
SIDE = 346  # squared: 119,716 junctions
CIRCLE_METRES = 3_000.0  # the places of a walk of up to two hours
BOUND_CENTIMETRES = 300_000  # plain searches stop after 3 km of walking, as in solver.md
NO_LIMIT = 2**30


def cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of the process and what the work answered."""
    began = time.process_time()
    answer = work()
    return time.process_time() - began, answer


class Network:
    """The street grid as the engine's arrays."""

    def __init__(self, grid: StreetGrid) -> None:
        edge = np.arange(len(grid.tail))
        leaves = np.concatenate([grid.tail, grid.head])
        enters = np.concatenate([grid.head, grid.tail])
        arc = np.concatenate([2 * edge, 2 * edge + 1])
        order = np.lexsort((arc, enters, leaves))
        self.first_out = np.searchsorted(leaves[order], np.arange(grid.node_count + 1)).astype(
            np.int32
        )
        self.arc_head = enters[order].astype(np.int32)
        self.arc = arc[order].astype(np.int32)
        weight = np.repeat(grid.centimetres.astype(np.uint64), 2)
        self.labels = (weight << np.uint64(32)) | weight
        self.grid = grid

    def contracted(self) -> ManyToMany:
        """The hierarchy, built from nothing."""
        contraction = Contraction(self.first_out, self.arc_head, self.arc, self.labels)
        contracted = contraction.contract()
        order = contracted[0]
        rank = np.empty(len(order), np.int32)
        rank[order[::-1]] = np.arange(len(order), dtype=np.int32)
        return ManyToMany(rank, *contracted[1:])

    def reach(self) -> Reach:
        """Searches without preprocessing."""
        return Reach(
            self.first_out,
            self.arc_head,
            self.arc,
            self.labels,
            self.grid.lon,
            self.grid.lat,
        )


def ours(searches: ManyToMany | Reach, places: NDArray[np.int32], limit: int) -> Any:
    """Distances of all pairs, in centimetres; -1 where there is none."""
    nodes = np.ascontiguousarray(places[:, None])
    nothing = np.zeros(nodes.shape, np.uint64)
    labels = searches.matrix(nodes, nothing, nodes, nothing, limit)
    return np.where(labels == IMPASSABLE, -1, (labels >> np.uint64(32)).astype(np.int64))


def by_scipy(grid: StreetGrid, places: NDArray[np.int32], limit: float) -> Any:
    """The same by scipy.sparse.csgraph.dijkstra."""
    matrix = coo_array(
        (
            np.concatenate([grid.centimetres, grid.centimetres]).astype(float),
            (
                np.concatenate([grid.tail, grid.head]),
                np.concatenate([grid.head, grid.tail]),
            ),
        ),
        shape=(grid.node_count, grid.node_count),
    ).tocsr()
    found = dijkstra(matrix, indices=places, limit=limit)[:, places]
    return np.where(np.isfinite(found), found, -1).astype(np.int64)


def checksum(matrix: Any) -> float:
    """The sum of all distances there are."""
    return float(matrix[matrix >= 0].sum())


def main() -> int:
    """Measure, print the table, say whether all promises were kept."""
    options = arguments(__doc__ or "")
    grid = street_grid(SIDE)
    network = Network(grid)
    build_seconds, hierarchy = cpu(network.contracted)
    plain = network.reach()
    sizes = (200,) if options.quick else (200, 1000)
    places = nodes_near_the_middle(grid, max(sizes), CIRCLE_METRES, 7)
    peers = measured_peers(grid, places, sizes)
    rows = [
        Row(
            f"preprocessing, {grid.node_count:,} junctions",
            "s",
            build_seconds,
            {name: answers["build_seconds"] for name, answers in peers.items()},
            "<= 10",
            build_seconds <= 10,
        )
    ]
    for size in sizes:
        rows += matrix_rows(network, hierarchy, places[:size], peers, cold=size == sizes[0])
    few = places[:200]
    plain_seconds, plain_matrix = cpu(lambda: ours(plain, few, BOUND_CENTIMETRES))
    bounded_seconds, bounded = cpu(lambda: by_scipy(grid, few, BOUND_CENTIMETRES))
    agree(plain_matrix, bounded, "plain search")
    rows.append(
        Row(
            "200 x 200 without preprocessing, 3 km bound",
            "ms",
            1000 * plain_seconds,
            {"scipy": 1000 * bounded_seconds},
            "<= 150",
            plain_seconds <= 0.150,
        )
    )
    return 0 if report("matrix", rows, options) else 1


def matrix_rows(
    network: Network,
    hierarchy: ManyToMany,
    places: NDArray[np.int32],
    peers: dict[str, Any],
    *,
    cold: bool,
) -> list[Row]:
    """One size of matrix: first call, then the median of warm ones, checked against scipy."""
    size = len(places)
    cold_seconds, matrix = cpu(lambda: ours(hierarchy, places, NO_LIMIT))
    warm = float(np.median([cpu(lambda: ours(hierarchy, places, NO_LIMIT))[0] for _ in range(9)]))
    scipy_seconds, expected = cpu(lambda: by_scipy(network.grid, places, np.inf))
    agree(matrix, expected, "hierarchy")
    for name, answers in peers.items():
        if abs(answers[str(size)]["checksum"] - checksum(expected)) > 1e-6 * checksum(expected):
            print(f"{name} finds other distances: {answers[size]['checksum']}", file=sys.stderr)
    most = {200: 0.008, 1000: 0.130}[size]
    figures = {name: 1000 * answers[str(size)]["seconds"] for name, answers in peers.items()}
    rows = [
        Row(
            f"{size} x {size} warm",
            "ms",
            1000 * warm,
            {"scipy": 1000 * scipy_seconds, **figures},
            f"<= {1000 * most:.0f}",
            warm <= most,
        )
    ]
    if cold:
        figures = {
            name: 1000 * answers[str(size)]["cold_seconds"] for name, answers in peers.items()
        }
        rows.insert(
            0,
            Row(
                f"{size} x {size} first call",
                "ms",
                1000 * cold_seconds,
                figures,
                "<= 20",
                cold_seconds <= 0.020,
            ),
        )
    return rows


def measured_peers(
    grid: StreetGrid, places: NDArray[np.int32], sizes: tuple[int, ...]
) -> dict[str, Any]:
    """What the peers answer in environments of their own, by name and size."""
    requirements = {
        "routingkit_cch": ("routingkit-cch==0.1.4", "numpy"),
        "pandana": ("pandana==0.8",),
    }
    answers: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "grid.npz"
        np.savez(
            path,
            lon=grid.lon,
            lat=grid.lat,
            tail=grid.tail,
            head=grid.head,
            centimetres=grid.centimetres,
            sources=places,
        )
        for name, needed in requirements.items():
            python = peer_python(name, *needed)
            words = (name, str(path), *map(str, sizes))
            answers[name] = run_peer(python, PEER_SCRIPT, *words, timeout_seconds=300)
    return answers


def agree(found: Any, expected: Any, who: str) -> None:
    """All distances are equal, or the benchmark means nothing."""
    if not np.array_equal(found, expected):
        raise SystemExit(f"{who}: {int((found != expected).sum())} distances differ from scipy's")


if __name__ == "__main__":
    sys.exit(main())
