"""Distances between many places at once, and single ways, on a contraction hierarchy.

S. Knopp, P. Sanders, D. Schultes, F. Schulz, D. Wagner, "Computing Many-to-Many Shortest Paths
Using Highway Hierarchies" (ALENEX 2007): a small upward search from every target leaves its
labels in buckets at the nodes it settles; an upward search from a source reads them. Nodes that
are reached better from above are stalled (Geisberger et al. 2008).
"""
from libc.stdint cimport int32_t, uint64_t
from libc.stdlib cimport free, malloc, realloc

import numpy as np

from solver.errors import DamagedGraph
from solver.min_heap cimport key_of, node_of, pop, push

cdef uint64_t IMPASSABLE = 0xFFFFFFFFFFFFFFFFULL

cdef struct UpArc:
    int32_t head
    uint64_t up
    uint64_t down

cdef struct Entry:        # what a search leaves at a node it settles
    int32_t node
    int32_t place
    uint64_t label


cdef class ManyToMany:
    """Reusable searches on one profile's hierarchy; not shared between threads."""

    cdef const int32_t[::1] first_up, rank_of, up_middle, down_middle
    cdef UpArc* arcs
    cdef Py_ssize_t node_count, arc_count, heap_size, heap_room, touched_count, entry_count, entry_room
    cdef uint64_t* distance
    cdef int32_t* touched
    cdef int32_t* came_from
    cdef int32_t* came_by
    cdef int32_t* bucket_first   # by node, while buckets stand; -1 elsewhere
    cdef int32_t* bucket_count
    cdef uint64_t* heap
    cdef Entry* entries
    cdef Entry* buckets
    cdef Py_ssize_t bucket_room
    cdef bint symmetric, out_of_memory

    def __cinit__(self, const int32_t[::1] rank_of, const int32_t[::1] first_up,
                  const int32_t[::1] head, const uint64_t[::1] up, const uint64_t[::1] down,
                  const int32_t[::1] up_middle, const int32_t[::1] down_middle):
        cdef Py_ssize_t at, node
        self.rank_of, self.first_up = rank_of, first_up
        self.up_middle, self.down_middle = up_middle, down_middle
        self.node_count, self.arc_count = first_up.shape[0] - 1, head.shape[0]
        cdef size_t room = self.node_count + 1
        self.arcs = <UpArc*>malloc((self.arc_count + 1) * sizeof(UpArc))
        self.distance = <uint64_t*>malloc(room * sizeof(uint64_t))
        self.touched = <int32_t*>malloc(room * sizeof(int32_t))
        self.came_from = <int32_t*>malloc(room * sizeof(int32_t))
        self.came_by = <int32_t*>malloc(room * sizeof(int32_t))
        self.bucket_first = <int32_t*>malloc(room * sizeof(int32_t))
        self.bucket_count = <int32_t*>malloc(room * sizeof(int32_t))
        # Every arc improves its head at most once: nodes leave the heap in order of their weights.
        self.heap_room = self.arc_count + room
        self.heap = <uint64_t*>malloc(self.heap_room * sizeof(uint64_t))
        self.entry_room = self.bucket_room = 1 << 14
        self.entries = <Entry*>malloc(self.entry_room * sizeof(Entry))
        self.buckets = <Entry*>malloc(self.bucket_room * sizeof(Entry))
        if (self.arcs == NULL or self.distance == NULL or self.touched == NULL
                or self.came_from == NULL or self.came_by == NULL or self.bucket_first == NULL
                or self.bucket_count == NULL or self.heap == NULL or self.entries == NULL
                or self.buckets == NULL):
            raise MemoryError("no room for searches on this hierarchy")
        self.symmetric = True
        for at in range(self.arc_count):
            self.arcs[at] = UpArc(head[at], up[at], down[at])
            if up[at] != down[at]:
                self.symmetric = False
        for node in range(self.node_count):
            self.distance[node] = IMPASSABLE
            self.bucket_first[node] = -1
            self.bucket_count[node] = 0
        self.touched_count = self.heap_size = 0

    def __dealloc__(self):
        free(self.arcs)
        free(self.distance)
        free(self.touched)
        free(self.came_from)
        free(self.came_by)
        free(self.bucket_first)
        free(self.bucket_count)
        free(self.heap)
        free(self.entries)
        free(self.buckets)

    def matrix(self, const int32_t[:, ::1] out_nodes, const uint64_t[:, ::1] out_labels,
               const int32_t[:, ::1] in_nodes, const uint64_t[:, ::1] in_labels,
               uint64_t most_weight):
        """Least labels from every source to every target, (sources, targets) uint64.

        A source or target touches the network at the nodes of its row, at the labels beside them.
        Ways heavier than `most_weight` count as none.
        """
        cdef Py_ssize_t sources = out_nodes.shape[0], targets = in_nodes.shape[0], index
        for index in range(sources):
            self._check(out_nodes[index], out_labels[index])
        for index in range(targets):
            self._check(in_nodes[index], in_labels[index])
        # Where both directions cost the same, a place's two searches are one.
        cdef bint mirrored = self.symmetric and (
            np.array_equal(np.asarray(out_nodes)[:, ::-1], in_nodes)
            and np.array_equal(np.asarray(out_labels)[:, ::-1], in_labels))
        found = np.full((sources, targets), IMPASSABLE, np.uint64)
        cdef uint64_t[:, ::1] view = found
        with nogil:
            self.entry_count = 0
            for index in range(targets):
                self._search(in_nodes[index], in_labels[index], <int32_t>index, True, most_weight)
            self._fill_buckets()
            if mirrored:
                self._read_entries(view, most_weight)
            else:
                for index in range(sources):
                    self.entry_count = 0
                    self._search(out_nodes[index], out_labels[index], <int32_t>index, False, most_weight)
                    self._read_entries(view, most_weight)
            self._clear_buckets()
        if self.out_of_memory:
            self.out_of_memory = False
            raise MemoryError("no room for the buckets of this matrix")
        return found

    def route(self, const int32_t[::1] out_nodes, const uint64_t[::1] out_labels,
              const int32_t[::1] in_nodes, const uint64_t[::1] in_labels):
        """The best way: (out side, in side, arcs from source to target), or None where there is none.

        Arcs are those of the network: edge * 2 + direction.
        """
        self._check(out_nodes, out_labels)
        self._check(in_nodes, in_labels)
        cdef Py_ssize_t index
        cdef uint64_t label, best = IMPASSABLE
        cdef int32_t meeting = -1
        self.entry_count = 0
        self._search(in_nodes, in_labels, 0, True, 0xFFFFFFFF)
        ahead = {}
        for index in range(self.entry_count):
            ahead[self.entries[index].node] = self.entries[index].label
        behind = {node: (self.came_from[node], self.came_by[node]) for node in ahead}
        self.entry_count = 0
        self._search(out_nodes, out_labels, 0, False, 0xFFFFFFFF)
        for index in range(self.entry_count):
            if self.entries[index].node not in ahead:
                continue
            label = self.entries[index].label + <uint64_t>ahead[self.entries[index].node]
            if label < best:
                best, meeting = label, self.entries[index].node
        if meeting < 0:
            return None
        climb, node = [], meeting
        while self.came_from[node] >= 0:
            climb.append((self.came_from[node], self.came_by[node]))
            node = self.came_from[node]
        out_side = self.came_by[node]
        arcs = []
        for lower, by in reversed(climb):
            self._unpack(lower, by, True, arcs)
        node = meeting
        while behind[node][0] >= 0:
            lower, by = behind[node]
            self._unpack(lower, by, False, arcs)
            node = lower
        return out_side, behind[node][1], arcs

    def settled_by(self, const int32_t[::1] nodes, const uint64_t[::1] labels):
        """How many nodes one upward search settles; for benchmarks."""
        self._check(nodes, labels)
        self.entry_count = 0
        self._search(nodes, labels, 0, False, 0xFFFFFFFF)
        return self.entry_count

    def _unpack(self, int32_t owner, Py_ssize_t by, bint upward, list arcs):
        """Append the network's arcs of one arc of the hierarchy, with a stack of our own."""
        todo = [(owner, by, upward)]
        cdef int32_t middle, low
        cdef Py_ssize_t at
        while todo:
            low, at, climbs = todo.pop()
            middle = self.up_middle[at] if climbs else self.down_middle[at]
            if middle < 0:
                arcs.append(-1 - middle)
                continue
            begin, end = (low, self.arcs[at].head) if climbs else (self.arcs[at].head, low)
            # From the begin down to the middle, then up to the end; the last pushed comes first.
            todo.append((middle, self._arc_between(middle, end), True))
            todo.append((middle, self._arc_between(middle, begin), False))

    cdef Py_ssize_t _arc_between(self, int32_t owner, int32_t head) except -1:
        cdef Py_ssize_t low = self.first_up[owner], high = self.first_up[owner + 1], middle
        while low < high:
            middle = (low + high) // 2
            if self.arcs[middle].head < head:
                low = middle + 1
            else:
                high = middle
        if low >= self.first_up[owner + 1] or self.arcs[low].head != head:
            raise DamagedGraph("the hierarchy lacks an arc that a shortcut stands for")
        return low

    cdef object _check(self, const int32_t[::1] nodes, const uint64_t[::1] labels):
        cdef Py_ssize_t index
        if nodes.shape[0] != labels.shape[0]:
            raise ValueError("one label is needed for every node")
        for index in range(nodes.shape[0]):
            if not 0 <= nodes[index] < self.node_count:
                raise IndexError(f"no node {nodes[index]}")

    cdef void _search(self, const int32_t[::1] nodes, const uint64_t[::1] labels, int32_t place,
                      bint backward, uint64_t most_weight) noexcept nogil:
        """Climb from the seeds; every settled node that is not stalled becomes an entry."""
        cdef uint64_t key, label, step
        cdef int32_t node, head
        cdef Py_ssize_t index
        cdef int32_t at
        cdef bint stalled
        cdef UpArc* arc
        for index in range(self.touched_count):
            self.distance[self.touched[index]] = IMPASSABLE
        self.touched_count = self.heap_size = 0
        for index in range(nodes.shape[0]):
            node = self.rank_of[nodes[index]]
            if labels[index] >= self.distance[node]:
                continue
            if self.distance[node] == IMPASSABLE:
                self.touched[self.touched_count] = node
                self.touched_count += 1
            self.distance[node] = labels[index]
            self.came_from[node] = -1
            self.came_by[node] = <int32_t>index
        for index in range(self.touched_count):
            push(self.heap, &self.heap_size, key_of(self.distance[self.touched[index]], self.touched[index]))
        while self.heap_size > 0:
            key = pop(self.heap, &self.heap_size)
            node = node_of(key)
            label = self.distance[node]
            if (key >> 32) != (label >> 32):
                continue
            if (label >> 32) > most_weight:
                break
            stalled = False
            for at in range(self.first_up[node], self.first_up[node + 1]):
                arc = &self.arcs[at]
                step = arc.up if backward else arc.down
                if self.distance[arc.head] != IMPASSABLE and step != IMPASSABLE and self.distance[arc.head] + step < label:
                    stalled = True
                    break
            if stalled:
                continue
            self._leave(node, place, label)
            for at in range(self.first_up[node], self.first_up[node + 1]):
                arc = &self.arcs[at]
                step = arc.down if backward else arc.up
                if step == IMPASSABLE:
                    continue
                step += label
                head = arc.head
                if step >= self.distance[head]:
                    continue
                if self.distance[head] == IMPASSABLE:
                    self.touched[self.touched_count] = head
                    self.touched_count += 1
                self.distance[head] = step
                self.came_from[head] = node
                self.came_by[head] = at
                if self.heap_size < self.heap_room:
                    push(self.heap, &self.heap_size, key_of(step, head))

    cdef void _leave(self, int32_t node, int32_t place, uint64_t label) noexcept nogil:
        cdef Entry* larger
        if self.entry_count == self.entry_room:
            larger = <Entry*>realloc(self.entries, 2 * self.entry_room * sizeof(Entry))
            if larger == NULL:
                self.out_of_memory = True
                return
            self.entries = larger
            self.entry_room *= 2
        self.entries[self.entry_count] = Entry(node, place, label)
        self.entry_count += 1

    cdef void _fill_buckets(self) noexcept nogil:
        """Sort the entries by node; each node's stand together, in order of places."""
        cdef Py_ssize_t index
        cdef int32_t node, total = 0
        cdef Entry* larger
        if self.entry_count > self.bucket_room:
            larger = <Entry*>realloc(self.buckets, self.entry_room * sizeof(Entry))
            if larger == NULL:
                self.out_of_memory = True
                self.entry_count = 0
                return
            self.buckets = larger
            self.bucket_room = self.entry_room
        for index in range(self.entry_count):
            self.bucket_count[self.entries[index].node] += 1
        for index in range(self.entry_count):
            node = self.entries[index].node
            if self.bucket_first[node] < 0:
                self.bucket_first[node] = total
                total += self.bucket_count[node]
                self.bucket_count[node] = 0
            self.buckets[self.bucket_first[node] + self.bucket_count[node]] = self.entries[index]
            self.bucket_count[node] += 1

    cdef void _read_entries(self, uint64_t[:, ::1] view, uint64_t most_weight) noexcept nogil:
        """Join what searches from sources left with the buckets of the targets."""
        cdef Py_ssize_t index, at, last
        cdef uint64_t label, both
        cdef uint64_t* row
        cdef uint64_t most = (most_weight << 32) | 0xFFFFFFFFULL
        for index in range(self.entry_count):
            at = self.bucket_first[self.entries[index].node]
            if at < 0:
                continue
            last = at + self.bucket_count[self.entries[index].node]
            row = &view[self.entries[index].place, 0]
            label = self.entries[index].label
            while at < last:
                both = label + self.buckets[at].label
                if both < row[self.buckets[at].place] and both <= most:
                    row[self.buckets[at].place] = both
                at += 1

    cdef void _clear_buckets(self) noexcept nogil:
        cdef Py_ssize_t index, node
        # Entries may have been overwritten by the sources': the buckets know all their nodes.
        for node in range(self.node_count):
            self.bucket_first[node] = -1
            self.bucket_count[node] = 0
