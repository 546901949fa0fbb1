"""What a tour search is asked and what it answers: plain arrays in deciseconds, checked where they are made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from solver.errors import InvalidQuestion

UNREACHABLE = 2**30  # an arc of this length or more is no arc
LONGEST_BUDGET = 2**27 - 1  # five months of deciseconds: four doubled arcs still fit 32 bits

Windows = tuple[tuple[tuple[int, int], ...], ...]


@dataclass(frozen=True)
class TourProblem:
    """An orienteering problem: visit what scores most and be at `end` within `budget`.

    `travel` is (n, n) int32, deciseconds from row to column, asymmetric or not; `UNREACHABLE` and
    beyond means no way. The triangle inequality is not required. `scores` (n,) float64 and `visit`
    (n,) int32 deciseconds are 0 at `start` and `end`. `budget` holds travel, visits and waiting.
    `groups` (n,) int32 names the theme of a place, -1 for none: the best scored stop of a theme
    counts in full, the second `group_decay` times its score, the third `group_decay` squared…
    `windows`, one tuple for each node, lists when a visit may happen in deciseconds after
    departure: it must fit wholly into one of them, and waiting is allowed. An empty tuple is always
    open. The windows of `start` and `end` are not looked at.

    Raises InvalidQuestion when the arrays contradict each other.
    """

    travel: NDArray[np.int32]
    scores: NDArray[np.float64]
    visit: NDArray[np.int32]
    budget: int
    start: int
    end: int
    must: frozenset[int]
    groups: NDArray[np.int32]
    group_decay: float
    most_stops: int | None
    windows: Windows | None

    def __post_init__(self) -> None:
        self._check_shapes()
        self._check_values()
        self._check_windows()

    @property
    def node_count(self) -> int:
        """Places, start and end included."""
        return int(self.travel.shape[0])

    def _check_shapes(self) -> None:
        if self.travel.ndim != 2 or self.travel.shape[0] != self.travel.shape[1]:
            raise InvalidQuestion("travel must be a square matrix")
        arrays = (
            ("travel", self.travel, np.int32, self.travel.shape),
            ("scores", self.scores, np.float64, (self.node_count,)),
            ("visit", self.visit, np.int32, (self.node_count,)),
            ("groups", self.groups, np.int32, (self.node_count,)),
        )
        for name, array, dtype, shape in arrays:
            if array.dtype != dtype or array.shape != shape:
                raise InvalidQuestion(f"{name} must be {np.dtype(dtype).name} of shape {shape}")
        for node in (self.start, self.end, *self.must):
            if not 0 <= node < self.node_count:
                raise InvalidQuestion(f"there is no node {node}")

    def _check_values(self) -> None:
        if not 0 <= self.budget <= LONGEST_BUDGET:
            raise InvalidQuestion(f"budget must lie in 0..{LONGEST_BUDGET} deciseconds")
        if self.travel.size and int(self.travel.min()) < 0:
            raise InvalidQuestion("travel times must not be negative")
        if not bool(np.isfinite(self.scores).all()) or float(self.scores.min()) < 0:
            raise InvalidQuestion("scores must be finite and not negative")
        if int(self.visit.min()) < 0:
            raise InvalidQuestion("visiting times must not be negative")
        for node in (self.start, self.end):
            if self.scores[node] != 0 or self.visit[node] != 0:
                raise InvalidQuestion("start and end have no score and no visiting time")
        if not (math.isfinite(self.group_decay) and 0.0 < self.group_decay <= 1.0):
            raise InvalidQuestion("group_decay must lie in (0, 1]")
        if self.most_stops is not None and self.most_stops < 0:
            raise InvalidQuestion("most_stops must not be negative")
        if self.start != self.end and int(self.travel[self.start, self.end]) > self.budget:
            raise InvalidQuestion("the end cannot be reached within the budget")

    def _check_windows(self) -> None:
        if self.windows is None:
            return
        if len(self.windows) != self.node_count:
            raise InvalidQuestion("windows must list one tuple for each node")
        for node_windows in self.windows:
            for opens, closes in node_windows:
                if opens > closes:
                    raise InvalidQuestion("a window must not close before it opens")


@dataclass(frozen=True)
class Tour:
    """The best tour found.

    `order` holds node numbers from start to end inclusive; a loop names its start twice.
    `arrivals`, `waiting` (deciseconds) and `stop_scores` (after the decay of groups) run along
    `order`. `cost` is the arrival at the end: travel, visits and waiting. `left_out` are the
    must-visits that found no room, ascending. `truncated`: the clock or a cancel ended the search.
    """

    order: tuple[int, ...]
    score: float
    cost: int
    arrivals: tuple[int, ...]
    waiting: tuple[int, ...]
    stop_scores: tuple[float, ...]
    left_out: tuple[int, ...]
    truncated: bool
    iterations: int


def earliest_visit(
    node_windows: tuple[tuple[int, int], ...], arrival: int, visit: int
) -> int | None:
    """When a visit of `visit` deciseconds may begin after `arrival`; None when it no longer can."""
    if not node_windows:
        return arrival
    starts = [
        max(arrival, opens)
        for opens, closes in node_windows
        if max(arrival, opens) + visit <= closes
    ]
    return min(starts, default=None)


def group_scores(problem: TourProblem, stops: tuple[int, ...]) -> dict[int, float]:
    """What every stop is worth after the decay of its group, by node number."""
    worth: dict[int, float] = {}
    seen_of_group: dict[int, int] = {}
    for node in sorted(set(stops), key=lambda stop: (-float(problem.scores[stop]), stop)):
        group = int(problem.groups[node])
        rank = seen_of_group.get(group, 0) if group >= 0 else 0
        seen_of_group[group] = rank + 1
        worth[node] = float(problem.scores[node]) * problem.group_decay**rank
    return worth


def told(
    problem: TourProblem, stops: tuple[int, ...], *, truncated: bool = False, iterations: int = 0
) -> Tour:
    """The tour start, `stops`…, end as it would be walked: every visit as early as it can be.

    Raises InvalidQuestion when it cannot be walked within the windows and the budget.
    """
    clock = 0
    arrivals, waiting = [0], [0]
    order = (problem.start, *stops, problem.end)
    for before, node in pairwise(order[:-1]):
        clock += int(problem.travel[before, node])
        node_windows = problem.windows[node] if problem.windows is not None else ()
        begin = earliest_visit(node_windows, clock, int(problem.visit[node]))
        if begin is None:
            raise InvalidQuestion(f"node {node} is closed at {clock}")
        arrivals.append(clock)
        waiting.append(begin - clock)
        clock = begin + int(problem.visit[node])
    if stops or problem.start != problem.end:
        clock += int(problem.travel[order[-2], problem.end])
    if clock > problem.budget:
        raise InvalidQuestion(f"the tour takes {clock} of {problem.budget}")
    worth = group_scores(problem, stops)
    stop_scores = (0.0, *(worth[node] for node in stops), 0.0)
    return Tour(
        order=order,
        score=math.fsum(stop_scores),
        cost=clock,
        arrivals=(*arrivals, clock),
        waiting=(*waiting, 0),
        stop_scores=stop_scores,
        left_out=tuple(sorted(problem.must - set(order))),
        truncated=truncated,
        iterations=iterations,
    )
