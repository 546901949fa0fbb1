"""When every stop of a tour begins at the earliest and may begin at the latest, given opening windows.

Times are those of a visit's middle, doubled: 2 · begin + visit. Between two of them lies exactly the
folded arc cost, so that here, too, visits need not be known.
"""

from libc.stdint cimport int32_t, int64_t

from solver.ground cimport Ground
from solver.walk cimport Walk

cdef int64_t NEVER

cdef struct Windows:
    int32_t *first          # windows of node v: first[v] .. first[v + 1], by opening
    int64_t *opens
    int64_t *closes


cdef struct Timetable:
    int64_t *begin          # by position: the earliest middle of the visit, waiting included
    int64_t *latest         # by position: the latest middle that keeps all later windows


cdef struct Clock:
    Windows windows
    Timetable timetable
    int64_t limit           # when the end must be reached: the budget, or NEVER while a tour is too long
    bint known              # whether the timetable is that of the tour, which keeps all hours


cdef class TimetableMemory:
    """Owns one Clock."""

    cdef Clock clock
    cdef object _arrays
    cdef int64_t *_block


cdef inline int64_t next_opening(const Windows *windows, int node, int64_t arrival) noexcept nogil:
    """The earliest visit of `node` from `arrival` on, or NEVER."""
    cdef int k
    for k in range(windows.first[node], windows.first[node + 1]):
        if arrival <= windows.closes[k]:
            return max(arrival, windows.opens[k])
    return NEVER


cdef bint set_times(const Ground *ground, Clock *clock, const Walk *walk, int64_t limit) noexcept nogil
cdef bint is_timely(
    const Ground *ground, const Clock *clock, const Walk *walk, int first, int last
) noexcept nogil
cdef void adjust_times(
    const Ground *ground, Clock *clock, const Walk *walk, int first, int last
) noexcept nogil
cdef void shift_times(const Ground *ground, Clock *clock, const Walk *walk, int place) noexcept nogil
cdef int first_late(
    const Ground *ground, Clock *clock, const Walk *walk, int64_t *lateness
) noexcept nogil
