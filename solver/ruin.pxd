"""Takes stops out of a tour: strings anywhere, strings around a stop, or what is in the way of a new one."""

from libc.stdint cimport int32_t

from solver.dice cimport Dice
from solver.ground cimport Ground
from solver.moves cimport Disturbed
from solver.walk cimport Walk

cdef struct Guarded:
    int count
    int32_t *nodes          # places just forced in, which make_room spares
    int32_t *marked         # whether a node is one of them
    int32_t *around         # stops by the order of `cut_around`, before it has sorted them out
    float *distance         # of each, times luck


cdef class GuardedMemory:
    """Owns one Guarded."""

    cdef Guarded guarded


cdef bint fits(const Ground *ground, const Walk *walk) noexcept nogil
cdef void guard(Guarded *guarded, int node) noexcept nogil
cdef void unguard_all(Guarded *guarded) noexcept nogil
cdef void cut(
    const Ground *ground, Walk *walk, Disturbed *disturbed, int first, int last
) noexcept nogil
cdef int draw_unvisited(const Ground *ground, Walk *walk, Dice *dice, int draws) noexcept nogil
cdef void force_in(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Guarded *guarded, Dice *dice, int wanted, int draws
) noexcept nogil
cdef void insert_at_best(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Guarded *guarded, int node
) noexcept nogil
cdef bint cut_cheapest_string(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Guarded *guarded, Dice *dice, double swing
) noexcept nogil
cdef void make_room(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Guarded *guarded, Dice *dice, int longest, bint exact
) noexcept nogil
cdef void cut_around(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Guarded *guarded, Dice *dice, int wanted
) noexcept nogil
cdef void cut_one(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Guarded *guarded, Dice *dice, bint near
) noexcept nogil
cdef void cut_string(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Dice *dice, int longest
) noexcept nogil
cdef void cut_strings_around(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Dice *dice, int longest
) noexcept nogil
