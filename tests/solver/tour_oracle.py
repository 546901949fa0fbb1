"""The slow, obvious oracle of tours: every subset and every order, by dynamic programming."""

from __future__ import annotations

from solver.tour_problem import TourProblem, earliest_visit, group_scores

Worth = tuple[int, float]  # must-visits kept, score


def best_worth(problem: TourProblem) -> Worth:
    """Musts first, then score, over all feasible tours; exact, for up to about ten places.

    Held and Karp's subsets: `ready[visited, last]` is the earliest moment at which all of `visited`
    have been seen, `last` most recently. An earlier moment is never worse, since waiting is allowed.
    """
    places = [
        node for node in range(problem.node_count) if node not in (problem.start, problem.end)
    ]
    ready: dict[tuple[frozenset[int], int], int] = {(frozenset(), problem.start): 0}
    layer = dict(ready)
    while layer:
        following: dict[tuple[frozenset[int], int], int] = {}
        for (visited, last), moment in layer.items():
            for node in places:
                if node in visited:
                    continue
                done = _visit_done(problem, moment, last, node)
                if done is None:
                    continue
                state = (visited | {node}, node)
                following[state] = min(done, following.get(state, done))
        ready.update(following)
        layer = following
    best: Worth = (0, 0.0)
    for (visited, last), moment in ready.items():
        if problem.most_stops is not None and len(visited) > problem.most_stops:
            continue
        if visited and moment + int(problem.travel[last, problem.end]) > problem.budget:
            continue
        worth = sum(group_scores(problem, tuple(visited)).values())
        best = max(best, (len(problem.must & visited), worth))
    return best


def _visit_done(problem: TourProblem, moment: int, last: int, node: int) -> int | None:
    arrival = moment + int(problem.travel[last, node])
    node_windows = problem.windows[node] if problem.windows is not None else ()
    begin = earliest_visit(node_windows, arrival, int(problem.visit[node]))
    if begin is None or begin + int(problem.visit[node]) > problem.budget:
        return None
    return begin + int(problem.visit[node])
