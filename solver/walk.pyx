"""Changes a tour and keeps its cost, score and positions true."""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy

cdef int64_t MUST_BONUS = <int64_t>1 << 46  # as in solver.shortlist


cdef class WalkMemory:
    """One tour of a Ground with `node_count` nodes and `group_count` groups."""

    def __cinit__(self, int node_count, int group_count):
        # The five arrays that every copy needs lie together: position to gap_after go in one memcpy.
        self._block = <int32_t *>calloc(6 * <size_t>node_count + group_count + 1, sizeof(int32_t))
        if self._block is NULL:
            raise MemoryError()
        self.walk.position = self._block
        self.walk.gap_cost = self._block + node_count
        self.walk.gap_before = self._block + 2 * node_count
        self.walk.gap_after = self._block + 3 * node_count
        self.walk.stops = self._block + 4 * node_count
        self.walk.members = self._block + 5 * node_count
        self.walk.member_count = self._block + 6 * node_count

    def __dealloc__(self):
        free(self._block)


cdef void clear_walk(const Ground *ground, Walk *walk) noexcept nogil:
    """The tour that visits nothing, with no gap known."""
    cdef int node
    walk.length = 2
    walk.stops[0] = 0
    walk.stops[1] = 1
    walk.cost = arc(ground, 0, 1)
    walk.score = 0
    for node in range(ground.node_count):
        walk.position[node] = -1
        walk.gap_cost[node] = 0
        walk.gap_before[node] = -1
        walk.gap_after[node] = -1
    for node in range(ground.group_count):
        walk.member_count[node] = 0
    walk.gap_cost[0] = VISITED
    walk.gap_cost[1] = VISITED
    walk.position[0] = 0
    walk.position[1] = 1


cdef void copy_walk(
    const Ground *ground, Walk *target, const Walk *source
) noexcept nogil:
    """Make `target` equal to `source`."""
    target.length = source.length
    target.cost = source.cost
    target.score = source.score
    memcpy(target.position, source.position, 4 * <size_t>ground.node_count * sizeof(int32_t))
    memcpy(target.stops, source.stops, <size_t>source.length * sizeof(int32_t))
    if ground.grouped:
        memcpy(
            target.members, source.members, (<size_t>ground.node_count + ground.group_count) * sizeof(int32_t)
        )


cdef void remove_stops(const Ground *ground, Walk *walk, int first, int last) noexcept nogil:
    """Leave out stops[first..last], both inclusive; neither is the start or the end."""
    cdef int32_t *stops = walk.stops
    cdef int place, node
    cdef int gone = last - first + 1
    cdef int64_t saved = arc(ground, stops[last], stops[last + 1])
    for place in range(first, last + 1):
        node = stops[place]
        saved += arc(ground, stops[place - 1], node)
        walk.score -= score_loss(ground, walk, node)
        if ground.grouped:
            leave_group(ground, walk, node)
        walk.position[node] = -1
        # It heard of no new arc while it was on the tour: look anew when it is asked for.
        walk.gap_cost[node] = 0
        walk.gap_before[node] = -1
    walk.cost += arc(ground, stops[first - 1], stops[last + 1]) - saved
    walk.length -= gone
    for place in range(first, walk.length):
        stops[place] = stops[place + gone]
        walk.position[stops[place]] = place


cdef inline int64_t own_score(const Ground *ground, int node) noexcept nogil:
    """The score without the bonus of a must-visit, which never decays."""
    return ground.score[node] & (MUST_BONUS - 1)


cdef inline int64_t decayed(const Ground *ground, int node, int rank) noexcept nogil:
    """What a place brings with `rank` better ones of its group on the tour."""
    cdef int64_t own = own_score(ground, node)
    cdef int64_t bonus = ground.score[node] - own
    return bonus + <int64_t>(<double>own * ground.decay_power[rank] + 0.5)


cdef inline bint ranks_before(const Ground *ground, int one, int other) noexcept nogil:
    """Whether `one` is counted before `other`: by score, then by number."""
    if own_score(ground, one) != own_score(ground, other):
        return own_score(ground, one) > own_score(ground, other)
    return one < other


cdef int64_t group_gain(const Ground *ground, const Walk *walk, int node) noexcept nogil:
    """Its own decayed score, less what the lesser members of its group lose."""
    cdef int group = ground.group[node]
    cdef const int32_t *members = walk.members + ground.group_first[group]
    cdef int count = walk.member_count[group]
    cdef int rank = 0
    cdef int64_t gain
    while rank < count and ranks_before(ground, members[rank], node):
        rank += 1
    gain = decayed(ground, node, rank)
    while rank < count:
        gain += decayed(ground, members[rank], rank + 1) - decayed(ground, members[rank], rank)
        rank += 1
    return gain


cdef int64_t group_loss(const Ground *ground, const Walk *walk, int node) noexcept nogil:
    """The gain it brought, seen from the other side."""
    cdef int group = ground.group[node]
    cdef const int32_t *members = walk.members + ground.group_first[group]
    cdef int count = walk.member_count[group]
    cdef int rank = 0
    cdef int64_t loss
    while members[rank] != node:
        rank += 1
    loss = decayed(ground, node, rank)
    rank += 1
    while rank < count:
        loss += decayed(ground, members[rank], rank) - decayed(ground, members[rank], rank - 1)
        rank += 1
    return loss


cdef void join_group(const Ground *ground, Walk *walk, int node) noexcept nogil:
    """Enter `node` among the visited members of its group, best score first."""
    cdef int group = ground.group[node]
    if group < 0:
        return
    cdef int32_t *members = walk.members + ground.group_first[group]
    cdef int place = walk.member_count[group]
    while place > 0 and ranks_before(ground, node, members[place - 1]):
        members[place] = members[place - 1]
        place -= 1
    members[place] = node
    walk.member_count[group] += 1


cdef void leave_group(const Ground *ground, Walk *walk, int node) noexcept nogil:
    """Strike `node` from the visited members of its group."""
    cdef int group = ground.group[node]
    if group < 0:
        return
    cdef int32_t *members = walk.members + ground.group_first[group]
    cdef int place = 0
    while members[place] != node:
        place += 1
    walk.member_count[group] -= 1
    while place < walk.member_count[group]:
        members[place] = members[place + 1]
        place += 1
