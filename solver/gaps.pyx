"""Keeps the cheapest gap of every place up to date and fills the tour by reward for detour."""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport calloc, free

from solver.dice cimport Dice, throw_bits
from solver.ground cimport Ground
from solver.moves cimport Disturbed, disturb
from solver.walk cimport Walk, arc, insert_stop, score_gain

cdef int ENOUGH_NEIGHBOURS = 5  # nearest stops whose two gaps are looked at
cdef int REFRESH_NEAR = 12      # places around a changed stop that learn of its new arcs
cdef int NO_GAP = 0x3FFFFFFF


cdef class WishList:
    """Room for `node_count` wishes."""

    def __cinit__(self, int node_count):
        self.wishes = <Wish *>calloc(node_count, sizeof(Wish))
        if self.wishes is NULL:
            raise MemoryError()

    def __dealloc__(self):
        free(self.wishes)


cdef inline void try_gap(
    const Ground *ground, Walk *walk, int node, int before, int after
) noexcept nogil:
    """Remember the gap before → after for `node` if it is the cheapest known."""
    cdef int detour = (
        arc(ground, before, node) + arc(ground, node, after) - arc(ground, before, after)
    )
    if detour < walk.gap_cost[node]:
        walk.gap_cost[node] = detour
        walk.gap_before[node] = before
        walk.gap_after[node] = after


cdef void find_gap(const Ground *ground, Walk *walk, int node) noexcept nogil:
    """Look anew for the cheapest gap of `node`: beside its nearest stops, or else everywhere."""
    cdef const int32_t *near_row = ground.near + <int64_t>node * ground.near_count
    cdef int k, there, found = 0
    walk.gap_cost[node] = NO_GAP
    walk.gap_before[node] = -1
    for k in range(ground.near_count):
        if near_row[k] < 0:
            break
        there = walk.position[near_row[k]]
        if there < 0:
            continue
        if there < walk.length - 1:
            try_gap(ground, walk, node, near_row[k], walk.stops[there + 1])
        if there > 0:
            try_gap(ground, walk, node, walk.stops[there - 1], near_row[k])
        found += 1
        if found == ENOUGH_NEIGHBOURS:
            return
    if found:
        return
    for there in range(walk.length - 1):
        try_gap(ground, walk, node, walk.stops[there], walk.stops[there + 1])


cdef inline bint gap_exists(const Ground *ground, const Walk *walk, int node) noexcept nogil:
    """Whether the remembered gap of `node` is still a gap of the tour."""
    cdef int before = walk.gap_before[node]
    cdef int step
    if before < 0 or walk.position[before] < 0 or walk.position[walk.gap_after[node]] < 0:
        return False
    step = walk.position[walk.gap_after[node]] - walk.position[before]
    return step == 1 or (ground.symmetric and step == -1)


cdef int gap_place(const Ground *ground, const Walk *walk, int node) noexcept nogil:
    """Index in stops after which `node` would go."""
    return min(walk.position[walk.gap_before[node]], walk.position[walk.gap_after[node]])


cdef inline void offer_arc(
    const Ground *ground, Walk *walk, int near_node, int before, int after
) noexcept nogil:
    """Tell the places around `near_node` of the arc before → after."""
    cdef const int32_t *near_row = ground.near + <int64_t>near_node * ground.near_count
    cdef int k
    for k in range(min(REFRESH_NEAR, ground.near_count)):
        if near_row[k] < 0:
            return
        if walk.position[near_row[k]] < 0:
            try_gap(ground, walk, near_row[k], before, after)


cdef void refresh_gaps(const Ground *ground, Walk *walk, Disturbed *disturbed) noexcept nogil:
    """Tell the places around changed stops of the new arcs."""
    cdef int k, node, here
    for k in range(disturbed.changed_count):
        node = disturbed.changed[k]
        disturbed.changed_mark[node] = 0
        here = walk.position[node]
        if here < 0:
            continue
        if here > 0:
            offer_arc(ground, walk, node, walk.stops[here - 1], node)
        if here < walk.length - 1:
            offer_arc(ground, walk, node, node, walk.stops[here + 1])
    disturbed.changed_count = 0


cdef inline float reward(
    const Ground *ground, const Walk *walk, Wish *wish, float toll
) noexcept nogil:
    """Weight for detour; `toll` is what a stop costs beside its detour when stops are few."""
    cdef float weight = wish.weight
    cdef int detour = walk.gap_cost[wish.node]
    if ground.grouped and ground.group[wish.node] >= 0:
        weight *= <float>(
            <double>score_gain(ground, walk, wish.node) / <double>ground.score[wish.node]
        )
    return weight / ((<float>detour if detour > 0 else <float>0.5) + toll)


cdef void fill_gaps(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Wish *wishes, Dice *dice, float noise, float toll
) noexcept nogil:
    """Insert places, the most rewarding first, until none fits.

    A remembered gap that is gone still bounds the detour from below, so places beyond the room left
    are passed over without looking.
    """
    cdef int64_t room = ground.budget - walk.cost
    cdef int node, k, kept, chosen, gap, before, after
    cdef int count = 0
    cdef float best, offer
    refresh_gaps(ground, walk, disturbed)
    if walk.length - 2 >= ground.most_stops:
        return
    for node in range(2, ground.node_count):
        if walk.position[node] >= 0 or walk.gap_cost[node] > room:
            continue
        if not gap_exists(ground, walk, node):
            find_gap(ground, walk, node)
            if walk.gap_cost[node] > room:
                continue
        wishes[count].node = node
        wishes[count].weight = ground.weight[node] * (
            <float>1.0 + noise * (<float>(throw_bits(dice) >> 40) * <float>(2.0 / 16777216.0) - <float>1.0)
        )
        count += 1
    while count > 0:
        room = ground.budget - walk.cost
        best = -1.0
        chosen = -1
        kept = 0
        for k in range(count):
            node = wishes[k].node
            if walk.gap_cost[node] > room:
                continue
            if not gap_exists(ground, walk, node):
                find_gap(ground, walk, node)
                if walk.gap_cost[node] > room:
                    continue
            wishes[kept] = wishes[k]
            offer = reward(ground, walk, &wishes[kept], toll)
            if offer > best:
                best = offer
                chosen = kept
            kept += 1
        count = kept
        if chosen < 0:
            return
        node = wishes[chosen].node
        gap = gap_place(ground, walk, node)
        before = walk.stops[gap]
        after = walk.stops[gap + 1]
        insert_stop(ground, walk, node, gap)
        count -= 1
        wishes[chosen] = wishes[count]
        disturb(disturbed, before)
        disturb(disturbed, node)
        disturb(disturbed, after)
        offer_new_arcs(ground, walk, before, node, after)
        if walk.length - 2 >= ground.most_stops:
            return


cdef inline void offer_new_arcs(
    const Ground *ground, Walk *walk, int before, int node, int after
) noexcept nogil:
    """Tell the places around a fresh insertion of its two arcs."""
    offer_arc(ground, walk, node, before, node)
    offer_arc(ground, walk, node, node, after)
    offer_arc(ground, walk, before, before, node)
    offer_arc(ground, walk, before, node, after)
    offer_arc(ground, walk, after, before, node)
    offer_arc(ground, walk, after, node, after)
