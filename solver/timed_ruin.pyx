"""The ruin of tours with opening hours: what `solver.ruin` does by length is done here by lateness."""

from libc.stdint cimport int32_t, int64_t

from solver.dice cimport Dice, throw_below, throw_unit
from solver.ground cimport Ground
from solver.moves cimport Disturbed, disturb
from solver.ruin cimport Guarded, cut, cut_one, draw_unvisited, fits, guard
from solver.timetable cimport NEVER, Clock, first_late, next_opening
from solver.walk cimport Walk, arc, insert_stop, score_loss

cdef double HUGE = 1e300


cdef void force_in_timed(
    const Ground *ground,
    Clock *clock,
    Walk *walk,
    Disturbed *disturbed,
    Guarded *guarded,
    Dice *dice,
    int wanted,
    int draws,
) noexcept nogil:
    """Visit an unvisited place by chance and the nearest unvisited ones around it: `wanted` at most."""
    cdef int k
    cdef int centre = draw_unvisited(ground, walk, dice, draws)
    cdef const int32_t *near_row
    if centre < 0:
        return
    insert_least_late(ground, clock, walk, disturbed, guarded, centre)
    near_row = ground.near + <int64_t>centre * ground.near_count
    for k in range(ground.near_count):
        if guarded.count >= wanted or near_row[k] < 0:
            return
        if walk.position[near_row[k]] < 0:
            insert_least_late(ground, clock, walk, disturbed, guarded, near_row[k])


cdef void insert_least_late(
    const Ground *ground,
    Clock *clock,
    Walk *walk,
    Disturbed *disturbed,
    Guarded *guarded,
    int node,
) noexcept nogil:
    """Visit `node`, if its door is open on arrival anywhere, where it delays the next visit least, and guard it."""
    cdef const int32_t *stops = walk.stops
    cdef int gap
    cdef int chosen = -1
    cdef int64_t begin, cost, onward, lateness
    cdef int64_t least = NEVER
    first_late(ground, clock, walk, &lateness)
    for gap in range(walk.length - 1):
        onward = arc(ground, node, stops[gap + 1])
        begin = next_opening(
            &clock.windows, node, clock.timetable.begin[gap] + arc(ground, stops[gap], node)
        )
        if begin == NEVER:
            continue
        cost = begin + onward - clock.timetable.begin[gap + 1]
        if cost < least:
            least = cost
            chosen = gap
    if chosen < 0:
        return
    insert_stop(ground, walk, node, chosen)
    disturb(disturbed, stops[chosen])
    disturb(disturbed, node)
    disturb(disturbed, stops[chosen + 2])
    guard(guarded, node)


cdef void make_timely(
    const Ground *ground,
    Clock *clock,
    Walk *walk,
    Disturbed *disturbed,
    const Guarded *guarded,
    Dice *dice,
) noexcept nogil:
    """Remove stops up to the first that is late, guarded ones last, until none is."""
    cdef int64_t lateness = 0
    cdef int place
    cdef int late = first_late(ground, clock, walk, &lateness)
    while late > 0:
        place = least_loss_for_time(ground, walk, guarded, dice, late, lateness)
        cut(ground, walk, disturbed, place, place)
        late = first_late(ground, clock, walk, &lateness)


cdef void cut_until_timely(
    const Ground *ground, Clock *clock, Walk *walk, Disturbed *disturbed, Guarded *guarded, Dice *dice
) noexcept nogil:
    """Remove stops near the guarded ones, or the least rewarding, wherever they are, until none is late.

    Less to the point than `make_timely`, and so it leads out of tours that the latter always mends alike.
    """
    cdef bint near = throw_below(dice, 2)
    cdef int64_t lateness
    while walk.length - 2 > guarded.count and (
        not fits(ground, walk) or first_late(ground, clock, walk, &lateness) > 0
    ):
        cut_one(ground, walk, disturbed, guarded, dice, near)
    make_timely(ground, clock, walk, disturbed, guarded, dice)


cdef int least_loss_for_time(
    const Ground *ground, const Walk *walk, const Guarded *guarded, Dice *dice, int late, int64_t lateness
) noexcept nogil:
    """Where the least score goes for the time that is missing, the dice having a say.

    The stops up to stops[late] come into question; the late one itself saves all that is missing.
    """
    cdef const int32_t *stops = walk.stops
    cdef int last = min(late, walk.length - 2)
    cdef int chosen = last
    cdef int place
    cdef int64_t saved
    cdef double worth
    cdef double least = HUGE
    for place in range(1, last + 1):
        if guarded.marked[stops[place]]:
            continue
        saved = lateness
        if place != late:
            saved = (
                <int64_t>arc(ground, stops[place - 1], stops[place])
                + arc(ground, stops[place], stops[place + 1])
                - arc(ground, stops[place - 1], stops[place + 1])
            )
            saved = max(<int64_t>0, min(saved, lateness))
        worth = <double>score_loss(ground, walk, stops[place]) / (saved + 0.5) * (0.5 + throw_unit(dice))
        if worth < least:
            least = worth
            chosen = place
    return chosen
