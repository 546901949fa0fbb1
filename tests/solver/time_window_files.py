"""Reads the time-window instances of the shared data: TOPTW and tourist trips, one route each.

Formats as in the texts beside the files; lengths are plane and cut to one decimal (Solomon) or two.
"""

from __future__ import annotations

import math
from pathlib import Path

from solver.tour_problem import TourProblem
from tests.solver.tour_problems import make_problem

HUNDREDTHS = 100  # both roundings are whole numbers of hundredths


def read_toptw(path: Path) -> TourProblem:
    """One route of a TOPTW file: a closing time there is the latest *begin* of a visit."""
    rows = [line.split() for line in path.read_text().splitlines() if line.strip()]
    decimals = 2 if path.stem.startswith("pr") else 1
    nodes = [[float(word) for word in row] for row in rows[2:]]
    horizon = nodes[0][-1]
    return _loop(
        points=[(node[1], node[2]) for node in nodes],
        decimals=decimals,
        visits=[node[3] for node in nodes],
        scores=[node[4] for node in nodes],
        # Each row ends in opening and closing; the visit may go on after closing.
        windows=[((node[-2], node[-1] + node[3]),) for node in nodes],
        budget=horizon,
        clock=0.0,
    )


def read_tourist_trip(path: Path) -> TourProblem:
    """The first day of a TTDP file: opening hours of the weekday it starts on; `0 0` is closed."""
    rows = [line.split() for line in path.read_text().splitlines() if line.strip()]
    day = int(rows[0][2])
    hotel = [float(word) for word in rows[1]]
    nodes = [hotel, *([float(word) for word in row] for row in rows[2:])]
    leaves, returns = hotel[5], hotel[6]
    hours = [(0.0, 0.0)] + [(node[6 + 2 * day], node[7 + 2 * day]) for node in nodes[1:]]
    return _loop(
        points=[(node[1], node[2]) for node in nodes],
        decimals=2,
        visits=[node[3] for node in nodes],
        scores=[node[4] for node in nodes],
        windows=[(window,) for window in hours],
        budget=returns - leaves,
        clock=leaves,
    )


def _loop(
    *,
    points: list[tuple[float, float]],
    decimals: int,
    visits: list[float],
    scores: list[float],
    windows: list[tuple[tuple[float, float], ...]],
    budget: float,
    clock: float,
) -> TourProblem:
    step = 10**decimals
    travel = [
        [math.floor(math.dist(one, other) * step + 1e-9) * (HUNDREDTHS // step) for other in points]
        for one in points
    ]
    folded = tuple(
        tuple(
            (round((opens - clock) * HUNDREDTHS), round((closes - clock) * HUNDREDTHS))
            for opens, closes in node_windows
        )
        for node_windows in windows
    )
    return make_problem(
        travel,
        [0.0, *scores[1:]],
        round(budget * HUNDREDTHS),
        visit=[0, *(round(visit * HUNDREDTHS) for visit in visits[1:])],
        windows=((), *folded[1:]),
    )
