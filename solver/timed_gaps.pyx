"""Fills a tour by reward for time, every insertion checked in constant time against the timetable.

Source: P. Vansteenwegen et al., "Iterated local search for the team orienteering problem with time
windows", Computers & Operations Research 36, 2009; here with several windows a place.
"""

from libc.stdint cimport int64_t

from solver.dice cimport Dice
from solver.gaps cimport (
    Wishes,
    collect_wishes,
    drop_all_too_dear,
    drop_top,
    find_gap,
    gap_exists,
    gap_place,
    insert_top,
    lower_top,
    refresh_gaps,
    reward_for,
)
from solver.ground cimport Ground
from solver.moves cimport Disturbed
from solver.timetable cimport NEVER, Clock, next_opening, set_times, shift_times
from solver.walk cimport Walk, arc

cdef int NO_ROOM = 0x3FFFFFFF


cdef inline int detour_in_time(
    const Ground *ground,
    const Clock *clock,
    const Walk *walk,
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
    cdef int64_t arrival = clock.timetable.begin[gap] + arc(ground, before, node)
    cdef int64_t begin, next_arrival, delay
    cdef int detour = arc(ground, before, node) + onward - arc(ground, before, after)
    if arrival + onward > clock.timetable.latest[gap + 1]:
        return NO_ROOM
    delay = max(<int64_t>0, arrival + onward - clock.timetable.begin[gap + 1])
    if (detour + <int>delay) >> 1 >= enough:
        return NO_ROOM
    begin = next_opening(&clock.windows, node, arrival)
    if begin == NEVER:
        return NO_ROOM
    next_arrival = begin + onward
    if next_arrival > clock.timetable.latest[gap + 1]:
        return NO_ROOM
    delay = max(<int64_t>0, next_arrival - clock.timetable.begin[gap + 1])
    # Half and half: waiting may swallow a detour now that a later insertion would need.
    return (detour + <int>delay) >> 1


cdef inline int find_timed_gap(
    const Ground *ground,
    const Clock *clock,
    const Walk *walk,
    int node,
    int *found,
) noexcept nogil:
    """What the best gap of `node` costs and where it is; NO_ROOM when there is none."""
    cdef int gap, cost
    cdef int least = NO_ROOM
    for gap in range(walk.length - 1):
        cost = detour_in_time(ground, clock, walk, node, gap, least)
        if cost < least:
            least = cost
            found[0] = gap
    return least


cdef inline bint top_is_in_time(
    const Ground *ground,
    const Clock *clock,
    Walk *walk,
    Wishes *wishes,
    float toll,
    int *gap,
) noexcept nogil:
    """Whether the wish on top is worth what it says at `gap`; if not, it is corrected or dropped."""
    cdef int node = wishes.heap[0].node
    cdef int64_t room = ground.budget - walk.cost
    cdef int cost
    cdef float reward
    if walk.gap_cost[node] > room:
        drop_all_too_dear(walk, wishes, room)
        return False
    if not gap_exists(ground, walk, node):
        find_gap(ground, walk, node)
        if walk.gap_cost[node] > room:
            drop_top(wishes)
            return False
    gap[0] = gap_place(ground, walk, node)
    cost = detour_in_time(ground, clock, walk, node, gap[0], NO_ROOM)
    if cost > walk.gap_cost[node]:
        cost = find_timed_gap(ground, clock, walk, node, gap)
        # A place that fits nowhere now fits nowhere later: insertions only make visits later.
        if cost == NO_ROOM:
            drop_top(wishes)
            return False
    reward = reward_for(ground, walk, node, wishes.weight[node], cost, toll)
    if reward >= wishes.heap[0].reward:
        return True
    lower_top(wishes, reward)
    return False


cdef bint fill_timed_gaps(
    const Ground *ground,
    Clock *clock,
    Walk *walk,
    Disturbed *disturbed,
    Wishes *wishes,
    Dice *dice,
    int taste,
    float noise,
    float toll,
) noexcept nogil:
    """Insert places, the most rewarding first, until none fits; False if the tour was late before.

    As without windows (see `solver.gaps`), but the place on top must find its gap in time, or any other gap.
    """
    cdef int gap = 0
    if not set_times(ground, clock, walk, ground.budget) or walk.length - 2 > ground.most_stops:
        return False
    refresh_gaps(ground, walk, disturbed)
    if walk.length - 2 == ground.most_stops:
        return True
    collect_wishes(ground, walk, wishes, dice, taste, noise, toll)
    while wishes.count > 0 and walk.length - 2 < ground.most_stops:
        if not top_is_in_time(ground, clock, walk, wishes, toll, &gap):
            continue
        insert_top(ground, walk, disturbed, wishes, gap, toll)
        shift_times(ground, clock, walk, gap + 1)
    return True
