"""The doors of the tour search: so many iterations with one answer a seed, or so much CPU time."""

import time

from libc.stdint cimport int64_t

from solver.annealing cimport Annealing

from solver.errors import InvalidQuestion
from solver.shortlist import MUST_BONUS, make_shortlist
from solver.tour_problem import told

cdef int SLICE = 16                 # iterations between two looks at the clock
cdef int REPORTS = 20               # reports of a search that runs to its end
cdef int ENOUGH_WHEN_COMPLETE = 256 # iterations for a shorter way once every place is visited
cdef int FIRST_GUESS = 64           # iterations after which the pace is known


def search_tour(problem, *, iterations, seconds_cap, seed, report=None, cancelled=None):
    """The best tour found within so many iterations and so many seconds by the wall clock.

    `problem` is a TourProblem. One `seed` (any whole number) is one answer on every machine unless
    the cap or `cancelled` ends the search, which makes the tour `truncated`. `report(progress,
    score)` hears of the progress 0..1 and the best score twenty times in a whole search;
    `cancelled()` is asked every few iterations. Raises InvalidQuestion.
    """
    if iterations < 0 or not seconds_cap >= 0:
        raise InvalidQuestion("iterations and seconds_cap must not be negative")
    cdef double deadline = time.monotonic() + seconds_cap
    cdef int64_t done = 0
    cdef int64_t goal = iterations
    cdef int64_t reported = 0
    cdef int count
    cdef bint truncated = False
    cdef Annealing annealing
    shortlist = make_shortlist(problem)
    if shortlist.candidate_count == 0 or shortlist.most_stops == 0:
        if report is not None:
            report(1.0, 0.0)
        return told(problem, ())
    annealing = Annealing(shortlist, seed & 0xFFFFFFFFFFFFFFFF)
    annealing.plan_cycles(goal)
    while done < goal and not (annealing.is_complete() and done >= ENOUGH_WHEN_COMPLETE):
        if time.monotonic() >= deadline or (cancelled is not None and cancelled()):
            truncated = True
            break
        annealing.warm(<double>done / goal)
        count = min(<int64_t>SLICE, goal - done)
        with nogil:
            annealing.iterate(count)
        done += count
        if report is not None and done * REPORTS >= (reported + 1) * goal:
            reported = done * REPORTS // goal
            report(<double>done / goal, _best_score(annealing, shortlist))
    if report is not None and reported < REPORTS:
        report(1.0, _best_score(annealing, shortlist))
    return told(problem, _stops(annealing, shortlist), truncated=truncated, iterations=done)


def search_for_cpu(problem, *, cpu_seconds, seed, enough=None):
    """The best tour found in `cpu_seconds` of this thread; the cooling follows that clock.

    It ends before its time when the score is `enough`, for who knows that there is no better tour.
    For benchmarks: the same seed may give another tour on another day. Raises InvalidQuestion.
    """
    cdef double began = time.thread_time()
    cdef double limit = cpu_seconds
    cdef double target = float("inf") if enough is None else enough
    cdef double planned, spent
    cdef int64_t done = 0
    cdef Annealing annealing
    shortlist = make_shortlist(problem)
    if shortlist.candidate_count == 0 or shortlist.most_stops == 0:
        return told(problem, ())
    annealing = Annealing(shortlist, seed & 0xFFFFFFFFFFFFFFFF)
    planned = time.thread_time() - began
    while not (annealing.is_complete() and done >= ENOUGH_WHEN_COMPLETE):
        spent = time.thread_time() - began
        if spent >= limit:
            break
        if done == FIRST_GUESS:
            annealing.plan_cycles(FIRST_GUESS * (limit - planned) / max(spent - planned, 1e-6))
        annealing.warm(spent / limit)
        with nogil:
            annealing.iterate(SLICE)
        done += SLICE
        if _best_score(annealing, shortlist) >= target:
            break
    return told(problem, _stops(annealing, shortlist), iterations=done)


def _stops(annealing, shortlist):
    """Nodes of the best tour between start and end, numbered as in the problem."""
    return tuple(int(shortlist.origin[node]) for node in annealing.stops())


def _best_score(annealing, shortlist):
    """The best score so far in the asker's unit."""
    return (annealing.score() & (MUST_BONUS - 1)) * shortlist.score_unit
