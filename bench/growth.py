"""How cost grows: with candidates, with the length of the walk, and with the size of the network.

CPU time of one core. Real networks from Monaco to Milan, then a made-up town of a million junctions.
`--json FILE` writes the rows and, in the full run, draws the curves to docs/images/growth.png.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bench.harness import PEERS, Row, arguments, peer_python, report, run_peer
from bench.matrix import NO_LIMIT, Network, cpu, ours
from bench.real_requests import data_folder
from bench.street_grid import nodes_near_the_middle, street_grid
from solver import Candidate, LonLat, Question, WalkGraph, build_walk_graph, solve
from solver.footways import E7
from solver.search import search_tour
from solver.tour_problem import TourProblem

CANDIDATES = (50, 100, 200, 500, 1000, 2000)
MINUTES = (30, 60, 90, 120, 180, 240, 300)
NETWORKS = (  # by size
    "monaco-2025-01",
    "andorra-2021-10",
    "edinburgh-centre-2025-06",
    "porto-centre-2020-07",
    "malta-2016-11",
    "milan-otp",
)
TOWN_SIDES = (100, 316, 1000)  # squared: junctions of the made-up towns
ITERATIONS = 4000  # as the server asks for
PICTURE = Path(__file__).parents[1] / "docs" / "images" / "growth.png"
PLOT_SCRIPT = Path(__file__).with_name("growth_peers.py")
CIRCLE_METRES = 2_500.0


def candidate_rows(counts: tuple[int, ...]) -> list[Row]:
    """The tour search alone: 4,000 iterations among so many places."""
    rows = []
    for count in counts:
        problem = scattered(count)
        seconds, _ = cpu(
            lambda problem=problem: search_tour(  # type: ignore[misc]
                problem, iterations=ITERATIONS, seconds_cap=600.0, seed=1
            )
        )
        rows.append(Row(f"tour among candidates: {count}", "ms", 1000 * seconds))
    return rows


def scattered(count: int) -> TourProblem:
    """A city of so many places, of which two hours of walking reach about thirty."""
    dice = np.random.default_rng(count)
    points = dice.uniform(0, 4_000, size=(count + 1, 2))
    points[0] = 2_000
    away = points[:, None, :] - points[None, :, :]
    travel = np.rint(10 * 1.3 / 1.33 * np.hypot(away[..., 0], away[..., 1])).astype(np.int32)
    scores = dice.pareto(1.2, size=count + 1) + 1.0
    scores[0] = 0.0
    visit = np.full(count + 1, 1200, dtype=np.int32)
    visit[0] = 0
    return TourProblem(
        travel=travel,
        scores=scores,
        visit=visit,
        budget=72_000,
        start=0,
        end=0,
        must=frozenset(),
        groups=np.full(count + 1, -1, dtype=np.int32),
        group_decay=1.0,
        most_stops=None,
        windows=None,
    )


def town_rows(sides: tuple[int, ...]) -> list[Row]:
    """Made-up towns: building the hierarchy, and a matrix of 200 places within 2.5 km."""
    rows = []
    for side in sides:
        grid = street_grid(side)
        network = Network(grid)
        build_seconds, hierarchy = cpu(network.contracted)
        places = nodes_near_the_middle(grid, 200, CIRCLE_METRES, 7)
        ours(hierarchy, places, NO_LIMIT)
        warm = min(cpu(lambda: ours(hierarchy, places, NO_LIMIT))[0] for _ in range(3))  # noqa: B023
        rows.append(Row(f"building a town of junctions: {grid.node_count}", "s", build_seconds))
        rows.append(Row(f"200 x 200 in a town of junctions: {grid.node_count}", "ms", 1000 * warm))
    return rows


def network_rows(names: tuple[str, ...], minutes: tuple[int, ...], folder: Path) -> list[Row]:
    """Real networks: from extract to graph file, then whole walks; the largest one by length."""
    rows: list[Row] = []
    for name in names:
        path = folder / f"{name}.walk"
        seconds, summary = cpu(
            lambda name=name, path=path: build_walk_graph(  # type: ignore[misc]
                data_folder() / "osm" / f"{name}.osm.pbf", path
            )
        )
        opening, graph = cpu(lambda path=path: WalkGraph.open(path))  # type: ignore[misc]
        at = f"junctions: {summary.node_count}"
        rows.append(Row(f"building {name}, {at}", "s", seconds))
        rows.append(Row(f"file of {name}, {at}", "MB", path.stat().st_size / 1e6))
        rows.append(Row(f"opening and checking {name}, {at}", "ms", 1000 * opening))
        rows.append(Row(f"walk of 90 minutes in {name}, {at}", "ms", _walk_ms(graph, 90)))
        if name == names[-1]:
            rows += [
                Row(f"walk in {name} of minutes: {one}", "ms", _walk_ms(graph, one))
                for one in minutes
            ]
    return rows


def _walk_ms(graph: WalkGraph, minutes: int, rounds: int = 7) -> float:
    """The median CPU time of a whole walk among 200 candidates spread over its reach."""
    dice = np.random.default_rng(minutes)
    middle = _middle(graph)
    reach_degrees = minutes * 60 * 1.33 / 2 / 111_195
    seconds = []
    for seed in range(rounds):
        offsets = dice.uniform(-reach_degrees, reach_degrees, size=(200, 2))
        candidates = tuple(
            Candidate(
                number,
                ((middle[0] + float(east), middle[1] + float(north)),),
                score=float(dice.pareto(1.2)) + 1.0,
                visit_seconds=300.0,
            )
            for number, (east, north) in enumerate(offsets)
        )
        question = Question(middle, 60.0 * minutes, candidates, seed=seed, iterations=ITERATIONS)
        began = time.process_time()
        solve(question, graph)
        seconds.append(time.process_time() - began)
    return 1000 * float(np.median(seconds))


def _middle(graph: WalkGraph) -> LonLat:
    """The point of a footpath that is in the middle of all of them both ways."""
    return float(np.median(graph.point_lon)) / E7, float(np.median(graph.point_lat)) / E7


def draw(rows: list[Row]) -> None:
    """The curves as a picture, by matplotlib in an environment of its own."""
    python = peer_python("plots", "matplotlib==3.11.2")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump([{"what": row.what, "unit": row.unit, "ours": row.ours} for row in rows], file)
        file.flush()
        print(run_peer(python, PLOT_SCRIPT, file.name, str(PICTURE)))


def main() -> int:
    """Measure, print the table, draw the curves."""
    options = arguments(__doc__ or "")
    quick = options.quick
    folder = PEERS / "graphs"
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        *candidate_rows(CANDIDATES[:3] if quick else CANDIDATES),
        *network_rows(
            NETWORKS[:1] if quick else NETWORKS, MINUTES[:2] if quick else MINUTES, folder
        ),
        *town_rows(TOWN_SIDES[:1] if quick else TOWN_SIDES),
    ]
    good = report("growth", rows, options)
    if options.json is not None and not quick:
        draw(rows)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
