"""Shortens a tour without changing what it visits: 2-opt and Or-opt around disturbed stops."""

from libc.stdint cimport int32_t

from solver.ground cimport Ground
from solver.timetable cimport Clock
from solver.walk cimport Walk

cdef struct Disturbed:
    int count               # stops waiting in the ring
    int head                # next to leave the ring
    int capacity
    int changed_count       # stops with a new arc since gaps were last refreshed
    int32_t *ring
    int32_t *waiting        # whether a node is in the ring
    int32_t *changed        # each of them once
    int32_t *changed_mark   # whether a node is in `changed`


cdef class DisturbedMemory:
    """Owns one Disturbed."""

    cdef Disturbed disturbed
    cdef int32_t *_block


cdef inline void disturb(Disturbed *disturbed, int node) noexcept nogil:
    """An arc at `node` is new: look at it again, and refresh the gaps around it."""
    cdef int tail
    if not disturbed.changed_mark[node]:
        disturbed.changed_mark[node] = 1
        disturbed.changed[disturbed.changed_count] = node
        disturbed.changed_count += 1
    if not disturbed.waiting[node]:
        disturbed.waiting[node] = 1
        tail = disturbed.head + disturbed.count
        if tail >= disturbed.capacity:
            tail -= disturbed.capacity
        disturbed.ring[tail] = node
        disturbed.count += 1


cdef void shorten(const Ground *ground, Walk *walk, Disturbed *disturbed, Clock *clock) noexcept nogil
