"""2-opt and Or-opt on lists of near places, driven by a ring of stops whose arcs have changed.

With opening hours a move that would lead to a closed door is taken back at once.
"""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport calloc, free

from solver.ground cimport MOST_NEAR, Ground
from solver.timetable cimport Clock, adjust_times, is_timely, set_times
from solver.walk cimport Walk, arc, is_sparse

cdef int DENSE_NEAR = 20     # near places that are looked at where many of them are visited
cdef int LONGEST_CHAIN = 3  # stops that Or-opt moves at once (Or, 1976)


cdef struct Nearby:
    int count
    int32_t[MOST_NEAR] stops


cdef class DisturbedMemory:
    """A ring and a list for `node_count` nodes, each at most once in either."""

    def __cinit__(self, int node_count):
        self._block = <int32_t *>calloc(4 * <size_t>node_count, sizeof(int32_t))
        if self._block is NULL:
            raise MemoryError()
        self.disturbed.ring = self._block
        self.disturbed.waiting = self._block + node_count
        self.disturbed.changed = self._block + 2 * node_count
        self.disturbed.changed_mark = self._block + 3 * node_count
        self.disturbed.capacity = node_count

    def __dealloc__(self):
        free(self._block)


cdef void shorten(const Ground *ground, Walk *walk, Disturbed *disturbed, Clock *clock) noexcept nogil:
    """Apply improving moves at disturbed stops until none of them has one left; no clock, no hours."""
    cdef Nearby nearby
    cdef int node
    if clock is not NULL:
        clock.known = False
    while disturbed.count > 0:
        node = disturbed.ring[disturbed.head]
        disturbed.head += 1
        if disturbed.head == disturbed.capacity:
            disturbed.head = 0
        disturbed.count -= 1
        disturbed.waiting[node] = 0
        if walk.position[node] < 0:
            continue
        look_around(ground, walk, node, &nearby)
        while shorten_at(ground, walk, disturbed, clock, node, &nearby):
            pass


cdef inline void look_around(
    const Ground *ground, const Walk *walk, int node, Nearby *nearby
) noexcept nogil:
    """List the stops among the places near `node`, nearest first; moves do not change them."""
    cdef const int32_t *near_row = ground.near + <int64_t>node * ground.near_count
    cdef int k
    cdef int reach = ground.near_count if is_sparse(ground, walk) else min(DENSE_NEAR, ground.near_count)
    nearby.count = 0
    for k in range(reach):
        if near_row[k] < 0:
            return
        nearby.stops[nearby.count] = near_row[k]
        nearby.count += walk.position[near_row[k]] >= 0  # no branch: it would be guessed wrongly


cdef inline bint shorten_at(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Clock *clock, int node, const Nearby *nearby
) noexcept nogil:
    """Apply the first improving move that gives `node` a new and shorter arc."""
    if ground.symmetric:
        return (
            uncross_onward(ground, walk, disturbed, clock, node, nearby)
            or uncross_backward(ground, walk, disturbed, clock, node, nearby)
            or move_chains(ground, walk, disturbed, clock, node, nearby)
        )
    return (
        uncross_directed(ground, walk, disturbed, clock, node, nearby)
        or move_chains(ground, walk, disturbed, clock, node, nearby)
    )


cdef inline void reverse(Walk *walk, int first, int last) noexcept nogil:
    """Walk stops[first..last] the other way round."""
    cdef int32_t *stops = walk.stops
    cdef int32_t *position = walk.position
    cdef int one, other
    while first < last:
        one = stops[first]
        other = stops[last]
        stops[first] = other
        position[other] = first
        stops[last] = one
        position[one] = last
        first += 1
        last -= 1


cdef inline bint know_times(const Ground *ground, const Walk *walk, Clock *clock) noexcept nogil:
    """Fill the timetable before the first move; False if the tour is late as it is."""
    return clock.known or set_times(ground, clock, walk, clock.limit)


cdef inline bint turn(
    const Ground *ground, Walk *walk, Clock *clock, int first, int last
) noexcept nogil:
    """Walk stops[first..last] the other way round, unless that is too late somewhere."""
    if clock is NULL:
        reverse(walk, first, last)
        return True
    if not know_times(ground, walk, clock):
        return False
    reverse(walk, first, last)
    if is_timely(ground, clock, walk, first, last):
        adjust_times(ground, clock, walk, first, last)
        return True
    reverse(walk, first, last)
    return False


