"""The ruin half of ruin and recreate (Schrimpf et al., 2000; strings as in Christiaens and Vanden Berghe, 2020)."""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport calloc, free

from solver.dice cimport Dice, throw_below, throw_bits, throw_unit
from solver.gaps cimport find_gap, gap_place
from solver.ground cimport Ground
from solver.moves cimport Disturbed, disturb, shorten
from solver.walk cimport Walk, arc, insert_stop, remove_stops, score_loss

cdef int FORCE_TRIES = 50  # dice thrown for an unvisited place before giving up
cdef double HUGE = 1e300


cdef class GuardedMemory:
    """Room for `node_count` guarded places."""

    def __cinit__(self, int node_count):
        self.guarded.nodes = <int32_t *>calloc(3 * <size_t>node_count, sizeof(int32_t))
        self.guarded.distance = <float *>calloc(node_count, sizeof(float))
        if self.guarded.nodes is NULL or self.guarded.distance is NULL:
            raise MemoryError()
        self.guarded.marked = self.guarded.nodes + node_count
        self.guarded.around = self.guarded.nodes + 2 * node_count

    def __dealloc__(self):
        free(self.guarded.nodes)
        free(self.guarded.distance)


cdef void guard(Guarded *guarded, int node) noexcept nogil:
    """Spare `node` from now on."""
    guarded.marked[node] = 1
    guarded.nodes[guarded.count] = node
    guarded.count += 1


cdef void unguard_all(Guarded *guarded) noexcept nogil:
    """Spare nothing any more."""
    cdef int k
    for k in range(guarded.count):
        guarded.marked[guarded.nodes[k]] = 0
    guarded.count = 0


cdef bint fits(const Ground *ground, const Walk *walk) noexcept nogil:
    """Whether the tour keeps the budget and the number of stops."""
    return walk.cost <= ground.budget and walk.length - 2 <= ground.most_stops


cdef void cut(
    const Ground *ground, Walk *walk, Disturbed *disturbed, int first, int last
) noexcept nogil:
    """Leave out stops[first..last] and look again at both sides."""
    cdef int before = walk.stops[first - 1]
    cdef int after = walk.stops[last + 1]
    remove_stops(ground, walk, first, last)
    disturb(disturbed, before)
    disturb(disturbed, after)


cdef void insert_at_best(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Guarded *guarded, int node
) noexcept nogil:
    """Visit `node` at its cheapest gap, whether it fits or not, and guard it."""
    cdef int gap
    find_gap(ground, walk, node)
    gap = gap_place(ground, walk, node)
    disturb(disturbed, walk.stops[gap])
    disturb(disturbed, walk.stops[gap + 1])
    disturb(disturbed, node)
    insert_stop(ground, walk, node, gap)
    guard(guarded, node)


cdef int draw_unvisited(const Ground *ground, Walk *walk, Dice *dice, int draws) noexcept nogil:
    """The most promising of so many unvisited places drawn by chance, or -1."""
    cdef int tries, node
    cdef int chosen = -1
    cdef float promise
    cdef float best = -1.0
    for tries in range(FORCE_TRIES):
        node = 2 + throw_below(dice, ground.node_count - 2)
        if walk.position[node] >= 0:
            continue
        if walk.gap_before[node] < 0:
            find_gap(ground, walk, node)
        promise = ground.weight[node] / <float>(max(walk.gap_cost[node], 0) + 1)
        if promise > best:
            best = promise
            chosen = node
        draws -= 1
        if draws == 0:
            break
    return chosen


cdef void force_in(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Guarded *guarded, Dice *dice, int wanted, int draws
) noexcept nogil:
    """Visit an unvisited place by chance and the nearest unvisited ones around it: `wanted` at most."""
    cdef int k
    cdef int centre = draw_unvisited(ground, walk, dice, draws)
    cdef const int32_t *near_row
    if centre < 0:
        return
    insert_at_best(ground, walk, disturbed, guarded, centre)
    near_row = ground.near + <int64_t>centre * ground.near_count
    for k in range(ground.near_count):
        if guarded.count >= wanted or near_row[k] < 0:
            return
        if walk.position[near_row[k]] < 0:
            insert_at_best(ground, walk, disturbed, guarded, near_row[k])


cdef void make_room(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Guarded *guarded, Dice *dice, int longest, bint exact
) noexcept nogil:
    """Remove other stops until the tour fits again.

    If `exact`, just the strings that cost the least score for room enough. Else, by chance, the
    least rewarding stops, stops near the guarded ones, or any strings, a few more to stir the tour.
    """
    cdef int way = throw_below(dice, 3)
    cdef int wanted = 1 + throw_below(dice, max(1, min(longest, walk.length - 2)))
    if exact:
        while not fits(ground, walk) and walk.length - 2 > guarded.count:
            if not cut_cheapest_string(ground, walk, disturbed, guarded, dice, 0.6):
                cut_one(ground, walk, disturbed, guarded, dice, False)
        wanted = 0
    while walk.length - 2 > guarded.count and (wanted > 0 or not fits(ground, walk)):
        if way == 2:
            wanted -= cut_string_beside(ground, walk, disturbed, guarded, dice, longest)
            if fits(ground, walk):
                return
            continue
        if way == 1:
            cut_around(ground, walk, disturbed, guarded, dice, wanted)
            wanted = 0
            way = 0
            continue
        cut_one(ground, walk, disturbed, guarded, dice, False)
        wanted -= 1
        if fits(ground, walk):
            wanted = min(wanted, 2)
    if not fits(ground, walk):
        cut(ground, walk, disturbed, 1, walk.length - 2)


