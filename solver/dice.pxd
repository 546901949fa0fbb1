"""Seeded dice in whole numbers, so that one seed throws the same on every machine."""

from libc.stdint cimport uint64_t

cdef struct Dice:
    uint64_t low
    uint64_t high


cdef inline uint64_t throw_bits(Dice *dice) noexcept nogil:
    """64 random bits: xoroshiro128+ (Blackman and Vigna, 2018)."""
    cdef uint64_t low = dice.low
    cdef uint64_t high = dice.high
    cdef uint64_t answer = low + high
    high ^= low
    dice.low = ((low << 24) | (low >> 40)) ^ high ^ (high << 16)
    dice.high = (high << 37) | (high >> 27)
    return answer


cdef inline int throw_below(Dice *dice, int bound) noexcept nogil:
    """A whole number of 0..bound-1 by Lemire's multiply and shift; bound is at least 1."""
    return <int>(((throw_bits(dice) >> 32) * <uint64_t>bound) >> 32)


cdef inline double throw_unit(Dice *dice) noexcept nogil:
    """A number of [0, 1) with 53 bits: a whole number times a power of two, hence exact."""
    return <double>(throw_bits(dice) >> 11) * (1.0 / 9007199254740992.0)


cdef inline uint64_t stir(uint64_t *state) noexcept nogil:
    """One step of splitmix64, which spreads a small seed over all bits."""
    state[0] += <uint64_t>0x9E3779B97F4A7C15
    cdef uint64_t mixed = state[0]
    mixed = (mixed ^ (mixed >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
    mixed = (mixed ^ (mixed >> 27)) * <uint64_t>0x94D049BB133111EB
    return mixed ^ (mixed >> 31)


cdef inline void seed_dice(Dice *dice, uint64_t seed) noexcept nogil:
    """Equal seeds throw equal numbers; the state is never all zero."""
    cdef uint64_t state = seed
    dice.low = stir(&state)
    dice.high = stir(&state) | 1
