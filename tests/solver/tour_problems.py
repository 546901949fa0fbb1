"""Makes small tour problems of every kind for property tests, from nothing but a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from solver.tour_problem import UNREACHABLE, TourProblem, Windows


def make_problem(
    travel: Sequence[Sequence[int]] | Any,
    scores: Sequence[float],
    budget: int,
    *,
    start: int = 0,
    end: int = 0,
    visit: Sequence[int] | None = None,
    must: frozenset[int] = frozenset(),
    groups: Sequence[int] | None = None,
    group_decay: float = 1.0,
    most_stops: int | None = None,
    windows: Windows | None = None,
) -> TourProblem:
    """A problem from plain lists, with nothing special unless asked for."""
    count = len(scores)
    return TourProblem(
        travel=np.array(travel, dtype=np.int32).reshape(count, count),
        scores=np.array(scores, dtype=np.float64),
        visit=np.array(visit if visit is not None else [0] * count, dtype=np.int32),
        budget=budget,
        start=start,
        end=end,
        must=must,
        groups=np.array(groups if groups is not None else [-1] * count, dtype=np.int32),
        group_decay=group_decay,
        most_stops=most_stops,
        windows=windows,
    )


def random_problem(
    seed: int,
    place_count: int,
    *,
    loop: bool = True,
    symmetric: bool = True,
    visits: bool = False,
    musts: int = 0,
    grouped: bool = False,
    most_stops: int | None = None,
    windowed: bool = False,
    scattered: bool = False,
) -> TourProblem:
    """Places on a square kilometre, some of them twice; `scattered` breaks the triangle inequality."""
    dice = random.Random(seed)
    count = place_count + (1 if loop else 2)
    end = 0 if loop else 1
    points = [(dice.uniform(0, 1000), dice.uniform(0, 1000)) for _ in range(count)]
    if count > 4:
        points[-1] = points[-2]  # two places behind one door
    travel = [[_walk(dice, a, b, symmetric) for b in points] for a in points]
    if symmetric:
        travel = [[travel[min(i, j)][max(i, j)] for j in range(count)] for i in range(count)]
    _shorten_ways(travel)
    if scattered:
        _scatter(dice, travel, end, symmetric)
    budget = max(dice.randint(500, 3500), travel[0][end] if not loop else 0)
    scores = [float(dice.randint(0, 20)) for _ in range(count)]
    visit = [dice.randint(0, 200) if visits else 0 for _ in range(count)]
    for node in (0, end):
        scores[node], visit[node] = 0.0, 0
    places = [node for node in range(count) if node not in (0, end)]
    return make_problem(
        travel,
        scores,
        budget,
        end=end,
        visit=visit,
        must=frozenset(dice.sample(places, min(musts, len(places)))),
        groups=[dice.randint(-1, 2) if grouped else -1 for _ in range(count)],
        group_decay=dice.choice([0.3, 0.5, 0.9]) if grouped else 1.0,
        most_stops=most_stops,
        windows=tuple(_windows(dice, budget) for _ in range(count)) if windowed else None,
    )


def _walk(
    dice: random.Random, a: tuple[float, float], b: tuple[float, float], symmetric: bool
) -> int:
    distance = ((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5
    return int(distance * (1.0 if symmetric else dice.uniform(1.0, 1.3)))


def _shorten_ways(travel: list[list[int]]) -> None:
    """Floyd and Warshall: going around is never shorter, as with real walking times."""
    nodes = range(len(travel))
    for between in nodes:
        for tail in nodes:
            for head in nodes:
                around = travel[tail][between] + travel[between][head]
                travel[tail][head] = min(travel[tail][head], around)


def _scatter(dice: random.Random, travel: list[list[int]], end: int, symmetric: bool) -> None:
    """Some ways become much longer than the way around, some do not exist."""
    for tail in range(len(travel)):
        for head in range(len(travel)):
            if (tail, head) != (0, end) and dice.random() < 0.2:
                travel[tail][head] = dice.choice(
                    [UNREACHABLE, min(UNREACHABLE, 3 * travel[tail][head])]
                )
                if symmetric and (head, tail) != (0, end):
                    travel[head][tail] = travel[tail][head]


def _windows(dice: random.Random, budget: int) -> tuple[tuple[int, int], ...]:
    """Always open, open once, or open twice."""
    kind = dice.randint(0, 2)
    moments = sorted(dice.randint(0, budget) for _ in range(2 * kind))
    return tuple(zip(moments[::2], moments[1::2], strict=True))
