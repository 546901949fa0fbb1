"""Keeps the cheapest gap of every place up to date and fills the tour by reward for detour."""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport calloc, free

from solver.dice cimport Dice
from solver.ground cimport MOST_NEAR, Ground
from solver.moves cimport Disturbed, disturb
from solver.walk cimport VISITED, Walk, arc, insert_stop, is_sparse

cdef int ENOUGH_NEIGHBOURS = 5  # nearest stops whose two gaps are looked at
cdef int FEW_GAPS = 24          # on a shorter tour all gaps are looked at
cdef int REFRESH_NEAR = 12      # places around a changed stop that learn of its new arcs…
cdef int REFRESH_SPARSE = 30    # … on a sparse tour
cdef int NO_GAP = 0x3FFFFFFF  # beyond every budget


cdef class WishMemory:
    """Room for wishes of `node_count` nodes."""

    def __cinit__(self, int node_count):
        self.wishes.heap = <Wish *>calloc(node_count, sizeof(Wish))
        self.wishes.slot = <int32_t *>calloc(node_count, sizeof(int32_t))
        self.wishes.weight = <float *>calloc(node_count, sizeof(float))
        if self.wishes.heap is NULL or self.wishes.slot is NULL or self.wishes.weight is NULL:
            raise MemoryError()

    def __dealloc__(self):
        free(self.wishes.heap)
        free(self.wishes.slot)
        free(self.wishes.weight)


cdef void find_gap(const Ground *ground, Walk *walk, int node) noexcept nogil:
    """Look anew for the cheapest gap of `node`: beside its nearest stops, or else everywhere."""
    cdef const int32_t *near_row = ground.near + <int64_t>node * ground.near_count
    cdef int32_t[MOST_NEAR] places
    cdef int near_count = ground.near_count
    cdef int k, near
    cdef int found = 0
    cdef int last = walk.length - 1
    walk.gap_cost[node] = NO_GAP
    walk.gap_before[node] = -1
    if last > FEW_GAPS:
        for k in range(near_count):
            near = near_row[k]
            if near < 0:
                break
            places[found] = walk.position[near]
            found += places[found] >= 0  # no branch: half of them are visited, at random
    if found == 0:
        try_gaps(ground, walk, node, 0, last)
    for k in range(min(found, ENOUGH_NEIGHBOURS)):
        try_gaps(ground, walk, node, max(places[k] - 1, 0), min(places[k] + 1, last))


cdef inline void try_gaps(const Ground *ground, Walk *walk, int node, int first, int end) noexcept nogil:
    """Remember the cheapest of the gaps from stops[first] to stops[end] if it is cheaper than the one remembered."""
    cdef const int32_t *stops = walk.stops
    cdef const int32_t *onward = ground.arc_cost + <int64_t>node * ground.node_count
    cdef const int32_t *into = ground.arc_into + <int64_t>node * ground.node_count
    cdef int best = walk.gap_cost[node]
    cdef int best_place = -1
    cdef int place, detour
    for place in range(first, end):
        detour = into[stops[place]] + onward[stops[place + 1]] - arc(ground, stops[place], stops[place + 1])
        if detour < best:
            best = detour
            best_place = place
    if best_place >= 0:
        walk.gap_cost[node] = best
        walk.gap_before[node] = stops[best_place]
        walk.gap_after[node] = stops[best_place + 1]


cdef bint gap_exists(const Ground *ground, const Walk *walk, int node) noexcept nogil:
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


cdef inline void offer_gap(Walk *walk, int node, int detour, int before, int after) noexcept nogil:
    """Remember a gap that is cheaper than the one remembered."""
    if detour < walk.gap_cost[node]:
        walk.gap_cost[node] = detour
        walk.gap_before[node] = before
        walk.gap_after[node] = after


cdef inline int refresh_reach(const Ground *ground, const Walk *walk) noexcept nogil:
    """How many places around a stop are told of its arcs."""
    return min(REFRESH_SPARSE if is_sparse(ground, walk) else REFRESH_NEAR, ground.near_count)


