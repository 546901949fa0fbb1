"""Greedy insertion: every place remembers its cheapest gap, the most rewarding detour goes first."""

from libc.stdint cimport int32_t, int64_t

from solver.dice cimport Dice, throw_bits
from solver.ground cimport Ground
from solver.moves cimport Disturbed
from solver.walk cimport Walk, score_gain

cdef struct Wish:
    float reward            # weight for detour
    int32_t node


cdef struct Wishes:
    int count
    Wish *heap              # the most rewarding on top; rewards may be too high, never too low
    int32_t *slot           # of a node in the heap, or -1
    float *weight           # of a node, with this round's noise


cdef class WishMemory:
    """Owns one Wishes."""

    cdef Wishes wishes


cdef void find_gap(const Ground *ground, Walk *walk, int node) noexcept nogil
cdef bint gap_exists(const Ground *ground, const Walk *walk, int node) noexcept nogil
cdef int gap_place(const Ground *ground, const Walk *walk, int node) noexcept nogil
cdef void refresh_gaps(const Ground *ground, Walk *walk, Disturbed *disturbed) noexcept nogil
cdef void collect_wishes(
    const Ground *ground, Walk *walk, Wishes *wishes, Dice *dice, int taste, float noise, float toll
) noexcept nogil
cdef void drop_top(Wishes *wishes) noexcept nogil
cdef void drop_all_too_dear(Walk *walk, Wishes *wishes, int64_t room) noexcept nogil
cdef void lower_top(Wishes *wishes, float reward) noexcept nogil
cdef void insert_top(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Wishes *wishes, int gap, float toll
) noexcept nogil
cdef void fill_gaps(
    const Ground *ground,
    Walk *walk,
    Disturbed *disturbed,
    Wishes *wishes,
    Dice *dice,
    int taste,
    float noise,
    float toll,
) noexcept nogil


cdef inline float noisy(float weight, float noise, Dice *dice) noexcept nogil:
    """`weight` more or less a share of up to `noise`."""
    cdef float swing = <float>(throw_bits(dice) >> 40) * <float>(2.0 / 16777216.0) - <float>1.0
    return weight * (<float>1.0 + noise * swing)


cdef inline float reward_for(
    const Ground *ground, const Walk *walk, int node, float weight, int detour, float toll
) noexcept nogil:
    """Weight for detour; `toll` is what a stop costs beside it where stops are few."""
    if ground.grouped and ground.group[node] >= 0:
        weight *= <float>(
            <double>score_gain(ground, walk, node) / <double>ground.score[node]
        )
    return weight / ((<float>detour if detour > 0 else <float>0.5) + toll)


cdef inline float reward_of(
    const Ground *ground, const Walk *walk, int node, float weight, float toll
) noexcept nogil:
    """What the remembered gap of `node` promises."""
    return reward_for(ground, walk, node, weight, walk.gap_cost[node], toll)