cdef bint cut_cheapest_string(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Guarded *guarded, Dice *dice, double swing
) noexcept nogil:
    """Remove the string that frees what is too much for the least score; False if none does.

    A window slides along the tour: it grows until it frees enough, then gives up its first stop.
    The dice have a say of up to half of `swing` more or less.
    """
    cdef const int32_t *stops = walk.stops
    cdef int64_t excess = walk.cost - ground.budget
    cdef int too_many = max(1, walk.length - 2 - ground.most_stops)
    cdef int end = walk.length - 1
    cdef int first = 1
    cdef int last = 0
    cdef int best_first = 0
    cdef int best_last = 0
    cdef int64_t loss = 0
    cdef int64_t inner = arc(ground, stops[0], stops[1])  # from stops[first - 1] to stops[last + 1]
    cdef double bill
    cdef double least = HUGE
    while True:
        if last - first + 1 >= too_many and inner - arc(ground, stops[first - 1], stops[last + 1]) >= excess:
            bill = <double>loss * (1.0 + swing * (throw_unit(dice) - 0.5))
            if bill < least:
                least = bill
                best_first = first
                best_last = last
            loss -= score_loss(ground, walk, stops[first])
            inner -= arc(ground, stops[first - 1], stops[first])
            first += 1
            continue
        last += 1
        if last >= end:
            break
        if guarded.marked[stops[last]]:
            first = last + 1
            loss = 0
            inner = 0
        else:
            loss += score_loss(ground, walk, stops[last])
        inner += arc(ground, stops[last], stops[last + 1])
    if best_first == 0:
        return False
    cut(ground, walk, disturbed, best_first, best_last)
    return True


cdef void cut_around(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Guarded *guarded, Dice *dice, int wanted
) noexcept nogil:
    """Remove stops near the first guarded one, the dice having a say: `wanted`, or more to fit."""
    cdef const int32_t *row = ground.arc_cost + <int64_t>guarded.nodes[0] * ground.node_count
    cdef float *distance = guarded.distance
    cdef int32_t *around = guarded.around
    cdef int place, k, nearest
    cdef int count = 0
    for place in range(1, walk.length - 1):
        around[count] = walk.stops[place]
        distance[count] = row[around[count]] * (
            <float>0.3 + <float>(throw_bits(dice) >> 40) * <float>(1.0 / 16777216.0)
        )
        count += 1 - guarded.marked[around[count]]
    while count > 0 and (wanted > 0 or not fits(ground, walk)):
        nearest = 0
        for k in range(1, count):
            if distance[k] < distance[nearest]:
                nearest = k
        place = walk.position[around[nearest]]
        cut(ground, walk, disturbed, place, place)
        count -= 1
        around[nearest] = around[count]
        distance[nearest] = distance[count]
        wanted -= 1


cdef void cut_one(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Guarded *guarded, Dice *dice, bint near
) noexcept nogil:
    """Remove one of the stops not guarded, of which there must be one: a near one, or one that brings little for its detour."""
    cdef int place
    if near:
        place = nearest_by_chance(ground, walk, guarded, dice)
    else:
        place = least_rewarding(ground, walk, guarded, dice)
    if place == 0:
        place = 1
        while guarded.marked[walk.stops[place]]:
            place += 1
    cut(ground, walk, disturbed, place, place)


cdef int least_rewarding(
    const Ground *ground, const Walk *walk, const Guarded *guarded, Dice *dice
) noexcept nogil:
    """Where the stop with the least score for its detour is, the dice having a say; 0 if there is none."""
    cdef const int32_t *stops = walk.stops
    cdef int place, detour
    cdef int chosen = 0
    cdef double worth
    cdef double least = HUGE
    cdef int onward = arc(ground, stops[0], stops[1])
    cdef int coming
    for place in range(1, walk.length - 1):
        coming = onward
        onward = arc(ground, stops[place], stops[place + 1])
        if guarded.marked[stops[place]]:
            continue
        detour = coming + onward - arc(ground, stops[place - 1], stops[place + 1])
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
    const Ground *ground, const Walk *walk, const Guarded *guarded, Dice *dice
) noexcept nogil:
    """Where a stop near the first guarded one is, the dice having a say; 0 if there is none."""
    cdef const int32_t *row = ground.arc_cost + <int64_t>guarded.nodes[0] * ground.node_count
    cdef int place
    cdef int chosen = 0
    cdef double distance
    cdef double least = HUGE
    for place in range(1, walk.length - 1):
        if guarded.marked[walk.stops[place]]:
            continue
        distance = row[walk.stops[place]] * (0.3 + throw_unit(dice))
        if distance < least:
            least = distance
            chosen = place
    return chosen


cdef int cut_string_beside(
    const Ground *ground, Walk *walk, Disturbed *disturbed, const Guarded *guarded, Dice *dice, int longest
) noexcept nogil:
    """Remove a random string up to a guarded stop; how many stops went."""
    cdef int inner = walk.length - 2
    cdef int first = 1 + throw_below(dice, inner)
    cdef int end = min(first + throw_below(dice, min(longest, inner)), inner)
    cdef int last = first - 1
    while last < end and not guarded.marked[walk.stops[last + 1]]:
        last += 1
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
