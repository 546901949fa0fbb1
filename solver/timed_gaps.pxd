"""Greedy insertion under opening windows: a gap must also leave every later visit in time."""

from solver.dice cimport Dice
from solver.gaps cimport Wishes
from solver.ground cimport Ground
from solver.moves cimport Disturbed
from solver.timetable cimport Clock
from solver.walk cimport Walk

cdef bint fill_timed_gaps(
    const Ground *ground,
    Clock *clock,
    Walk *walk,
    Disturbed *disturbed,
    Wishes *wishes,
    Dice *dice,
    int taste,
    float noise,
    float toll,
) noexcept nogil
