"""Forces places in where they make the walk least late, and takes stops out until all is in time."""

from solver.dice cimport Dice
from solver.ground cimport Ground
from solver.moves cimport Disturbed
from solver.ruin cimport Guarded
from solver.timetable cimport Clock
from solver.walk cimport Walk

cdef void force_in_timed(
    const Ground *ground,
    Clock *clock,
    Walk *walk,
    Disturbed *disturbed,
    Guarded *guarded,
    Dice *dice,
    int wanted,
    int draws,
) noexcept nogil
cdef void make_timely(
    const Ground *ground,
    Clock *clock,
    Walk *walk,
    Disturbed *disturbed,
    const Guarded *guarded,
    Dice *dice,
) noexcept nogil
cdef void insert_least_late(
    const Ground *ground,
    Clock *clock,
    Walk *walk,
    Disturbed *disturbed,
    Guarded *guarded,
    int node,
) noexcept nogil
cdef void cut_until_timely(
    const Ground *ground, Clock *clock, Walk *walk, Disturbed *disturbed, Guarded *guarded, Dice *dice
) noexcept nogil
