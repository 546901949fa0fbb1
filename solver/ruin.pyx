"""The ruin half of ruin and recreate (Schrimpf et al., 2000; strings as in Christiaens and Vanden Berghe, 2020)."""

from libc.stdint cimport int32_t, int64_t

from solver.dice cimport Dice, throw_below, throw_unit
from solver.gaps cimport find_gap, gap_place
from solver.ground cimport Ground
from solver.moves cimport Disturbed, disturb, shorten
from solver.walk cimport Walk, arc, insert_stop, remove_stops, score_loss

cdef int FORCE_TRIES = 50  # dice thrown for an unvisited place before giving up
cdef double HUGE = 1e300


cdef bint fits(const Ground *ground, const Walk *walk) noexcept nogil:
    """Whether the tour keeps the budget and the number of stops."""
    return walk.cost <= ground.budget and walk.length - 2 <= ground.most_stops


cdef inline void cut(
    const Ground *ground, Walk *walk, Disturbed *disturbed, int first, int last
) noexcept nogil:
    """Leave out stops[first..last] and look again at both sides."""
    cdef int before = walk.stops[first - 1]
    cdef int after = walk.stops[last + 1]
    remove_stops(ground, walk, first, last)
    disturb(disturbed, before)
    disturb(disturbed, after)


cdef int force_in(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Dice *dice
) noexcept nogil:
    """Visit a random unvisited place at its cheapest gap, whether it fits or not; -1 if none is found."""
    cdef int tries, node, gap
    for tries in range(FORCE_TRIES):
        node = 2 + throw_below(dice, ground.node_count - 2)
        if walk.position[node] >= 0:
            continue
        find_gap(ground, walk, node)
        gap = gap_place(ground, walk, node)
        disturb(disturbed, walk.stops[gap])
        disturb(disturbed, walk.stops[gap + 1])
        disturb(disturbed, node)
        insert_stop(ground, walk, node, gap)
        return node
    return -1


cdef void make_room(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Dice *dice, int forced, int longest
) noexcept nogil:
    """Remove other stops until the tour fits again, and a few more to stir it.

    One of three ways by chance: the least rewarding stops, stops near `forced`, or strings.
    """
    cdef int way = throw_below(dice, 3)
    cdef int wanted = 1 + throw_below(dice, max(1, min(longest, walk.length - 2)))
    while walk.length > 3 and (wanted > 0 or not fits(ground, walk)):
        if way == 2:
            wanted -= cut_string_beside(ground, walk, disturbed, dice, forced, longest)
            if fits(ground, walk):
                return
            continue
        cut_one(ground, walk, disturbed, dice, forced, way == 1)
        wanted -= 1
        if way == 0 and fits(ground, walk):
            wanted = min(wanted, 2)
    if not fits(ground, walk):
        cut(ground, walk, disturbed, 1, walk.length - 2)


cdef void cut_one(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Dice *dice, int forced, bint near
) noexcept nogil:
    """Remove one stop other than `forced`: a near one, or one that brings little for its detour."""
    cdef int place
    if near:
        place = nearest_by_chance(ground, walk, dice, forced)
    else:
        place = least_rewarding(ground, walk, dice, forced)
    cut(ground, walk, disturbed, place, place)


cdef int least_rewarding(
    const Ground *ground, const Walk *walk, Dice *dice, int forced
) noexcept nogil:
    """Where the stop with the least score for its detour is, the dice having a say."""
    cdef const int32_t *stops = walk.stops
    cdef int place, detour
    cdef int chosen = 1
    cdef double worth
    cdef double least = HUGE
    for place in range(1, walk.length - 1):
        if stops[place] == forced:
            continue
        detour = (
            arc(ground, stops[place - 1], stops[place])
            + arc(ground, stops[place], stops[place + 1])
            - arc(ground, stops[place - 1], stops[place + 1])
        )
        worth = (
            <double>score_loss(ground, walk, stops[place])
            / (max(detour, 0) + 0.5)
            * (0.5 + throw_unit(dice))
        )
        if worth < least:
            least = worth
            chosen = place
    return chosen


cdef int nearest_by_chance(
    const Ground *ground, const Walk *walk, Dice *dice, int forced
) noexcept nogil:
    """Where a stop near `forced` is, the dice having a say."""
    cdef int place
    cdef int chosen = 1
    cdef double distance
    cdef double least = HUGE
    for place in range(1, walk.length - 1):
        if walk.stops[place] == forced:
            continue
        distance = arc(ground, walk.stops[place], forced) * (0.3 + throw_unit(dice))
        if distance < least:
            least = distance
            chosen = place
    return chosen


cdef int cut_string_beside(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Dice *dice, int forced, int longest
) noexcept nogil:
    """Remove a random string that spares `forced`; how many stops went."""
    cdef int inner = walk.length - 2
    cdef int first = 1 + throw_below(dice, inner)
    cdef int last = min(first + throw_below(dice, min(longest, inner)), inner)
    cdef int spared = walk.position[forced]
    if first <= spared <= last:
        if spared - first > last - spared:
            last = spared - 1
        else:
            first = spared + 1
    if first > last:
        return 0
    cut(ground, walk, disturbed, first, last)
    return last - first + 1


cdef void cut_string(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Dice *dice, int longest
) noexcept nogil:
    """Remove one random string of at most `longest` stops."""
    cdef int inner = walk.length - 2
    cdef int first = 1 + throw_below(dice, inner)
    cdef int last = min(first + throw_below(dice, min(longest, inner)), inner)
    cut(ground, walk, disturbed, first, last)


cdef void cut_strings_around(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Dice *dice, int longest
) noexcept nogil:
    """Remove up to three strings, at a random stop and at stops near it."""
    cdef int inner = walk.length - 2
    cdef int centre = walk.stops[1 + throw_below(dice, inner)]
    cdef int strings = 1 + throw_below(dice, 3)
    cdef int left = 1 + throw_below(dice, min(longest, inner))
    cdef const int32_t *near_row = ground.near + <int64_t>centre * ground.near_count
    cdef int k, node, here, size, first, last
    for k in range(-1, ground.near_count):
        node = centre if k < 0 else near_row[k]
        if node < 0 or left <= 0 or strings == 0:
            return
        here = walk.position[node]
        if here < 1 or here > walk.length - 2:
            continue
        size = 1 + throw_below(dice, left)
        first = max(here - throw_below(dice, size), 1)
        last = min(first + size - 1, walk.length - 2)
        cut(ground, walk, disturbed, first, last)
        left -= last - first + 1
        strings -= 1
