"""Reads OPLib files: orienteering instances in TSPLIB's clothes.

Source: G. Kobeaga, M. Merino, J. A. Lozano, "An efficient evolutionary algorithm for the
orienteering problem", Computers & Operations Research 90, 2018, and their OPLib.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from solver.errors import DamagedInstance
from solver.tour_problem import LONGEST_BUDGET, TourProblem
from solver.tsplib_weights import weights_of_points, weights_written_out

LARGEST_WEIGHT = 2**30  # beyond this an arc could not be told from no arc
MOST_NODES = 8_192  # the search takes no more
FARTHEST_COORDINATE = 2.0**29
HIGHEST_SCORE = 1e12  # thousands of them are still told apart by one
SECTIONS = ("NODE_COORD_SECTION", "EDGE_WEIGHT_SECTION", "NODE_SCORE_SECTION", "DEPOT_SECTION")
SKIPPED_SECTIONS = ("DISPLAY_DATA_SECTION", "FIXED_EDGES_SECTION")


@dataclass(frozen=True)
class BenchmarkInstance:
    """A problem of the literature, its name and what has to be added to a tour's score.

    Costs are the file's own, times `cost_factor`; `problem` has no score at start and end, whose
    scores count once and are `ends_score`.
    """

    name: str
    problem: TourProblem
    ends_score: float
    cost_factor: float = 1.0


def read_oplib(path: Path) -> BenchmarkInstance:
    """Read one file; raises DamagedInstance, which says what is wrong with it, and OSError."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DamagedInstance(f"{path}: it is not text") from error
    try:
        return replace(parse_oplib(text), name=path.stem)
    except DamagedInstance as error:
        raise DamagedInstance(f"{path}: {error}") from error


def parse_oplib(text: str) -> BenchmarkInstance:
    """The instance written in `text`; raises DamagedInstance."""
    header, sections = _split(text)
    node_count = _whole(header, "DIMENSION", least=1, most=MOST_NODES)
    budget = _whole(header, "COST_LIMIT", least=0, most=LONGEST_BUDGET)
    depot = _depot(sections, node_count)
    weights = _weights(header, sections, node_count)
    if weights.min() < 0 or weights.max() >= LARGEST_WEIGHT:
        raise DamagedInstance(f"weights must lie in 0..{LARGEST_WEIGHT - 1}")
    scores = _rows(sections, "NODE_SCORE_SECTION", node_count, 1)[:, 0]
    expect_scores(scores)
    ends_score = float(scores[depot])
    scores[depot] = 0.0
    problem = TourProblem(
        travel=weights.astype(np.int32),
        scores=scores,
        visit=np.zeros(node_count, dtype=np.int32),
        budget=budget,
        start=depot,
        end=depot,
        must=frozenset(),
        groups=np.full(node_count, -1, dtype=np.int32),
        group_decay=1.0,
        most_stops=None,
        windows=None,
    )
    return BenchmarkInstance(header.get("NAME", ""), problem, ends_score)


def expect_scores(scores: NDArray[np.float64]) -> None:
    """Raises DamagedInstance where a score is negative or too high to be added up."""
    if scores.min() < 0:
        raise DamagedInstance("scores must not be negative")
    if scores.max() > HIGHEST_SCORE:
        raise DamagedInstance(f"scores must not be above {HIGHEST_SCORE:.0f}")


def _split(text: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Header fields, and the words of every section."""
    header: dict[str, str] = {}
    sections: dict[str, list[str]] = {}
    words: list[str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        name = line.split(":", 1)[0].strip()
        if name == "EOF":
            return header, sections
        if name in SECTIONS or name in SKIPPED_SECTIONS:
            if name in sections:
                raise DamagedInstance(f"line {number}: {name} appears twice")
            words = sections.setdefault(name, [])
        elif ":" in line and name.replace("_", "").isalpha():
            header[name] = line.split(":", 1)[1].strip()
            words = None
        elif words is not None:
            words.extend(line.split())
        elif line.strip():
            raise DamagedInstance(f"line {number}: {line.strip()[:40]!r} belongs to no section")
    raise DamagedInstance("it ends without EOF")


def _whole(header: dict[str, str], name: str, *, least: int, most: int) -> int:
    if name not in header:
        raise DamagedInstance(f"{name} is missing")
    number = _number(header[name], name)
    if number != math.floor(number) or not least <= number <= most:
        raise DamagedInstance(f"{name} must be a whole number of {least}..{most}")
    return int(number)


def _number(word: str, where: str) -> float:
    try:
        number = float(word)
    except ValueError as error:
        raise DamagedInstance(f"{where} holds {word[:40]!r}, which is not a number") from error
    if not math.isfinite(number):
        raise DamagedInstance(f"{where} holds {word[:40]!r}, which is not finite")
    return number


def _numbers(sections: dict[str, list[str]], name: str) -> Iterator[float]:
    if name not in sections:
        raise DamagedInstance(f"{name} is missing")
    return (_number(word, name) for word in sections[name])


def _rows(
    sections: dict[str, list[str]], name: str, node_count: int, width: int
) -> NDArray[np.float64]:
    """The (n, width) numbers of a section whose every row begins with a node's id."""
    numbers = np.array(list(_numbers(sections, name)), dtype=np.float64)
    if numbers.size != node_count * (width + 1):
        raise DamagedInstance(
            f"{name} has {numbers.size} numbers, {node_count} nodes need {node_count * (width + 1)}"
        )
    table = numbers.reshape(node_count, width + 1)
    if sorted(table[:, 0]) != list(range(1, node_count + 1)):
        raise DamagedInstance(f"{name} must name every node of 1..{node_count} once")
    ordered: NDArray[np.float64] = table[np.argsort(table[:, 0]), 1:]
    return ordered


def _depot(sections: dict[str, list[str]], node_count: int) -> int:
    """The one depot, 0-based; the list ends in -1."""
    listed = list(_numbers(sections, "DEPOT_SECTION"))
    if len(listed) != 2 or listed[1] != -1 or listed[0] not in range(1, node_count + 1):
        raise DamagedInstance("DEPOT_SECTION must name one node and end in -1")
    return int(listed[0]) - 1


def _weights(
    header: dict[str, str], sections: dict[str, list[str]], node_count: int
) -> NDArray[np.int64]:
    kind = header.get("EDGE_WEIGHT_TYPE")
    if kind is None:
        raise DamagedInstance("EDGE_WEIGHT_TYPE is missing")
    if kind == "EXPLICIT":
        form = header.get("EDGE_WEIGHT_FORMAT", "")
        numbers = list(_numbers(sections, "EDGE_WEIGHT_SECTION"))
        return weights_written_out(form, numbers, node_count)
    points = _rows(sections, "NODE_COORD_SECTION", node_count, 2)
    if float(np.abs(points).max()) > FARTHEST_COORDINATE:
        raise DamagedInstance("weights must lie in reach: a coordinate is too large")
    return weights_of_points(kind, points)
