"""Keeps the places that can be visited at all and folds visiting times into the cost of arcs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solver.errors import InvalidQuestion
from solver.tour_problem import TourProblem, earliest_visit

SCORE_BITS = 32  # the largest score becomes a whole number just below 2^32
MUST_BONUS = 1 << 46  # more than 5,000 places of the largest score together
MOST_PLACES = 1 << 13  # scores and bonuses of so many places still fit 63 bits


@dataclass(frozen=True)
class Shortlist:
    """The problem as the search sees it: node 0 is the start, node 1 the end, then candidates.

    `arc_cost[i, j]` is twice the travel plus the visits at i and j, so a tour costs twice its
    duration, a symmetric matrix stays symmetric, and the search need not know visits at all.
    `origin` maps nodes back. `score_unit` turns fixed-point scores into the asker's.
    """

    origin: NDArray[np.int32]
    arc_cost: NDArray[np.int32]
    budget: int
    score: NDArray[np.int64]
    score_unit: float
    weight: NDArray[np.float32]
    group: NDArray[np.int32]
    group_first: NDArray[np.int32]
    decay_power: NDArray[np.float64]
    grouped: bool
    symmetric: bool
    most_stops: int
    timed: bool
    window_first: NDArray[np.int32]
    window_opens: NDArray[np.int64]
    window_closes: NDArray[np.int64]

    @property
    def candidate_count(self) -> int:
        """Places that may be visited."""
        return len(self.origin) - 2


def reachable_places(problem: TourProblem) -> NDArray[np.int32]:
    """Node numbers worth a stop: scored or a must, and there and back again within the budget."""
    wanted = problem.scores > 0
    wanted[list(problem.must)] = True
    wanted[[problem.start, problem.end]] = False
    duration = (
        problem.travel[problem.start].astype(np.int64)
        + problem.visit
        + problem.travel[:, problem.end]
    )
    places = np.flatnonzero(wanted & (duration <= problem.budget)).astype(np.int32)
    if problem.windows is None:
        return places
    return np.array(
        [place for place in places if _open_in_time(problem, int(place))], dtype=np.int32
    )


def _open_in_time(problem: TourProblem, place: int) -> bool:
    """Whether the place, visited alone, lets the walker be at the end within the budget."""
    if problem.windows is None:
        return True
    visit = int(problem.visit[place])
    arrival = int(problem.travel[problem.start, place])
    begin = earliest_visit(problem.windows[place], arrival, visit)
    if begin is None:
        return False
    return begin + visit + int(problem.travel[place, problem.end]) <= problem.budget


def make_shortlist(problem: TourProblem) -> Shortlist:
    """Prune, renumber and fold `problem`; raises InvalidQuestion beyond `MOST_PLACES` places."""
    places = reachable_places(problem)
    if len(places) > MOST_PLACES:
        raise InvalidQuestion(f"{len(places)} places are more than {MOST_PLACES}")
    origin = np.concatenate([np.array([problem.start, problem.end], dtype=np.int32), places])
    travel = problem.travel[np.ix_(origin, origin)]
    # An arc longer than the budget is never walked; cut, four of them still fit 32 bits.
    np.minimum(travel, problem.budget + 1, out=travel)
    if problem.start == problem.end:
        travel[0, 1] = travel[1, 0] = 0
    np.fill_diagonal(travel, 0)
    visit = np.minimum(problem.visit[origin], problem.budget + 1)
    travel *= 2
    travel += visit[:, None]
    travel += visit[None, :]
    score, score_unit = _fixed_point(problem.scores[origin])
    musts = np.isin(origin, list(problem.must))
    musts[:2] = False
    group, group_first = _renumbered_groups(problem.groups[origin])
    largest_group = int(np.diff(group_first).max(initial=1))
    decay_power = np.ones(largest_group + 1)
    for rank in range(1, largest_group + 1):  # repeated products: the same on every machine
        decay_power[rank] = decay_power[rank - 1] * problem.group_decay
    most_stops = len(places) if problem.most_stops is None else problem.most_stops
    window_first, window_opens, window_closes = _folded_windows(problem, origin)
    return Shortlist(
        origin=origin,
        arc_cost=travel,
        budget=2 * problem.budget,
        score=score + musts * MUST_BONUS,
        score_unit=score_unit,
        weight=_weights(score, musts),
        group=group,
        group_first=group_first,
        decay_power=decay_power,
        grouped=problem.group_decay < 1.0 and largest_group > 1,
        symmetric=bool(np.array_equal(travel, travel.T)),
        most_stops=min(most_stops, len(places)),
        timed=any(problem.windows[place] for place in places) if problem.windows else False,
        window_first=window_first,
        window_opens=window_opens,
        window_closes=window_closes,
    )


def _folded_windows(
    problem: TourProblem, origin: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Windows for the doubled middle of every visit: see `solver.timetable`. None: nobody asks."""
    if problem.windows is None:
        nothing = np.zeros(0, dtype=np.int64)
        return np.zeros(len(origin) + 1, dtype=np.int32), nothing, nothing
    first, opens, closes = [0], [], []
    for rank, node in enumerate(origin):
        node_windows = problem.windows[node] if rank >= 2 else ()
        visit = int(problem.visit[node])
        for opening, closing in sorted(node_windows or ((0, 2 * problem.budget),)):
            if closing - opening >= visit:
                opens.append(2 * opening + visit)
                closes.append(2 * closing - visit)
        first.append(len(opens))
    return (
        np.array(first, dtype=np.int32),
        np.array(opens, dtype=np.int64),
        np.array(closes, dtype=np.int64),
    )


def _fixed_point(scores: NDArray[np.float64]) -> tuple[NDArray[np.int64], float]:
    """Scores as whole numbers times a power of two, which keeps whole scores exact."""
    largest = float(scores.max(initial=0.0))
    if largest == 0.0:
        return np.zeros(len(scores), dtype=np.int64), 1.0
    exponent = SCORE_BITS - int(np.frexp(largest)[1])
    score = np.rint(np.ldexp(scores, exponent)).astype(np.int64)
    return score, float(np.ldexp(1.0, -exponent))


def _weights(score: NDArray[np.int64], musts: NDArray[np.bool_]) -> NDArray[np.float32]:
    """How much the greedy insertion wants a place: 1 for the best, a must a thousand times that."""
    largest = float(max(int(score.max(initial=0)), 1))
    share = score / largest
    root = np.sqrt(share)
    tastes = (share, share * np.sqrt(root), share * root, share * share)
    return np.stack([taste + 1000.0 * musts for taste in tastes]).astype(np.float32)


def _renumbered_groups(
    groups: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Groups numbered 0.. by name, and where the members of each begin in one list of all."""
    named = groups.copy()
    named[:2] = -1
    names, sizes = np.unique(named[named >= 0], return_counts=True)
    group = np.where(named >= 0, np.searchsorted(names, named), -1).astype(np.int32)
    group_first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    return group, group_first
