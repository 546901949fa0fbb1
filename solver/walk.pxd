"""A tour under construction: stops in order, and for every other place its cheapest known gap."""

from libc.stdint cimport int32_t, int64_t

from solver.ground cimport Ground

cdef struct Walk:
    int length              # stops, start and end included: at least 2
    int64_t cost            # twice the duration
    int64_t score           # fixed point, after the decay of groups
    int32_t *stops          # node numbers; stops[0] is the start, stops[length - 1] the end
    int32_t *position       # where in stops, or -1
    int32_t *gap_cost       # of a place: a lower bound of every detour looked at so far, or VISITED
    int32_t *gap_before     # the neighbours on the tour that this detour lies between, or -1
    int32_t *gap_after
    int32_t *members        # visited places by group, best score first
    int32_t *member_count   # of every group


cdef enum:
    VISITED = -0x40000000   # below every detour: no offer is cheaper, and no branch has to ask


cdef class WalkMemory:
    """Owns one Walk."""

    cdef Walk walk
    cdef int32_t *_block


cdef inline int32_t arc(const Ground *ground, int tail, int head) noexcept nogil:
    """Cost of the arc from tail to head."""
    return ground.arc_cost[<int64_t>tail * ground.node_count + head]


cdef inline bint is_sparse(const Ground *ground, const Walk *walk) noexcept nogil:
    """Whether so few of the places are visited that most near places of a stop are not.

    Then it pays to look further: iterations are cheap, and a wrong choice weighs more.
    """
    return 4 * walk.length < ground.node_count


cdef int64_t group_gain(const Ground *ground, const Walk *walk, int node) noexcept nogil
cdef int64_t group_loss(const Ground *ground, const Walk *walk, int node) noexcept nogil
cdef void join_group(const Ground *ground, Walk *walk, int node) noexcept nogil
cdef void leave_group(const Ground *ground, Walk *walk, int node) noexcept nogil
cdef void clear_walk(const Ground *ground, Walk *walk) noexcept nogil
cdef void copy_walk(const Ground *ground, Walk *target, const Walk *source) noexcept nogil
cdef void remove_stops(const Ground *ground, Walk *walk, int first, int last) noexcept nogil


cdef inline int64_t score_gain(const Ground *ground, const Walk *walk, int node) noexcept nogil:
    """What the score grows by when `node` joins the tour."""
    if ground.grouped and ground.group[node] >= 0:
        return group_gain(ground, walk, node)
    return ground.score[node]


cdef inline int64_t score_loss(const Ground *ground, const Walk *walk, int node) noexcept nogil:
    """What the score falls by when `node` leaves the tour."""
    if ground.grouped and ground.group[node] >= 0:
        return group_loss(ground, walk, node)
    return ground.score[node]


cdef inline void insert_stop(const Ground *ground, Walk *walk, int node, int gap) noexcept nogil:
    """Visit `node` between stops[gap] and stops[gap + 1]."""
    cdef int32_t *stops = walk.stops
    cdef int place
    cdef int before = stops[gap]
    cdef int after = stops[gap + 1]
    walk.cost += <int64_t>arc(ground, before, node) + arc(ground, node, after) - arc(ground, before, after)
    walk.score += score_gain(ground, walk, node)
    if ground.grouped:
        join_group(ground, walk, node)
    place = walk.length
    while place > gap + 1:
        stops[place] = stops[place - 1]
        walk.position[stops[place]] = place
        place -= 1
    stops[gap + 1] = node
    walk.position[node] = gap + 1
    walk.gap_cost[node] = VISITED
    walk.length += 1
