"""Fills the timetable of a tour forwards and backwards."""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport calloc, free

from solver.ground cimport Ground
from solver.walk cimport Walk, arc

cdef int64_t NEVER = <int64_t>1 << 60


cdef class TimetableMemory:
    """Room for tours over `node_count` nodes; the windows are those of a Shortlist."""

    def __cinit__(self, int node_count, window_first, window_opens, window_closes):
        cdef int32_t[::1] first = window_first
        cdef int64_t[::1] opens = window_opens
        cdef int64_t[::1] closes = window_closes
        self._arrays = (window_first, window_opens, window_closes)
        self.clock.windows.first = &first[0]
        self.clock.windows.opens = &opens[0]
        self.clock.windows.closes = &closes[0]
        self._block = <int64_t *>calloc(2 * <size_t>node_count, sizeof(int64_t))
        if self._block is NULL:
            raise MemoryError()
        self.clock.timetable.begin = self._block
        self.clock.timetable.latest = self._block + node_count

    def __dealloc__(self):
        free(self._block)


cdef inline int64_t last_opening(const Windows *windows, int node, int64_t bound) noexcept nogil:
    """The latest visit of `node` not after `bound`, or -1."""
    cdef int k
    cdef int64_t latest = -1
    for k in range(windows.first[node], windows.first[node + 1]):
        if windows.opens[k] <= bound:
            latest = max(latest, min(bound, windows.closes[k]))
    return latest


cdef bint set_begins(const Ground *ground, Clock *clock, const Walk *walk) noexcept nogil:
    """Fill begin; False when the tour leads to a closed door."""
    cdef const int32_t *stops = walk.stops
    cdef int64_t *begin = clock.timetable.begin
    cdef int place
    cdef int last = walk.length - 1
    begin[0] = 0
    for place in range(1, last + 1):
        begin[place] = next_opening(
            &clock.windows, stops[place], begin[place - 1] + arc(ground, stops[place - 1], stops[place])
        )
        if begin[place] == NEVER:
            return False
    return True


cdef bint keeps_hours(const Ground *ground, Clock *clock, const Walk *walk) noexcept nogil:
    """Whether every door is open and the end is reached by the clock's limit."""
    return (
        set_begins(ground, clock, walk) and clock.timetable.begin[walk.length - 1] <= clock.limit
    )


cdef bint set_times(const Ground *ground, Clock *clock, const Walk *walk) noexcept nogil:
    """Fill begin and latest; False when the tour cannot be walked in time."""
    cdef const int32_t *stops = walk.stops
    cdef int place
    cdef int last = walk.length - 1
    if not set_begins(ground, clock, walk) or clock.timetable.begin[last] > ground.budget:
        return False
    clock.timetable.latest[last] = ground.budget
    for place in range(last - 1, -1, -1):
        clock.timetable.latest[place] = last_opening(
            &clock.windows, stops[place], clock.timetable.latest[place + 1] - arc(ground, stops[place], stops[place + 1])
        )
    return True


cdef int first_late(
    const Ground *ground, Clock *clock, const Walk *walk, int64_t *lateness
) noexcept nogil:
    """Fill begin as if late doors were held open; the first late place and by how much, or 0."""
    cdef const int32_t *stops = walk.stops
    cdef int64_t *begin = clock.timetable.begin
    cdef int place
    cdef int late = 0
    cdef int last = walk.length - 1
    cdef int64_t arrival
    begin[0] = 0
    for place in range(1, last + 1):
        arrival = begin[place - 1] + arc(ground, stops[place - 1], stops[place])
        begin[place] = next_opening(&clock.windows, stops[place], arrival)
        if begin[place] == NEVER:
            begin[place] = arrival
            if late == 0:
                late = place
                lateness[0] = arrival - clock.windows.closes[clock.windows.first[stops[place] + 1] - 1]
    if late == 0 and begin[last] > ground.budget:
        late = last
        lateness[0] = begin[last] - ground.budget
    return late
