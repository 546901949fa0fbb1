"""Reads the classic orienteering instances of Tsiligirides (1984) and Chao, Golden and Wasil (1996)."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from solver.errors import DamagedInstance
from solver.oplib import MOST_NODES, BenchmarkInstance, expect_scores
from solver.tour_problem import LONGEST_BUDGET, TourProblem

STEPS = 1_000_000  # lengths are plane and real: a millionth is rounded up, so no tour is too long

# The published sets by their start and end: name, number of points, score of the last.
PUBLISHED: dict[tuple[float, ...], tuple[str, int, float]] = {
    (10.5, 14.4, 11.2, 14.1): ("Tsiligirides' first set", 32, 10.0),
    (4.6, 7.1, 5.0, 5.6): ("Tsiligirides' second set", 21, 30.0),
    (19.1, 24.3, 18.2, 24.0): ("Tsiligirides' third set", 33, 10.0),
    (0.0, -7.0, 0.0, 7.0): ("Chao's set of 64", 64, 6.0),
    (-0.5, 0.0, 0.5, 0.0): ("Chao's set of 66", 66, 35.0),
}


def read_classic(path: Path) -> BenchmarkInstance:
    """Read one file; raises DamagedInstance, which says what is wrong with it, and OSError."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DamagedInstance(f"{path}: it is not text") from error
    try:
        return parse_classic(path.stem, text)
    except DamagedInstance as error:
        raise DamagedInstance(f"{path}: {error}") from error


def parse_classic(name: str, text: str) -> BenchmarkInstance:
    """Budget and number of paths, then a line `x y score` for start, end and every place.

    The form has no mark of its end: only what begins like a published set is known to be cut short.
    """
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if len(lines) < 3:
        raise DamagedInstance("a budget, a start and an end are needed")
    longest, paths = _numbers(lines[0], 2, 1)
    if paths != 1:
        raise DamagedInstance(f"{paths:g} paths are asked for, only one can be searched")
    if not 0 <= longest * STEPS <= LONGEST_BUDGET:
        raise DamagedInstance(f"the budget must lie in 0..{LONGEST_BUDGET // STEPS}")
    if len(lines) - 1 > MOST_NODES:
        raise DamagedInstance(f"{len(lines) - 1} places are more than the {MOST_NODES} it may have")
    table = np.array([_numbers(words, 3, number) for number, words in enumerate(lines[1:], 2)])
    _expect_all_of_the_set(table)
    lengths = np.hypot(table[:, None, 0] - table[None, :, 0], table[:, None, 1] - table[None, :, 1])
    if lengths.max() * STEPS >= 2**30:
        raise DamagedInstance("the points lie too far apart")
    scores = np.ascontiguousarray(table[:, 2])
    expect_scores(scores)
    ends_score = float(scores[:2].sum())
    scores[:2] = 0.0
    if lengths[0, 1] > longest:
        raise DamagedInstance("the end lies beyond the budget")
    node_count = len(table)
    problem = TourProblem(
        travel=np.ceil(lengths * STEPS).astype(np.int32),
        scores=scores,
        visit=np.zeros(node_count, dtype=np.int32),
        budget=math.floor(longest * STEPS),
        start=0,
        end=1,
        must=frozenset(),
        groups=np.full(node_count, -1, dtype=np.int32),
        group_decay=1.0,
        most_stops=None,
        windows=None,
    )
    return BenchmarkInstance(name, problem, ends_score, 1.0 / STEPS)


def _expect_all_of_the_set(table: NDArray[np.float64]) -> None:
    published = PUBLISHED.get(tuple(table[:2, :2].ravel().tolist()))
    if published is None:
        return
    name, node_count, last_score = published
    if len(table) < node_count or (len(table) == node_count and table[-1, 2] != last_score):
        raise DamagedInstance(
            f"it is cut short: it begins like {name}, which has {node_count} points"
            f" and ends in the score {last_score:g}; this has {len(table)} and {table[-1, 2]:g}"
        )


def _numbers(words: list[str], count: int, line: int) -> list[float]:
    if len(words) != count:
        raise DamagedInstance(f"line {line} has {len(words)} numbers, not {count}")
    try:
        numbers = [float(word) for word in words]
    except ValueError as error:
        raise DamagedInstance(f"line {line} holds something that is not a number") from error
    if not all(math.isfinite(number) for number in numbers):
        raise DamagedInstance(f"line {line} holds something that is not finite")
    return numbers
