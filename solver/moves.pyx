"""2-opt and Or-opt on lists of near places, driven by a ring of stops whose arcs have changed.

With opening hours a move that would lead to a closed door is taken back at once.
"""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport calloc, free

from solver.ground cimport MOST_NEAR, Ground
from solver.timetable cimport Clock, adjust_times, is_timely, set_times
from solver.walk cimport Walk, arc, is_sparse

cdef int DENSE_NEAR = 20     # near places that are looked at where many of them are visited

cdef enum:
    LONGEST_CHAIN = 3  # stops that Or-opt moves at once (Or, 1976)


cdef struct Nearby:
    int count
    int32_t[MOST_NEAR] places   # where in the tour
    int32_t[MOST_NEAR] costs    # of the arcs that lead there


cdef struct Chain:
    int first       # stops[first..last] may move, `node` at one end
    int last
    int saved       # what the tour is shorter by without it


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
        while shorten_at(ground, walk, disturbed, clock, walk.position[node]):
            pass


cdef bint shorten_at(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Clock *clock, int here
) noexcept nogil:
    """Apply the first improving move that makes stops[here] and a stop near it neighbours."""
    cdef const int32_t *stops = walk.stops
    cdef int end = walk.length - 1
    cdef int onward = arc(ground, stops[here], stops[here + 1]) if here < end else 0
    cdef int backward = arc(ground, stops[here - 1], stops[here]) if here > 0 else 0
    cdef Chain[2 * LONGEST_CHAIN] chains
    cdef int chain_count = list_chains(ground, walk, here, chains)
    cdef Nearby nearby
    cdef int most = max(onward, backward)
    cdef int k, c
    for c in range(chain_count):
        most = max(most, chains[c].saved)
    look_around(ground, walk, stops[here], most, &nearby)
    if not ground.symmetric:
        for k in range(nearby.count):
            if uncross_directed(ground, walk, disturbed, clock, here, nearby.places[k]):
                return True
    elif uncross_onward(ground, walk, disturbed, clock, here, onward, &nearby) or uncross_backward(
        ground, walk, disturbed, clock, here, backward, &nearby
    ):
        return True
    for c in range(chain_count):
        for k in range(nearby.count):
            if nearby.costs[k] >= chains[c].saved and ground.symmetric:
                break
            if move_chain(ground, walk, disturbed, clock, &chains[c], here, nearby.places[k], nearby.costs[k]):
                return True
    return False


cdef inline void look_around(
    const Ground *ground, const Walk *walk, int node, int most, Nearby *nearby
) noexcept nogil:
    """List the stops near `node`, nearest first.

    With symmetric costs only those nearer than `most`, the longest way that a new arc could replace:
    no move to the others gains.
    """
    cdef const int32_t *near_row = ground.near + <int64_t>node * ground.near_count
    cdef const int32_t *near_cost = ground.near_cost + <int64_t>node * ground.near_count
    cdef int reach = ground.near_count if is_sparse(ground, walk) else min(DENSE_NEAR, ground.near_count)
    cdef int k
    nearby.count = 0
    for k in range(reach):
        if near_row[k] < 0 or (near_cost[k] >= most and ground.symmetric):
            return
        nearby.places[nearby.count] = walk.position[near_row[k]]
        nearby.costs[nearby.count] = near_cost[k]
        nearby.count += nearby.places[nearby.count] >= 0  # no branch: it would be guessed wrongly


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


cdef inline bint uncross_onward(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Clock *clock, int here, int onward, const Nearby *nearby
) noexcept nogil:
    """2-opt, symmetric: the arcs onward of stops[here] and of a near stop give way to two others."""
    cdef const int32_t *stops = walk.stops
    cdef int k, there, gain
    for k in range(nearby.count):
        if nearby.costs[k] >= onward:
            return False
        there = nearby.places[k]
        if there == walk.length - 1:
            continue
        gain = onward - nearby.costs[k] + arc(ground, stops[there], stops[there + 1])
        gain -= arc(ground, stops[here + 1], stops[there + 1])
        if gain > 0 and uncross(ground, walk, disturbed, clock, min(here, there), max(here, there), gain):
            return True
    return False


cdef inline bint uncross_backward(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Clock *clock, int here, int backward, const Nearby *nearby
) noexcept nogil:
    """2-opt, symmetric: the arcs that lead to stops[here] and to a near stop give way to two others."""
    cdef const int32_t *stops = walk.stops
    cdef int k, there, gain
    for k in range(nearby.count):
        if nearby.costs[k] >= backward:
            return False
        there = nearby.places[k]
        if there == 0:
            continue
        gain = backward - nearby.costs[k] + arc(ground, stops[there - 1], stops[there])
        gain -= arc(ground, stops[here - 1], stops[there - 1])
        if gain > 0 and uncross(ground, walk, disturbed, clock, min(here, there) - 1, max(here, there) - 1, gain):
            return True
    return False


