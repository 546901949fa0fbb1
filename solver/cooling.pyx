"""Geometric cooling by square roots and a table of logarithms summed from a series."""

from libc.math cimport sqrt

from solver.dice cimport Dice, throw_bits

cdef double[4096] MINUS_LOG  # -ln of the midpoints of 4,096 equal parts of (0, 1)


cdef double minus_log(double share):
    """-ln(share) of (0, 1] by halving and the series of artanh: only + - * /, which IEEE 754 fixes."""
    cdef double answer = 0.0
    cdef double ratio, square, term
    cdef int k
    while share < 0.5:
        share *= 2.0
        answer += 0.693147180559945309417232
    ratio = (share - 1.0) / (share + 1.0)
    square = ratio * ratio
    term = ratio
    for k in range(40):
        answer -= 2.0 * term / (2 * k + 1)
        term *= square
    return answer


cdef void fill_table():
    cdef int k
    for k in range(4096):
        MINUS_LOG[k] = minus_log((k + 0.5) / 4096.0)


fill_table()


cdef double temperature(double hottest, double coldest, double progress) noexcept nogil:
    """From hottest at 0 to coldest at 1 by equal ratios, straight between 1,024 of them."""
    cdef double ratio = coldest / hottest
    cdef double heat = hottest
    cdef double step = 1.0
    cdef int k
    for k in range(10):  # the binary digits of progress: each halves the exponent by a square root
        step *= 0.5
        ratio = sqrt(ratio)
        if progress >= step:
            progress -= step
            heat *= ratio
    return heat * (1.0 - (1.0 - ratio) * (progress / step))


cdef bint bears(Dice *dice, double loss, double heat) noexcept nogil:
    """True with chance exp(-loss / heat)."""
    return loss <= heat * MINUS_LOG[throw_bits(dice) >> 52]
