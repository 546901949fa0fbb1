"""Greedy insertion under opening windows: a gap must also leave every later visit in time."""

from solver.dice cimport Dice
from solver.gaps cimport Wishes
from solver.ground cimport Ground
from solver.moves cimport Disturbed
from solver.timetable cimport Timetable, Windows
from solver.walk cimport Walk

cdef bint fill_timed_gaps(
    const Ground *ground,
    const Windows *windows,
    Walk *walk,
    Timetable *timetable,
    Disturbed *disturbed,
    Wishes *wishes,
    Dice *dice,
    int taste,
    float noise,
    float toll,
) noexcept nogil