cdef void refresh_gaps(const Ground *ground, Walk *walk, Disturbed *disturbed) noexcept nogil:
    """Tell the places around changed stops of the arcs there."""
    cdef int reach = refresh_reach(ground, walk)
    cdef int k, stop, place
    for k in range(disturbed.changed_count):
        stop = disturbed.changed[k]
        disturbed.changed_mark[stop] = 0
        place = walk.position[stop]
        if place > 0:
            offer_around(ground, walk, stop, walk.stops[place - 1], stop, reach)
        if 0 <= place < walk.length - 1:
            offer_around(ground, walk, stop, stop, walk.stops[place + 1], reach)
    disturbed.changed_count = 0


cdef inline void offer_around(
    const Ground *ground, Walk *walk, int stop, int before, int after, int reach
) noexcept nogil:
    """Tell the places around `stop` of the arc before → after."""
    cdef const int32_t *near_row = ground.near + <int64_t>stop * ground.near_count
    cdef const int32_t *onward = ground.arc_cost + <int64_t>before * ground.node_count
    cdef const int32_t *into = ground.arc_into + <int64_t>after * ground.node_count
    cdef int length = onward[after]
    cdef int k, node
    for k in range(reach):
        node = near_row[k]
        if node < 0:
            return
        offer_gap(walk, node, onward[node] + into[node] - length, before, after)


cdef inline void sift_down(Wishes *wishes, int place) noexcept nogil:
    """The wish at `place` sinks until none below is more rewarding."""
    cdef Wish *heap = wishes.heap
    cdef Wish wish = heap[place]
    cdef int below = 2 * place + 1
    while below < wishes.count:
        if below + 1 < wishes.count:
            below += heap[below + 1].reward > heap[below].reward
        if heap[below].reward <= wish.reward:
            break
        heap[place] = heap[below]
        wishes.slot[heap[place].node] = place
        place = below
        below = 2 * place + 1
    heap[place] = wish
    wishes.slot[wish.node] = place


cdef inline void sift_up(Wishes *wishes, int place) noexcept nogil:
    """The wish at `place` rises until none above is less rewarding."""
    cdef Wish *heap = wishes.heap
    cdef Wish wish = heap[place]
    cdef int above = (place - 1) >> 1
    while place > 0 and heap[above].reward < wish.reward:
        heap[place] = heap[above]
        wishes.slot[heap[place].node] = place
        place = above
        above = (place - 1) >> 1
    heap[place] = wish
    wishes.slot[wish.node] = place


cdef void drop_top(Wishes *wishes) noexcept nogil:
    """Strike the most rewarding wish."""
    wishes.slot[wishes.heap[0].node] = -1
    wishes.count -= 1
    if wishes.count > 0:
        wishes.heap[0] = wishes.heap[wishes.count]
        sift_down(wishes, 0)


cdef void lower_top(Wishes *wishes, float reward) noexcept nogil:
    """The wish on top is worth only so much."""
    wishes.heap[0].reward = reward
    sift_down(wishes, 0)


cdef void collect_wishes(
    const Ground *ground, Walk *walk, Wishes *wishes, Dice *dice, int taste, float noise, float toll
) noexcept nogil:
    """Enter every place that may fit.

    A remembered gap that is gone still bounds the detour from below: the place is passed over if
    that is beyond the room left, and looks for another gap only when it comes to the top.
    """
    cdef int64_t room = ground.budget - walk.cost
    cdef const float *weight = ground.weight + <int64_t>taste * ground.node_count
    cdef int node, place
    cdef int count = 0
    cdef Wish *heap = wishes.heap
    for node in range(2, ground.node_count):
        wishes.slot[node] = -1
        heap[count].node = node
        count += (walk.gap_cost[node] <= room) & (walk.gap_cost[node] != VISITED)
    for place in range(count):
        node = heap[place].node
        wishes.slot[node] = place
        wishes.weight[node] = noisy(weight[node], noise, dice)
        heap[place].reward = reward_of(ground, walk, node, wishes.weight[node], toll)
    wishes.count = count
    for place in range((count >> 1) - 1, -1, -1):
        sift_down(wishes, place)


