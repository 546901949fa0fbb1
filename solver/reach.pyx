"""Shortest ways on the plain network: one to all, some to some, and one route with its edges.

E. W. Dijkstra (Numerische Mathematik 1, 1959), on a four-ary heap with lazy deletion; for one route
the crow's flight guides the search (A*, 1968).
"""
from libc.math cimport cos, sqrt
from libc.stdint cimport int32_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc

import numpy as np

from solver.min_heap cimport key_of, node_of, pop, push

cdef uint64_t IMPASSABLE = 0xFFFFFFFFFFFFFFFFULL
cdef double CENTIMETRES_PER_E7 = 1.11195  # of a degree of latitude


cdef class Reach:
    """A reusable search over one network and one profile's labels; not shared between threads."""

    cdef const int32_t[::1] first_out, arc_head, arc, node_lon, node_lat
    cdef const uint64_t[::1] labels
    cdef Py_ssize_t node_count, touched_count, heap_size
    cdef uint64_t* distance
    cdef int32_t* came_by       # the arc (edge * 2 + direction) that reached a node, -1 - seed for seeds
    cdef int32_t* came_from
    cdef int32_t* touched
    cdef uint8_t* is_target
    cdef uint64_t* heap

    def __cinit__(self, const int32_t[::1] first_out, const int32_t[::1] arc_head,
                  const int32_t[::1] arc, const uint64_t[::1] labels,
                  const int32_t[::1] node_lon, const int32_t[::1] node_lat):
        cdef Py_ssize_t node
        self.first_out, self.arc_head, self.arc = first_out, arc_head, arc
        self.labels, self.node_lon, self.node_lat = labels, node_lon, node_lat
        self.node_count = first_out.shape[0] - 1
        cdef size_t room = self.node_count + 1
        self.distance = <uint64_t*>malloc(room * sizeof(uint64_t))
        self.came_by = <int32_t*>malloc(room * sizeof(int32_t))
        self.came_from = <int32_t*>malloc(room * sizeof(int32_t))
        self.touched = <int32_t*>malloc(room * sizeof(int32_t))
        self.is_target = <uint8_t*>malloc(room)
        # Every arc may push once, and every seed of the largest call: see _seed.
        self.heap = <uint64_t*>malloc((arc.shape[0] + room) * sizeof(uint64_t))
        if (self.distance == NULL or self.came_by == NULL or self.came_from == NULL
                or self.touched == NULL or self.is_target == NULL or self.heap == NULL):
            raise MemoryError("no room for a search over this network")
        for node in range(self.node_count):
            self.distance[node] = IMPASSABLE
            self.is_target[node] = 0
        self.touched_count = self.heap_size = 0

    def __dealloc__(self):
        free(self.distance)
        free(self.came_by)
        free(self.came_from)
        free(self.touched)
        free(self.is_target)
        free(self.heap)

    def spread(self, const int32_t[::1] seed_nodes, const uint64_t[::1] seed_labels,
               uint64_t most_weight, bint backward=False):
        """Labels of all nodes within `most_weight` of the seeds, (nodes,) uint64, a fresh array.

        Others hold the largest value. `backward` measures the ways *to* the seeds.
        """
        self._check(seed_nodes, seed_labels)
        with nogil:
            self._forget()
            self._seed(seed_nodes, seed_labels)
            self._run(most_weight, backward, 0)
        found = np.full(self.node_count, IMPASSABLE, np.uint64)
        cdef uint64_t[::1] view = found
        cdef Py_ssize_t index
        cdef uint64_t label
        for index in range(self.touched_count):
            label = self.distance[self.touched[index]]
            if (label >> 32) <= most_weight:
                view[self.touched[index]] = label
        return found

    def matrix(self, const int32_t[:, ::1] out_nodes, const uint64_t[:, ::1] out_labels,
               const int32_t[:, ::1] in_nodes, const uint64_t[:, ::1] in_labels,
               uint64_t most_weight):
        """Least labels from every source to every target, (sources, targets) uint64.

        A source or target touches the network at the nodes of its row, at the labels beside them.
        """
        cdef Py_ssize_t source, target, side, sides = in_nodes.shape[1]
        cdef Py_ssize_t targets = in_nodes.shape[0], different = 0
        cdef uint64_t best, label
        found = np.full((out_nodes.shape[0], targets), IMPASSABLE, np.uint64)
        cdef uint64_t[:, ::1] view = found
        for source in range(out_nodes.shape[0]):
            self._check(out_nodes[source], out_labels[source])
        for target in range(targets):
            self._check(in_nodes[target], in_labels[target])
        with nogil:
            for target in range(targets):
                for side in range(sides):
                    if in_labels[target, side] != IMPASSABLE and not self.is_target[in_nodes[target, side]]:
                        self.is_target[in_nodes[target, side]] = 1
                        different += 1
            for source in range(out_nodes.shape[0]):
                self._forget()
                self._seed(out_nodes[source], out_labels[source])
                self._run(most_weight, False, different)
                for target in range(targets):
                    best = IMPASSABLE
                    for side in range(sides):
                        if in_labels[target, side] == IMPASSABLE:
                            continue
                        label = self.distance[in_nodes[target, side]]
                        if label != IMPASSABLE and label + in_labels[target, side] < best:
                            best = label + in_labels[target, side]
                    if (best >> 32) <= most_weight:
                        view[source, target] = best
            for target in range(targets):
                for side in range(sides):
                    if in_labels[target, side] != IMPASSABLE:
                        self.is_target[in_nodes[target, side]] = 0
        return found

    def route(self, const int32_t[::1] out_nodes, const uint64_t[::1] out_labels,
              const int32_t[::1] in_nodes, const uint64_t[::1] in_labels,
              const float[::1] factors=None, double least_factor=1.0):
        """The best way: (out side, in side, arcs from source to target), or None where there is none.

        `factors` multiply the weights of edges for choosing; `least_factor` is a lower bound of all
        of them times the least weight per centimetre of crow's flight, 0 for a blind search.
        """
        self._check(out_nodes, out_labels)
        self._check(in_nodes, in_labels)
        if factors is not None and 2 * factors.shape[0] != self.labels.shape[0]:
            raise ValueError("one factor is needed for every edge")
        cdef Py_ssize_t side, best_side = -1
        with nogil:
            self._forget()
            self._seed(out_nodes, out_labels)
            best_side = self._run_towards(in_nodes, in_labels, factors, least_factor)
        if best_side < 0:
            return None
        arcs = []
        cdef int32_t node = in_nodes[best_side]
        while self.came_by[node] >= 0:
            arcs.append(self.came_by[node])
            node = self.came_from[node]
        arcs.reverse()
        return -1 - self.came_by[node], best_side, arcs

    cdef object _check(self, const int32_t[::1] nodes, const uint64_t[::1] labels):
        cdef Py_ssize_t index
        if nodes.shape[0] != labels.shape[0]:
            raise ValueError("one label is needed for every node")
        for index in range(nodes.shape[0]):
            if not 0 <= nodes[index] < self.node_count:
                raise IndexError(f"no node {nodes[index]}")

    cdef void _forget(self) noexcept nogil:
        cdef Py_ssize_t index
        for index in range(self.touched_count):
            self.distance[self.touched[index]] = IMPASSABLE
        self.touched_count = self.heap_size = 0

    cdef void _seed(self, const int32_t[::1] nodes, const uint64_t[::1] labels) noexcept nogil:
        cdef Py_ssize_t index
        for index in range(nodes.shape[0]):
            if labels[index] == IMPASSABLE or labels[index] >= self.distance[nodes[index]]:
                continue
            if self.distance[nodes[index]] == IMPASSABLE:
                self.touched[self.touched_count] = nodes[index]
                self.touched_count += 1
            self.distance[nodes[index]] = labels[index]
            self.came_by[nodes[index]] = <int32_t>(-1 - index)
        for index in range(self.touched_count):  # one push a node, whatever the number of seeds
            push(self.heap, &self.heap_size, key_of(self.distance[self.touched[index]], self.touched[index]))

    cdef void _run(self, uint64_t most_weight, bint backward, Py_ssize_t targets) noexcept nogil:
        """Settle nodes in order of weight, up to the limit or until all targets are settled."""
        cdef uint64_t key, label, step
        cdef int32_t node, head
        cdef int32_t at
        cdef int32_t turned = 1 if backward else 0
        cdef Py_ssize_t left = targets
        while self.heap_size > 0:
            key = pop(self.heap, &self.heap_size)
            node = node_of(key)
            label = self.distance[node]
            if (key >> 32) != (label >> 32):
                continue  # a better way was found since
            if (label >> 32) > most_weight:
                break
            if targets and self.is_target[node]:
                left -= 1
                if left == 0:
                    break
            for at in range(self.first_out[node], self.first_out[node + 1]):
                step = self.labels[self.arc[at] ^ turned]
                if step == IMPASSABLE:
                    continue
                step += label
                head = self.arc_head[at]
                if step >= self.distance[head]:
                    continue
                if self.distance[head] == IMPASSABLE:
                    self.touched[self.touched_count] = head
                    self.touched_count += 1
                self.distance[head] = step
                if self.heap_size < self.arc.shape[0] + self.node_count:
                    push(self.heap, &self.heap_size, key_of(step, head))

    cdef Py_ssize_t _run_towards(self, const int32_t[::1] in_nodes, const uint64_t[::1] in_labels,
                                 const float[::1] factors, double least_factor) noexcept nogil:
        cdef uint64_t key, label, step, best = IMPASSABLE, bound
        cdef int32_t node, head, arc
        cdef int32_t at
        cdef Py_ssize_t side, best_side = -1, index
        cdef int32_t goal = in_nodes[0]
        cdef double east = cos(self.node_lat[goal] * 1.7453292519943295e-9)
        # The other in-side may lie nearer: its distance from the goal loosens the bound.
        cdef double slack = 0.0
        for side in range(in_nodes.shape[0]):
            bound = <uint64_t>self._crow(in_nodes[side], goal, east)
            if bound > slack:
                slack = <double>bound + 1.0
        self.heap_size = 0
        for index in range(self.touched_count):
            node = self.touched[index]
            push(self.heap, &self.heap_size,
                 key_of(self.distance[node] + self._ahead(node, goal, east, slack, least_factor), node))
        while self.heap_size > 0:
            key = pop(self.heap, &self.heap_size)
            if (key & 0xFFFFFFFF00000000ULL) >= best:
                break
            node = node_of(key)
            label = self.distance[node]
            if (key >> 32) > ((label + self._ahead(node, goal, east, slack, least_factor)) >> 32):
                continue
            for side in range(in_nodes.shape[0]):
                if in_nodes[side] == node and in_labels[side] != IMPASSABLE:
                    if label + in_labels[side] < best:
                        best = label + in_labels[side]
                        best_side = side
            for at in range(self.first_out[node], self.first_out[node + 1]):
                arc = self.arc[at]
                step = self.labels[arc]
                if step == IMPASSABLE:
                    continue
                if factors is not None:
                    step = ((<uint64_t>(<double>(step >> 32) * factors[arc >> 1] + 0.5)) << 32) | (step & 0xFFFFFFFFULL)
                step += label
                head = self.arc_head[at]
                if step >= self.distance[head] or step >= best:
                    continue
                if self.distance[head] == IMPASSABLE:
                    self.touched[self.touched_count] = head
                    self.touched_count += 1
                self.distance[head] = step
                self.came_by[head] = arc
                self.came_from[head] = node
                if self.heap_size < self.arc.shape[0] + self.node_count:
                    push(self.heap, &self.heap_size,
                         key_of(step + self._ahead(head, goal, east, slack, least_factor), head))
        return best_side

    cdef double _crow(self, int32_t node, int32_t goal, double east) noexcept nogil:
        """Centimetres between two nodes on a plane that is a little too small."""
        cdef double across = (<double>self.node_lon[node] - self.node_lon[goal]) * east
        cdef double up = <double>self.node_lat[node] - self.node_lat[goal]
        return 0.99 * CENTIMETRES_PER_E7 * sqrt(across * across + up * up)

    cdef uint64_t _ahead(self, int32_t node, int32_t goal, double east, double slack,
                         double least_factor) noexcept nogil:
        cdef double left = self._crow(node, goal, east) - slack
        if left <= 0.0 or least_factor <= 0.0:
            return 0
        return (<uint64_t>(left * least_factor)) << 32
