"""Temperatures and chances of annealing, without the platform's exp and log: one seed, one answer."""

from solver.dice cimport Dice, throw_below, throw_bits

cdef struct Cooling:
    double hottest
    double coldest


cdef double temperature(double hottest, double coldest, double progress) noexcept nogil
cdef bint bears(Dice *dice, double loss, double heat) noexcept nogil
