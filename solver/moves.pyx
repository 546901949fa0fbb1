"""2-opt and Or-opt on lists of near places, driven by a ring of stops whose arcs have changed."""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport calloc, free

from solver.ground cimport MOST_NEAR, Ground
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


cdef void shorten(const Ground *ground, Walk *walk, Disturbed *disturbed) noexcept nogil:
    """Apply improving moves at disturbed stops until none of them has one left."""
    cdef int node
    while disturbed.count > 0:
        node = disturbed.ring[disturbed.head]
        disturbed.head += 1
        if disturbed.head == disturbed.capacity:
            disturbed.head = 0
        disturbed.count -= 1
        disturbed.waiting[node] = 0
        if walk.position[node] < 0:
            continue
        while shorten_at(ground, walk, disturbed, node):
            pass


cdef bint shorten_at(const Ground *ground, Walk *walk, Disturbed *disturbed, int node) noexcept nogil:
    """Apply the first improving move that makes `node` and a place near it neighbours.

    With symmetric costs no move gains where the new arc is as long as everything it could replace.
    """
    cdef const int32_t *stops = walk.stops
    cdef int here = walk.position[node]
    cdef int end = walk.length - 1
    cdef int onward = arc(ground, node, stops[here + 1]) if here < end else 0
    cdef int backward = arc(ground, stops[here - 1], node) if here > 0 else 0
    cdef Chain[2 * LONGEST_CHAIN] chains
    cdef int chain_count = list_chains(ground, walk, here, chains)
    cdef Nearby nearby
    cdef int most = max(onward, backward)
    cdef int k, c, there, gain
    for c in range(chain_count):
        most = max(most, chains[c].saved)
    look_around(ground, walk, node, most, &nearby)
    if not ground.symmetric:
        for k in range(nearby.count):
            if uncross_directed(ground, walk, disturbed, here, nearby.places[k]):
                return True
    else:
        for k in range(nearby.count):
            if nearby.costs[k] >= onward:
                break
            there = nearby.places[k]
            if there == end:
                continue
            gain = onward - nearby.costs[k] + arc(ground, stops[there], stops[there + 1])
            if gain > arc(ground, stops[here + 1], stops[there + 1]):
                uncross(ground, walk, disturbed, min(here, there), max(here, there))
                return True
        for k in range(nearby.count):
            if nearby.costs[k] >= backward:
                break
            there = nearby.places[k]
            if there == 0:
                continue
            gain = backward - nearby.costs[k] + arc(ground, stops[there - 1], stops[there])
            if gain > arc(ground, stops[here - 1], stops[there - 1]):
                uncross(ground, walk, disturbed, min(here, there) - 1, max(here, there) - 1)
                return True
    for c in range(chain_count):
        for k in range(nearby.count):
            if nearby.costs[k] >= chains[c].saved and ground.symmetric:
                break
            if move_chain(ground, walk, disturbed, &chains[c], here, nearby.places[k], nearby.costs[k]):
                return True
    return False


cdef inline void look_around(
    const Ground *ground, const Walk *walk, int node, int most, Nearby *nearby
) noexcept nogil:
    """List the stops near `node`, nearest first; with symmetric costs those nearer than `most`."""
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


cdef void uncross(const Ground *ground, Walk *walk, Disturbed *disturbed, int first, int second) noexcept nogil:
    """2-opt, symmetric: the arcs onward of stops[first] and stops[second] give way to two others."""
    cdef int32_t *stops = walk.stops
    cdef int a = stops[first]
    cdef int b = stops[first + 1]
    cdef int c = stops[second]
    cdef int d = stops[second + 1]
    walk.cost += arc(ground, a, c) + arc(ground, b, d) - arc(ground, a, b) - arc(ground, c, d)
    reverse(walk, first + 1, second)
    disturb_four(disturbed, a, b, c, d)


cdef inline void disturb_four(
    Disturbed *disturbed, int one, int two, int three, int four
) noexcept nogil:
    disturb(disturbed, one)
    disturb(disturbed, two)
    disturb(disturbed, three)
    disturb(disturbed, four)


cdef bint uncross_directed(
    const Ground *ground, Walk *walk, Disturbed *disturbed, int here, int there
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
        if turn_if_shorter(ground, walk, first, last):
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
    const Ground *ground, Walk *walk, int first, int last
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
    if gain <= 0:
        return False
    reverse(walk, first, last)
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
    const Ground *ground, Walk *walk, Disturbed *disturbed, const Chain *chain, int here, int there, int new
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
    cdef int before, after
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
        if more >= chain.saved:
            continue
        before = stops[first - 1]
        after = stops[last + 1]
        walk.cost += more - chain.saved
        shift_chain(walk, first, last, gap, turned)
        disturb_four(disturbed, before, after, head, tail)
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
