"""Lays out the fixed part of a search: near places are found by partial selection, never a full sort."""

from libc.stdint cimport int32_t, int64_t

import numpy as np

cdef class GroundPlan:
    """The fixed arrays of one search; see `solver.shortlist` for how they are made.

    `arc_cost` (n, n) int32, `score` (n,) int64, `weight` (TASTES, n) float32, `group` (n,) int32.
    """

    def __cinit__(self, shortlist, int near_count):
        cdef int node_count = shortlist.arc_cost.shape[0]
        near_count = min(near_count, max(node_count - 1, 1), MOST_NEAR)
        near = np.full((node_count, near_count), -1, dtype=np.int32)
        near_costs = np.zeros((node_count, near_count), dtype=np.int32)
        transposed = shortlist.arc_cost if shortlist.symmetric else shortlist.arc_cost.T.copy()
        cdef int32_t[:, ::1] arc_cost = shortlist.arc_cost
        cdef int32_t[:, ::1] arc_into = transposed
        cdef int32_t[:, ::1] near_cost_rows = near_costs
        cdef int32_t[:, ::1] near_rows = near
        cdef int64_t[::1] score = shortlist.score
        cdef float[:, ::1] weight = shortlist.weight
        cdef int32_t[::1] group = shortlist.group
        cdef int32_t[::1] group_first = shortlist.group_first
        cdef double[::1] decay_power = shortlist.decay_power
        self._arrays = (shortlist, near, near_costs, transposed)
        self.ground.group_count = shortlist.group_first.shape[0] - 1
        self.ground.node_count = node_count
        self.ground.near_count = near_count
        self.ground.most_stops = shortlist.most_stops
        self.ground.symmetric = shortlist.symmetric
        self.ground.grouped = shortlist.grouped
        self.ground.budget = shortlist.budget
        self.ground.arc_cost = &arc_cost[0, 0]
        self.ground.arc_into = &arc_into[0, 0]
        self.ground.near = &near_rows[0, 0]
        self.ground.near_cost = &near_cost_rows[0, 0]
        self.ground.score = &score[0]
        self.ground.weight = &weight[0, 0]
        self.ground.group = &group[0]
        self.ground.group_first = &group_first[0]
        self.ground.decay_power = &decay_power[0]
        keys = np.empty(near_count, dtype=np.int64)
        cdef int64_t[::1] nearest = keys
        with nogil:
            find_near(&self.ground, &nearest[0])

    def near_rows(self):
        """(n, near_count) int32: near places of every node, nearest first, -1 where there are no more."""
        return self._arrays[1].copy()


cdef void find_near(Ground *ground, int64_t *nearest) noexcept nogil:
    """Fill every row of `near`; ties go to the smaller number, so every machine agrees.

    A row keeps the best so far in order: a newcomer costs one comparison, and only about
    near_count · ln(n / near_count) of them move in.
    """
    cdef int node_count = ground.node_count
    cdef int node, other, found, place
    cdef int64_t key
    cdef const int32_t *onward
    for node in range(node_count):
        onward = ground.arc_cost + <int64_t>node * node_count
        found = 0
        for other in range(node_count):
            if other == node or node + other == 1:  # the two ends need not know each other
                continue
            key = onward[other]
            if not ground.symmetric:
                key += ground.arc_into[<int64_t>node * node_count + other]
            key = (key << 16) | other
            if found == ground.near_count and key >= nearest[found - 1]:
                continue
            place = found if found < ground.near_count else found - 1
            found = place + 1
            while place > 0 and nearest[place - 1] > key:
                nearest[place] = nearest[place - 1]
                place -= 1
            nearest[place] = key
        for place in range(found):
            other = <int>(nearest[place] & 0xFFFF)
            ground.near[<int64_t>node * ground.near_count + place] = other
            ground.near_cost[<int64_t>node * ground.near_count + place] = onward[other]