cdef bint uncross_onward(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Clock *clock, int node, const Nearby *nearby
) noexcept nogil:
    """2-opt, symmetric: arcs node → x and near → y become node → near and x → y."""
    cdef int here = walk.position[node]
    if here == walk.length - 1:
        return False
    cdef int x = walk.stops[here + 1]
    cdef int old = arc(ground, node, x)
    cdef int k, near, there, y, new, gain
    for k in range(nearby.count):
        near = nearby.stops[k]
        new = arc(ground, node, near)
        if new >= old:
            break
        there = walk.position[near]
        if there == walk.length - 1:
            continue
        y = walk.stops[there + 1]
        gain = old + arc(ground, near, y) - new - arc(ground, x, y)
        if gain <= 0:
            continue
        if not turn(ground, walk, clock, min(here, there) + 1, max(here, there)):
            continue
        walk.cost -= gain
        disturb_four(disturbed, node, near, x, y)
        return True
    return False


cdef bint uncross_backward(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Clock *clock, int node, const Nearby *nearby
) noexcept nogil:
    """2-opt, symmetric: arcs x → node and y → near become near → node and y → x."""
    cdef int here = walk.position[node]
    if here == 0:
        return False
    cdef int x = walk.stops[here - 1]
    cdef int old = arc(ground, node, x)
    cdef int k, near, there, y, new, gain
    for k in range(nearby.count):
        near = nearby.stops[k]
        new = arc(ground, node, near)
        if new >= old:
            break
        there = walk.position[near]
        if there == 0:
            continue
        y = walk.stops[there - 1]
        gain = old + arc(ground, near, y) - new - arc(ground, x, y)
        if gain <= 0:
            continue
        if not turn(ground, walk, clock, min(here, there), max(here, there) - 1):
            continue
        walk.cost -= gain
        disturb_four(disturbed, node, near, x, y)
        return True
    return False


cdef inline void disturb_four(
    Disturbed *disturbed, int one, int two, int three, int four
) noexcept nogil:
    disturb(disturbed, one)
    disturb(disturbed, two)
    disturb(disturbed, three)
    disturb(disturbed, four)


cdef bint uncross_directed(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Clock *clock, int node, const Nearby *nearby
) noexcept nogil:
    """2-opt with one-way costs: the stops between two cut arcs are walked the other way round.

    Both cut arcs may have `node` as their tail or as the head after the turn, so that either end of
    the turned part is looked at; what turning costs is summed along the part.
    """
    cdef int here = walk.position[node]
    cdef int k, there, first, last, side
    for k in range(nearby.count):
        there = walk.position[nearby.stops[k]]
        for side in range(2):
            # node and its near place become neighbours: as last stop kept and first turned, or the
            # other way round behind the turned part.
            first = min(here, there) + 1 - side
            last = max(here, there) - side
            if first < 1 or last > walk.length - 2 or first >= last:
                continue
            if turn_if_shorter(ground, walk, clock, first, last):
                disturb_four(
                    disturbed,
                    walk.stops[first - 1],
                    walk.stops[first],
                    walk.stops[last],
                    walk.stops[last + 1],
                )
                return True
    return False


cdef inline bint turn_if_shorter(
    const Ground *ground, Walk *walk, Clock *clock, int first, int last
) noexcept nogil:
    cdef int32_t *stops = walk.stops
    cdef int place
    cdef int64_t gain = (
        <int64_t>arc(ground, stops[first - 1], stops[first])
        + arc(ground, stops[last], stops[last + 1])
        - arc(ground, stops[first - 1], stops[last])
        - arc(ground, stops[first], stops[last + 1])
    )
    for place in range(first, last):
        gain += arc(ground, stops[place], stops[place + 1])
        gain -= arc(ground, stops[place + 1], stops[place])
    if gain <= 0 or not turn(ground, walk, clock, first, last):
        return False
    walk.cost -= gain
    return True


cdef bint move_chains(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Clock *clock, int node, const Nearby *nearby
) noexcept nogil:
    """Or-opt: a chain of up to three stops with `node` at one end moves beside a place near it."""
    cdef int here = walk.position[node]
    cdef int size
    if here == 0 or here == walk.length - 1:
        return False
    for size in range(1, LONGEST_CHAIN + 1):
        if here + size - 1 < walk.length - 1 and move_chain(
            ground, walk, disturbed, clock, node, nearby, here, here + size - 1
        ):
            return True
        if size > 1 and here - size + 1 > 0 and move_chain(
            ground, walk, disturbed, clock, node, nearby, here - size + 1, here
        ):
            return True
    return False


