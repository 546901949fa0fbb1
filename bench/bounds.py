"""How far real tours can be from the best: an upper bound by linear programming with cuts, offline.

The relaxation of the orienteering problem with generalised subtour elimination (Fischetti, Salazar
and Toth, "Solving the orienteering problem through branch-and-cut", INFORMS Journal on Computing 10,
1998), solved by HiGHS. Every round of cuts gives a valid bound, so the clock may end it anywhere.
"""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

from bench.harness import Row, arguments, report
from bench.real_requests import real_requests
from solver.search import search_for_cpu
from solver.tour_problem import TourProblem

SEARCH_SECONDS = 2.0
BOUND_SECONDS = 40.0
CUTS_A_ROUND = 60
TOLERANCE = 1e-4
CAPACITY_UNIT = 1_000_000  # flows are whole numbers

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Relaxation:
    """A loop's symmetric relaxation: node 0 is the start, edges that fit no tour are left out."""

    length: Floats  # of edges, visits folded in
    tail: NDArray[np.intp]
    head: NDArray[np.intp]
    scores: Floats
    budget: float

    @property
    def node_count(self) -> int:
        """Start and places."""
        return len(self.scores)

    @property
    def edge_count(self) -> int:
        """Variables beside one for each node."""
        return len(self.length)


def relax(problem: TourProblem) -> Relaxation:
    """Fold the visits, take the shorter direction, keep places and edges that fit some tour."""
    nodes = [problem.start, *(n for n in range(problem.node_count) if n != problem.start)]
    travel = problem.travel[np.ix_(nodes, nodes)].astype(np.float64)
    visit = problem.visit[nodes].astype(np.float64)
    arcs = np.minimum(travel, travel.T) + (visit[:, None] + visit[None, :]) / 2
    tail, head = np.triu_indices(len(nodes), 1)
    shortest = arcs[0, tail] + arcs[tail, head] + arcs[head, 0]
    fits = (shortest <= problem.budget) | ((tail == 0) & (2 * arcs[0, head] <= problem.budget))
    return Relaxation(
        arcs[tail[fits], head[fits]], tail[fits], head[fits], problem.scores[nodes], problem.budget
    )


def upper_bound(relaxation: Relaxation, seconds: float) -> float:
    """No tour scores more; cuts are added until none is violated or the time is over."""
    deadline = time.monotonic() + seconds
    rows: list[tuple[NDArray[np.intp], int]] = []
    bound = float(relaxation.scores.sum()) if relaxation.edge_count > 0 else 0.0
    while relaxation.edge_count > 0:  # else nothing fits but staying at the start
        value, edges, nodes = _solve(relaxation, rows)
        bound = min(bound, value)
        cuts = _violated(relaxation, edges, nodes)
        if not cuts or time.monotonic() >= deadline:
            return bound
        rows += cuts
    return bound


def _solve(
    relaxation: Relaxation, rows: list[tuple[NDArray[np.intp], int]]
) -> tuple[float, Floats, Floats]:
    """Score, edge values and node values of the relaxation under these cuts."""
    edge_count, node_count = relaxation.edge_count, relaxation.node_count
    number = np.arange(edge_count)
    degree = csr_array(
        coo_array(
            (
                np.concatenate([np.ones(2 * edge_count), np.full(node_count, -2.0)]),
                (
                    np.concatenate([relaxation.tail, relaxation.head, np.arange(node_count)]),
                    np.concatenate([number, number, edge_count + np.arange(node_count)]),
                ),
            ),
            shape=(node_count, edge_count + node_count),
        )
    )
    limits = [np.concatenate([relaxation.length, np.zeros(node_count)])]
    for crossing, node in rows:  # 2 · visited(node) ≤ edges that leave its set
        limits.append(np.zeros(edge_count + node_count))
        limits[-1][crossing] = -1.0
        limits[-1][edge_count + node] = 2.0
    # An edge beside the start may be walked there and back: a tour of one stop.
    most = np.where(relaxation.tail == 0, 2.0, 1.0)
    least = np.concatenate([np.zeros(edge_count), [1.0], np.zeros(node_count - 1)])
    solved = milp(  # without whole numbers: a linear programme
        -np.concatenate([np.zeros(edge_count), relaxation.scores]),
        constraints=[
            LinearConstraint(degree, 0.0, 0.0),
            LinearConstraint(
                csr_array(np.array(limits)),
                -np.inf,
                np.array([relaxation.budget, *([0.0] * len(rows))]),
            ),
        ],
        bounds=Bounds(least, np.concatenate([most, np.ones(node_count)])),
    )
    if solved.status != 0:
        raise RuntimeError(f"the relaxation was not solved: {solved.message}")
    return -float(solved.fun), solved.x[:edge_count], solved.x[edge_count:]


