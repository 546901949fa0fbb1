"""Tours on OPLib, the classics and real requests: gap to the best known, beside PyVRP, OR-Tools and vrp-cli.

CPU time on one core. The full run measures every file of up to 400 nodes with three seeds at four
time limits (about ten minutes), the quick one a part of them. Peers answer the same problems, by the
clock of the processor as well.
"""

from __future__ import annotations

import csv
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.harness import Row, arguments, peer_python, report, run_peer
from bench.real_requests import data_folder, real_requests
from solver.classic import read_classic
from solver.errors import InvalidQuestion
from solver.oplib import BenchmarkInstance, read_oplib
from solver.search import search_for_cpu
from solver.tour_problem import TourProblem, told

PEER_SCRIPT = Path(__file__).with_name("tours_peers.py")
REQUIREMENTS = {
    "pyvrp": ("pyvrp==0.14.1",),
    "ortools": ("ortools==9.15.6755",),
    "vrp-cli": ("vrp-cli==1.22.1",),
}
LARGEST = 400
# CPU seconds: mean gap and share of best known that were promised, in percent.
PROMISES = {0.05: (0.30, 55.0), 0.2: (0.15, 65.0), 0.5: (0.10, 75.0), 2.0: (0.05, 82.0)}
WORST_PROMISED = 3.0  # at 0.5 s


@dataclass(frozen=True)
class Known:
    """An instance and the best score anybody has published, or the best we know."""

    instance: BenchmarkInstance
    best: float

    def gap(self, score: float) -> float:
        """Percent below the best known."""
        return 100.0 * (self.best - score - self.instance.ends_score) / self.best


def oplib(quick: bool) -> list[Known]:
    """The OPLib files by size; every fourth of them for the quick run and for the peers."""
    folder = data_folder() / "orienteering" / "oplib"
    with (folder / "reference.csv").open() as table:
        rows = [row for row in csv.DictReader(table) if int(row["n"]) <= LARGEST]
    rows.sort(key=lambda row: (int(row["n"]), row["instance"]))
    return [
        Known(read_oplib(folder / f"{row['instance']}.oplib"), float(row["best_known"]))
        for row in rows[:: 4 if quick else 1]
    ]


def classics(quick: bool) -> list[Known]:
    """The 89 files of Tsiligirides and Chao; every fourth for the quick run."""
    folder = data_folder() / "orienteering" / "classic"
    with (folder / "best_scores.csv").open() as table:
        rows = list(csv.DictReader(table))[:: 4 if quick else 1]
    return [
        Known(read_classic(next(folder.rglob(row["file"]))), float(row["best_score"]))
        for row in rows
    ]


def gaps(known: Sequence[Known], seconds: float, seeds: Sequence[int]) -> list[float]:
    """Percent below the best known, for every instance and seed.

    A search that has found the best known does not use up its time: nothing is left to find.
    """
    return [
        one.gap(
            search_for_cpu(
                one.instance.problem,
                cpu_seconds=seconds,
                seed=seed,
                enough=one.best - one.instance.ends_score,
            ).score
        )
        for one in known
        for seed in seeds
    ]


def oplib_rows(quick: bool) -> list[Row]:
    """Mean, share of best known and worst at every time limit."""
    known = oplib(quick)
    rows = []
    for seconds, (mean, hits) in PROMISES.items():
        if quick and seconds > 0.2:
            break
        found = gaps(known, seconds, range(1, 3 if quick else 4))
        what = f"OPLib n ≤ {LARGEST} ({len(known)} files) at {seconds:g} s"
        ours, hit = statistics.mean(found), 100.0 * sum(gap <= 1e-9 for gap in found) / len(found)
        rows += [
            Row(f"{what}: mean gap", "%", ours, {}, f"≤ {mean}", None if quick else ours <= mean),
            Row(f"{what}: best known", "%", hit, {}, f"≥ {hits:g}", None if quick else hit >= hits),
        ]
        promised = seconds == 0.5
        rows.append(
            Row(
                f"{what}: worst gap",
                "%",
                max(found),
                {},
                f"≤ {WORST_PROMISED:g}" if promised else "",
                max(found) <= WORST_PROMISED if promised else None,
            )
        )
    return rows