cdef inline bint uncross(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Clock *clock, int first, int second, int gain
) noexcept nogil:
    """Turn what lies between the arcs onward of stops[first] and stops[second], unless that is too late."""
    if not turn(ground, walk, clock, first + 1, second):
        return False
    walk.cost -= gain
    disturb_both_arcs(walk, disturbed, first, second)
    return True


cdef inline void disturb_both_arcs(const Walk *walk, Disturbed *disturbed, int first, int second) noexcept nogil:
    """The arcs onward of stops[first] and stops[second] are new."""
    disturb(disturbed, walk.stops[first])
    disturb(disturbed, walk.stops[second])
    disturb(disturbed, walk.stops[first + 1])
    disturb(disturbed, walk.stops[second + 1])


cdef bint uncross_directed(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Clock *clock, int here, int there
) noexcept nogil:
    """2-opt with one-way costs: the stops between two cut arcs are walked the other way round.

    Either both stops come before the arcs that are cut, or both behind them; what turning costs is
    summed along the part.
    """
    cdef int side, first, last
    for side in range(2):
        first = min(here, there) + 1 - side
        last = max(here, there) - side
        if first < 1 or last > walk.length - 2 or first >= last:
            continue
        if turn_if_shorter(ground, walk, clock, first, last):
            disturb_both_arcs(walk, disturbed, first - 1, last)
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


cdef inline int list_chains(const Ground *ground, const Walk *walk, int here, Chain *chains) noexcept nogil:
    """The chains of up to three stops with stops[here] at one end whose going makes the tour shorter; how many."""
    cdef const int32_t *stops = walk.stops
    cdef int end = walk.length - 1
    cdef int count = 0
    cdef int size, side, first, last
    if here == 0 or here == end:
        return 0
    for size in range(1, LONGEST_CHAIN + 1):
        for side in range(1 if size == 1 else 2):
            first = here - side * (size - 1)
            last = first + size - 1
            if first < 1 or last >= end:
                continue
            chains[count].first = first
            chains[count].last = last
            chains[count].saved = (
                arc(ground, stops[first - 1], stops[first])
                + arc(ground, stops[last], stops[last + 1])
                - arc(ground, stops[first - 1], stops[last + 1])
            )
            count += chains[count].saved > 0
    return count


cdef inline bint move_chain(
    const Ground *ground,
    Walk *walk,
    Disturbed *disturbed,
    Clock *clock,
    const Chain *chain,
    int here,
    int there,
    int new,
) noexcept nogil:
    """Or-opt: move the chain into one of the gaps beside stops[there] if that is shorter.

    `new` is the cost of the arc between stops[here], an end of the chain, and stops[there].
    """
    cdef int32_t *stops = walk.stops
    cdef int first = chain.first
    cdef int last = chain.last
    cdef int head = stops[first]
    cdef int tail = stops[last]
    cdef int other = tail if here == first else head
    cdef int before = stops[first - 1]
    cdef int after = stops[last + 1]
    cdef int side, gap, left, right, more
    cdef bint turned
    if first <= there <= last:
        return False
    for side in range(2):
        gap = there - side  # between stops[gap] and stops[gap + 1]
        if gap < 0 or gap >= walk.length - 1 or first - 1 <= gap <= last:
            continue
        left = stops[gap]
        right = stops[gap + 1]
        # stops[here] comes to lie beside stops[there], which decides whether the chain is turned.
        turned = first < last and (here == first) != (side == 0)
        if ground.symmetric:
            more = new + arc(ground, other, left if side else right)
        elif turned:
            more = arc(ground, left, tail) + arc(ground, head, right) + chain_turning(ground, stops, first, last)
        else:
            more = arc(ground, left, head) + arc(ground, tail, right)
        more -= arc(ground, left, right)
        if more >= chain.saved or not shift(ground, walk, clock, first, last, gap, turned):
            continue
        walk.cost += more - chain.saved
        disturb(disturbed, before)
        disturb(disturbed, after)
        disturb(disturbed, head)
        disturb(disturbed, tail)
        disturb(disturbed, left)
        disturb(disturbed, right)
        return True
    return False


cdef inline int chain_turning(
    const Ground *ground, const int32_t *stops, int first, int last
) noexcept nogil:
    """What walking stops[first..last] the other way round costs more."""
    cdef int place
    cdef int more = 0
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