cdef bint move_chain(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Clock *clock, int node, const Nearby *nearby, int first, int last
) noexcept nogil:
    """Move stops[first..last] to the first gap beside a near place where that is shorter."""
    cdef int32_t *stops = walk.stops
    cdef int head = stops[first]
    cdef int tail = stops[last]
    cdef int before = stops[first - 1]
    cdef int after = stops[last + 1]
    cdef int saved = (
        arc(ground, before, head) + arc(ground, tail, after) - arc(ground, before, after)
    )
    cdef int k, near, there, side, gap, left, right, ahead, turned, turning
    if saved <= 0:
        return False
    for k in range(nearby.count):
        near = nearby.stops[k]
        if ground.symmetric and arc(ground, node, near) >= saved:
            break
        there = walk.position[near]
        if first <= there <= last:
            continue
        for side in range(2):
            gap = there - side  # between stops[gap] and stops[gap + 1]
            if gap < 0 or gap >= walk.length - 1 or first - 1 <= gap <= last:
                continue
            left = stops[gap]
            right = stops[gap + 1]
            # `node` comes to lie beside `near`, which decides whether the chain is turned.
            turned = (node == head) != (side == 0)
            if first == last:
                turned = 0
            if turned:
                ahead = arc(ground, left, tail) + arc(ground, head, right)
                turning = chain_turning(ground, stops, first, last)
            else:
                ahead = arc(ground, left, head) + arc(ground, tail, right)
                turning = 0
            if ahead - arc(ground, left, right) + turning >= saved:
                continue
            if not shift(ground, walk, clock, first, last, gap, turned):
                continue
            walk.cost += ahead - arc(ground, left, right) + turning - saved
            disturb_four(disturbed, before, after, head, tail)
            disturb(disturbed, left)
            disturb(disturbed, right)
            return True
    return False


cdef inline int chain_turning(
    const Ground *ground, const int32_t *stops, int first, int last
) noexcept nogil:
    """What walking stops[first..last] the other way round costs more; nothing when symmetric."""
    cdef int place
    cdef int more = 0
    if ground.symmetric:
        return 0
    for place in range(first, last):
        more += arc(ground, stops[place + 1], stops[place]) - arc(ground, stops[place], stops[place + 1])
    return more


cdef inline void shift_chain(Walk *walk, int first, int last, int gap, bint turned) noexcept nogil:
    """Move stops[first..last] behind what is now stops[gap], turned or not."""
    cdef int32_t *stops = walk.stops
    cdef int32_t chain[3]
    cdef int size = last - first + 1
    cdef int place, target
    for place in range(size):
        chain[place] = stops[last - place] if turned else stops[first + place]
    if gap < first:
        place = last
        while place > gap + size:
            stops[place] = stops[place - size]
            walk.position[stops[place]] = place
            place -= 1
        target = gap + 1
    else:
        for place in range(first, gap - size + 1):
            stops[place] = stops[place + size]
            walk.position[stops[place]] = place
        target = gap - size + 1
    for place in range(size):
        stops[target + place] = chain[place]
        walk.position[chain[place]] = target + place


cdef inline bint shift(
    const Ground *ground, Walk *walk, Clock *clock, int first, int last, int gap, bint turned
) noexcept nogil:
    """`shift_chain`, unless that is too late somewhere."""
    cdef int left = min(first, gap + 1)
    cdef int right = max(last, gap)
    if clock is NULL:
        shift_chain(walk, first, last, gap, turned)
        return True
    if not know_times(ground, walk, clock):
        return False
    shift_chain(walk, first, last, gap, turned)
    if is_timely(ground, clock, walk, left, right):
        adjust_times(ground, clock, walk, left, right)
        return True
    shift_back(walk, first, last, gap, turned)
    return False


cdef inline void shift_back(Walk *walk, int first, int last, int gap, bint turned) noexcept nogil:
    """Undo the `shift_chain` of the same arguments."""
    cdef int size = last - first + 1
    if gap < first:
        shift_chain(walk, gap + 1, gap + size, last, turned)
    else:
        shift_chain(walk, gap - size + 1, gap, first - 1, turned)