def _violated(
    relaxation: Relaxation, edges: Floats, nodes: Floats
) -> list[tuple[NDArray[np.intp], int]]:
    """Sets cut off from the start by less than twice the visit of one of their nodes."""
    used = edges > TOLERANCE
    ends = (relaxation.tail[used], relaxation.head[used])
    size = (relaxation.node_count, relaxation.node_count)
    support = csr_array(coo_array((edges[used], ends), shape=size))
    pieces, piece = connected_components(support, directed=False)
    if pieces > 1:
        lonely = [piece == number for number in range(pieces) if number != piece[0]]
        found = [
            _cut(relaxation, inside, nodes) for inside in lonely if nodes[inside].max() > TOLERANCE
        ]
        if found:
            return found
    whole = np.rint(edges[used] * CAPACITY_UNIT).astype(np.int32)
    network = csr_array(
        coo_array(
            (np.concatenate([whole, whole]), (np.concatenate(ends), np.concatenate(ends[::-1]))),
            shape=size,
        )
    )
    cuts: list[tuple[NDArray[np.intp], int]] = []
    covered = np.zeros(relaxation.node_count, dtype=bool)
    for node in np.argsort(-nodes):
        if node == 0 or covered[node] or nodes[node] <= TOLERANCE or len(cuts) == CUTS_A_ROUND:
            continue
        flow = maximum_flow(network, 0, int(node))
        if flow.flow_value >= (2 * nodes[node] - 10 * TOLERANCE) * CAPACITY_UNIT:
            continue
        left = csr_array(network - flow.flow)
        left.eliminate_zeros()
        inside = np.ones(relaxation.node_count, dtype=bool)
        inside[breadth_first_order(left, 0, return_predecessors=False)] = False
        covered |= inside
        cuts.append(_cut(relaxation, inside, nodes))
    return cuts


def _cut(
    relaxation: Relaxation, inside: NDArray[np.bool_], nodes: Floats
) -> tuple[NDArray[np.intp], int]:
    """The edges that leave the set, and its most visited node."""
    crossing = np.flatnonzero(inside[relaxation.tail] != inside[relaxation.head])
    return crossing, int(np.argmax(np.where(inside, nodes, -1.0)))


def main() -> int:
    """Bound the gap of some real requests; the bound itself is weak by a few percent."""
    options = arguments(__doc__ or "")
    rows = []
    for name, problem in real_requests(2 if options.quick else 8):
        score = search_for_cpu(problem, cpu_seconds=SEARCH_SECONDS, seed=1).score
        bound = upper_bound(relax(problem), BOUND_SECONDS / (2 if options.quick else 1))
        if score > bound * (1 + 1e-6):
            raise RuntimeError(f"{name}: the tour scores {score}, above its bound {bound}")
        rows.append(Row(f"{name}: proven gap at most", "%", 100 * (bound - score) / bound))
    rows.append(Row("mean proven gap", "%", statistics.mean(row.ours for row in rows)))
    return 0 if report("bounds", rows, options) else 1


if __name__ == "__main__":
    sys.exit(main())
