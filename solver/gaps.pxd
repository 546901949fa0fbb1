"""Greedy insertion: every place remembers its cheapest gap, the most rewarding detour goes first."""

from libc.stdint cimport int32_t, int64_t

from solver.dice cimport Dice
from solver.ground cimport Ground
from solver.moves cimport Disturbed
from solver.walk cimport Walk

cdef struct Wish:
    float weight            # the place's weight, with this round's noise
    int32_t node


cdef class WishList:
    """Owns the list of places that may still be inserted."""

    cdef Wish *wishes


cdef void find_gap(const Ground *ground, Walk *walk, int node) noexcept nogil
cdef int gap_place(const Ground *ground, const Walk *walk, int node) noexcept nogil
cdef void fill_gaps(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Wish *wishes, Dice *dice, float noise, float toll
) noexcept nogil