cdef void drop_all_too_dear(Walk *walk, Wishes *wishes, int64_t room) noexcept nogil:
    """Strike every wish that does not fit any more."""
    cdef Wish *heap = wishes.heap
    cdef int place
    cdef int count = 0
    for place in range(wishes.count):
        wishes.slot[heap[place].node] = -1
        heap[count] = heap[place]
        count += walk.gap_cost[heap[place].node] <= room
    for place in range(count):
        wishes.slot[heap[place].node] = place
    wishes.count = count
    for place in range((count >> 1) - 1, -1, -1):
        sift_down(wishes, place)


cdef inline bint top_is_true(
    const Ground *ground, Walk *walk, Wishes *wishes, float toll
) noexcept nogil:
    """Whether the wish on top fits and is worth what it says; if not, it is corrected or dropped."""
    cdef int node = wishes.heap[0].node
    cdef float reward
    cdef int64_t room = ground.budget - walk.cost
    if walk.gap_cost[node] > room:
        drop_all_too_dear(walk, wishes, room)
        return False
    if not gap_exists(ground, walk, node):
        find_gap(ground, walk, node)
        if walk.gap_cost[node] > room:
            drop_top(wishes)
            return False
    elif not ground.grouped:
        return True
    reward = reward_of(ground, walk, node, wishes.weight[node], toll)
    if reward >= wishes.heap[0].reward:
        return True
    lower_top(wishes, reward)
    return False


cdef inline void offer_to_wishes(
    const Ground *ground,
    Walk *walk,
    Wishes *wishes,
    int near_node,
    int before,
    int after,
    float toll,
) noexcept nogil:
    """Tell the places around `near_node`, and their wishes, of the arc before → after."""
    cdef const int32_t *near_row = ground.near + <int64_t>near_node * ground.near_count
    cdef const int32_t *onward = ground.arc_cost + <int64_t>before * ground.node_count
    cdef const int32_t *into = ground.arc_into + <int64_t>after * ground.node_count
    cdef int length = onward[after]
    cdef int k, node, detour, slot
    for k in range(refresh_reach(ground, walk)):
        node = near_row[k]
        if node < 0:
            return
        detour = onward[node] + into[node] - length
        if detour >= walk.gap_cost[node]:
            continue
        walk.gap_cost[node] = detour
        walk.gap_before[node] = before
        walk.gap_after[node] = after
        slot = wishes.slot[node]
        if slot >= 0:
            wishes.heap[slot].reward = reward_of(ground, walk, node, wishes.weight[node], toll)
            sift_up(wishes, slot)


cdef void insert_top(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Wishes *wishes, int gap, float toll
) noexcept nogil:
    """Visit the place on top behind stops[gap] and tell the others of the new arcs."""
    cdef int node = wishes.heap[0].node
    cdef int before = walk.stops[gap]
    cdef int after = walk.stops[gap + 1]
    drop_top(wishes)
    insert_stop(ground, walk, node, gap)
    disturb(disturbed, before)
    disturb(disturbed, node)
    disturb(disturbed, after)
    offer_to_wishes(ground, walk, wishes, node, before, node, toll)
    offer_to_wishes(ground, walk, wishes, node, node, after, toll)
    offer_to_wishes(ground, walk, wishes, before, before, node, toll)
    offer_to_wishes(ground, walk, wishes, after, node, after, toll)


cdef void fill_gaps(
    const Ground *ground,
    Walk *walk,
    Disturbed *disturbed,
    Wishes *wishes,
    Dice *dice,
    int taste,
    float noise,
    float toll,
) noexcept nogil:
    """Insert places, the most rewarding first, until none fits.

    The heap is lazy: insertions only make gaps dearer and groups fuller, so a reward that is out of
    date is too high, and it is enough to correct it when it comes to the top.
    """
    refresh_gaps(ground, walk, disturbed)
    if walk.length - 2 >= ground.most_stops:
        return
    collect_wishes(ground, walk, wishes, dice, taste, noise, toll)
    while wishes.count > 0 and walk.length - 2 < ground.most_stops:
        if top_is_true(ground, walk, wishes, toll):
            insert_top(ground, walk, disturbed, wishes, gap_place(ground, walk, wishes.heap[0].node), toll)