def classic_rows(quick: bool) -> list[Row]:
    """How many of the classics are solved to the best known."""
    known = classics(quick)
    rows = []
    for seconds, promised in ((0.05, 88), (0.5, 89)):
        if quick and seconds > 0.1:
            break
        solved = sum(gap <= 1e-9 for gap in gaps(known, seconds, [1]))
        target = promised - 89 + len(known)
        what = f"classics at {seconds:g} s: best known of {len(known)}"
        rows.append(Row(what, "files", solved, {}, f"≥ {target}", solved >= target))
    return rows


def request_rows(quick: bool) -> list[Row]:
    """Real requests: 20 ms against ten seconds (two in the quick run)."""
    long_run = 2.0 if quick else 10.0
    lost = []
    for _, problem in real_requests(4 if quick else 12):
        best = search_for_cpu(problem, cpu_seconds=long_run, seed=9).score
        short = [search_for_cpu(problem, cpu_seconds=0.02, seed=seed).score for seed in (1, 2, 3)]
        lost += [100.0 * (max(best, *short) - score) / max(best, *short) for score in short]
    mean = statistics.mean(lost)
    what = f"real requests, 20 ms against {long_run:g} s: mean gap"
    return [
        Row(what, "%", mean, {}, "≤ 0.1", mean <= 0.1),
        Row(what.replace("mean", "worst"), "%", max(lost)),
    ]


def as_peers_see_it(problem: TourProblem) -> dict[str, object]:
    """A loop with the visits folded into symmetric arcs, node 0 the start."""
    nodes = [problem.start, *(n for n in range(problem.node_count) if n != problem.start)]
    travel = np.minimum(problem.travel[np.ix_(nodes, nodes)], problem.budget + 1).astype(np.int64)
    visit = problem.visit[nodes].astype(np.int64)
    arcs = 2 * np.maximum(travel, travel.T) + visit[:, None] + visit[None, :]
    np.fill_diagonal(arcs, 0)
    return {
        "arcs": arcs.tolist(),
        "scores": problem.scores[nodes].tolist(),
        "budget": 2 * problem.budget,
    }


def peer_gaps(name: str, known: Sequence[Known], seconds: float) -> list[float]:
    """Percent below the best known; a tour that cannot be walked counts as none."""
    python = peer_python(name, *REQUIREMENTS[name])
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump([as_peers_see_it(one.instance.problem) for one in known], file)
        file.flush()
        answers = run_peer(
            python,
            PEER_SCRIPT,
            name,
            file.name,
            str(seconds),
            timeout_seconds=120 + len(known) * 40 * (seconds + 1),
        )
    return [
        one.gap(_walked(one.instance.problem, answer["order"]))
        for one, answer in zip(known, answers, strict=True)
    ]


def _walked(problem: TourProblem, order: list[int]) -> float:
    """The score of a peer's tour by our book, 0 when it breaks a rule."""
    nodes = [problem.start, *(n for n in range(problem.node_count) if n != problem.start)]
    if len(set(order)) != len(order):
        return 0.0
    try:
        return told(problem, tuple(nodes[place] for place in order)).score
    except InvalidQuestion:
        return 0.0


def peer_rows(quick: bool) -> list[Row]:
    """Ours and the peers', each with a second an instance, on some files and on real requests."""
    rows = []
    requests = [
        Known(BenchmarkInstance(name, problem, 0.0), 1.0)
        for name, problem in real_requests(2 if quick else 8)
    ]
    requests = [
        Known(one.instance, search_for_cpu(one.instance.problem, cpu_seconds=4.0, seed=9).score)
        for one in requests
    ]
    for what, known in (("OPLib", oplib(True)[:: 6 if quick else 1]), ("requests", requests)):
        peers = {
            name: statistics.mean(peer_gaps(name, known, 1.0)) for name in sorted(REQUIREMENTS)
        }
        for seconds in (0.1, 1.0):
            ours = statistics.mean(gaps(known, seconds, [1]))
            rows.append(
                Row(
                    f"{len(known)} {what}, ours {seconds:g} s, peers 1 s: mean gap",
                    "%",
                    ours,
                    peers,
                    "below every peer",
                    all(ours <= gap for gap in peers.values()),
                )
            )
    return rows


def main() -> int:
    """Measure, print the table, say whether all promises were kept."""
    options = arguments(__doc__ or "")
    rows = [
        *oplib_rows(options.quick),
        *classic_rows(options.quick),
        *request_rows(options.quick),
        *peer_rows(options.quick),
    ]
    return 0 if report("tours", rows, options) else 1


if __name__ == "__main__":
    sys.exit(main())
