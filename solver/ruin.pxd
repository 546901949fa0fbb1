"""Takes stops out of a tour: strings anywhere, strings around a stop, or what is in the way of a new one."""

from solver.dice cimport Dice
from solver.ground cimport Ground
from solver.moves cimport Disturbed
from solver.walk cimport Walk

cdef bint fits(const Ground *ground, const Walk *walk) noexcept nogil
cdef int force_in(const Ground *ground, Walk *walk, Disturbed *disturbed, Dice *dice) noexcept nogil
cdef void make_room(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Dice *dice, int forced, int longest
) noexcept nogil
cdef void cut_string(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Dice *dice, int longest
) noexcept nogil
cdef void cut_strings_around(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Dice *dice, int longest
) noexcept nogil
cdef void cut_one(
    const Ground *ground, Walk *walk, Disturbed *disturbed, Dice *dice, int forced, bint near
) noexcept nogil
