"""Fills a tour by reward for time, every insertion checked in constant time against the timetable.

Source: P. Vansteenwegen et al., "Iterated local search for the team orienteering problem with time
windows", Computers & Operations Research 36, 2009; here with several windows a place.
"""

from libc.stdint cimport int32_t, int64_t

from solver.dice cimport Dice, throw_below
from solver.gaps cimport Wish, Wishes, noisy, reward_of
from solver.ground cimport Ground
from solver.moves cimport Disturbed, disturb
from solver.timetable cimport NEVER, Timetable, Windows, next_opening, set_times
from solver.walk cimport Walk, arc, insert_stop

cdef int NO_ROOM = 0x3FFFFFFF
cdef int FORCE_TRIES = 50


cdef inline int detour_in_time(
    const Ground *ground,
    const Windows *windows,
    const Walk *walk,
    const Timetable *timetable,
    int node,
    int gap,
    int enough,
) noexcept nogil:
    """Detour plus delay of the next visit when `node` goes behind stops[gap], halved.

    NO_ROOM if that is too late, or certainly not below `enough`: most gaps are too dear even if
    the door is open on arrival, and then nobody has to look at the hours.
    """
    cdef int before = walk.stops[gap]
    cdef int after = walk.stops[gap + 1]
    cdef int onward = arc(ground, node, after)
    cdef int64_t arrival = timetable.begin[gap] + arc(ground, before, node)
    cdef int64_t begin, next_arrival, delay
    cdef int detour = arc(ground, before, node) + onward - arc(ground, before, after)
    if arrival + onward > timetable.latest[gap + 1]:
        return NO_ROOM
    delay = max(<int64_t>0, arrival + onward - timetable.begin[gap + 1])
    if (detour + <int>delay) >> 1 >= enough:
        return NO_ROOM
    begin = next_opening(windows, node, arrival)
    if begin == NEVER:
        return NO_ROOM
    next_arrival = begin + onward
    if next_arrival > timetable.latest[gap + 1]:
        return NO_ROOM
    delay = max(<int64_t>0, next_arrival - timetable.begin[gap + 1])
    # Half and half: waiting may swallow a detour now that a later insertion would need.
    return (detour + <int>delay) >> 1


cdef inline void find_timed_gap(
    const Ground *ground,
    const Windows *windows,
    Walk *walk,
    const Timetable *timetable,
    int node,
) noexcept nogil:
    """Remember the best gap of `node` and its cost, NO_ROOM when there is none."""
    cdef int gap, detour
    walk.gap_cost[node] = NO_ROOM
    for gap in range(walk.length - 1):
        detour = detour_in_time(ground, windows, walk, timetable, node, gap, walk.gap_cost[node])
        if detour < walk.gap_cost[node]:
            walk.gap_cost[node] = detour
            walk.gap_before[node] = walk.stops[gap]


cdef inline void review_timed_gap(
    const Ground *ground,
    const Windows *windows,
    Walk *walk,
    const Timetable *timetable,
    int node,
    int fresh,
) noexcept nogil:
    """After an insertion at position `fresh`: look at the remembered gap and at the two new ones."""
    cdef int gap, detour
    gap = walk.position[walk.gap_before[node]]
    walk.gap_cost[node] = detour_in_time(ground, windows, walk, timetable, node, gap, NO_ROOM)
    for gap in range(fresh - 1, fresh + 1):
        detour = detour_in_time(ground, windows, walk, timetable, node, gap, walk.gap_cost[node])
        if detour < walk.gap_cost[node]:
            walk.gap_cost[node] = detour
            walk.gap_before[node] = walk.stops[gap]
    if walk.gap_cost[node] == NO_ROOM:
        find_timed_gap(ground, windows, walk, timetable, node)


cdef bint fill_timed_gaps(
    const Ground *ground,
    const Windows *windows,
    Walk *walk,
    Timetable *timetable,
    Disturbed *disturbed,
    Wishes *wish_list,
    Dice *dice,
    int taste,
    float noise,
    float toll,
) noexcept nogil:
    """Insert places, the most rewarding first, until none fits; False if the tour was late before."""
    cdef int node, k, kept, chosen, gap
    cdef int count = 0
    cdef Wish *wishes = wish_list.heap
    cdef const float *weight = ground.weight + <int64_t>taste * ground.node_count
    cdef float best, reward
    if not set_times(ground, windows, walk, timetable) or walk.length - 2 > ground.most_stops:
        return False
    if walk.length - 2 == ground.most_stops:
        return True
    for node in range(2, ground.node_count):
        if walk.position[node] >= 0:
            continue
        find_timed_gap(ground, windows, walk, timetable, node)
        if walk.gap_cost[node] == NO_ROOM:
            continue
        wishes[count].node = node
        wish_list.weight[node] = noisy(weight[node], noise, dice)
        count += 1
    while count > 0 and walk.length - 2 < ground.most_stops:
        best = -1.0
        chosen = 0
        for k in range(count):
            node = wishes[k].node
            reward = reward_of(ground, walk, node, wish_list.weight[node], toll)
            if reward > best:
                best = reward
                chosen = k
        node = wishes[chosen].node
        gap = walk.position[walk.gap_before[node]]
        insert_stop(ground, walk, node, gap)
        disturb(disturbed, walk.stops[gap])
        disturb(disturbed, node)
        disturb(disturbed, walk.stops[gap + 2])
        set_times(ground, windows, walk, timetable)
        count -= 1
        wishes[chosen] = wishes[count]
        kept = 0
        for k in range(count):
            review_timed_gap(ground, windows, walk, timetable, wishes[k].node, gap + 1)
            if walk.gap_cost[wishes[k].node] < NO_ROOM:
                wishes[kept] = wishes[k]
                kept += 1
        count = kept
    return True


cdef int force_in_timed(
    const Ground *ground,
    const Windows *windows,
    Walk *walk,
    Timetable *timetable,
    Disturbed *disturbed,
    Dice *dice,
) noexcept nogil:
    """Visit a random unvisited place where it delays the next visit least, late or not; -1 if none."""
    cdef int tries, node, gap
    cdef int chosen = -1
    cdef int64_t begin, cost
    cdef int64_t least = NEVER
    if not set_times(ground, windows, walk, timetable):
        return -1
    for tries in range(FORCE_TRIES):
        node = 2 + throw_below(dice, ground.node_count - 2)
        if walk.position[node] < 0:
            break
    if walk.position[node] >= 0:
        return -1
    for gap in range(walk.length - 1):
        begin = next_opening(
            windows, node, timetable.begin[gap] + arc(ground, walk.stops[gap], node)
        )
        if begin == NEVER:
            continue
        cost = begin + arc(ground, node, walk.stops[gap + 1]) - timetable.begin[gap + 1]
        if cost < least:
            least = cost
            chosen = gap
    if chosen < 0:
        return -1
    insert_stop(ground, walk, node, chosen)
    disturb(disturbed, walk.stops[chosen])
    disturb(disturbed, node)
    disturb(disturbed, walk.stops[chosen + 2])
    return node
