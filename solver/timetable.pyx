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


cdef bint set_times(const Ground *ground, Clock *clock, const Walk *walk, int64_t limit) noexcept nogil:
    """Fill begin and latest; False when a door is closed or the end is not reached by `limit`."""
    cdef const int32_t *stops = walk.stops
    cdef int64_t *begin = clock.timetable.begin
    cdef int64_t *latest = clock.timetable.latest
    cdef int place
    cdef int last = walk.length - 1
    clock.limit = limit
    clock.known = False
    begin[0] = 0
    for place in range(1, last + 1):
        begin[place] = next_opening(
            &clock.windows, stops[place], begin[place - 1] + arc(ground, stops[place - 1], stops[place])
        )
        if begin[place] == NEVER:
            return False
    latest[last] = limit
    for place in range(last - 1, -1, -1):
        latest[place] = last_opening(
            &clock.windows, stops[place], latest[place + 1] - arc(ground, stops[place], stops[place + 1])
        )
    clock.known = begin[last] <= limit
    return clock.known


cdef bint is_timely(
    const Ground *ground, const Clock *clock, const Walk *walk, int first, int last
) noexcept nogil:
    """Whether stops[first..last], in a new order, keep their hours and leave all others theirs."""
    cdef const int32_t *stops = walk.stops
    cdef int64_t moment = clock.timetable.begin[first - 1]
    cdef int place
    for place in range(first, last + 1):
        moment = next_opening(&clock.windows, stops[place], moment + arc(ground, stops[place - 1], stops[place]))
        if moment == NEVER:
            return False
    return moment + arc(ground, stops[last], stops[last + 1]) <= clock.timetable.latest[last + 1]


cdef void adjust_times(
    const Ground *ground, Clock *clock, const Walk *walk, int first, int last
) noexcept nogil:
    """Fill begin and latest again after stops[first..last] have changed, as far as that matters."""
    cdef const int32_t *stops = walk.stops
    cdef int64_t *begin = clock.timetable.begin
    cdef int64_t *latest = clock.timetable.latest
    cdef int64_t moment
    cdef int place
    for place in range(first, walk.length):
        moment = next_opening(
            &clock.windows, stops[place], begin[place - 1] + arc(ground, stops[place - 1], stops[place])
        )
        if place > last and moment == begin[place]:
            break
        begin[place] = moment
    for place in range(last, -1, -1):
        moment = last_opening(
            &clock.windows, stops[place], latest[place + 1] - arc(ground, stops[place], stops[place + 1])
        )
        if place < first and moment == latest[place]:
            break
        latest[place] = moment


cdef void shift_times(const Ground *ground, Clock *clock, const Walk *walk, int place) noexcept nogil:
    """Fill begin and latest again after stops[place] has come in."""
    cdef int later
    for later in range(walk.length - 1, place, -1):
        clock.timetable.begin[later] = clock.timetable.begin[later - 1]
        clock.timetable.latest[later] = clock.timetable.latest[later - 1]
    adjust_times(ground, clock, walk, place, place)


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
    clock.known = False
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
