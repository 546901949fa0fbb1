"""Contraction hierarchies: nodes are taken out one by one, shortcuts keep all distances.

R. Geisberger, P. Sanders, D. Schultes, D. Delling, "Contraction Hierarchies: Faster and Simpler
Hierarchical Routing in Road Networks" (WEA 2008). Order by edge difference and depth, lazily
updated; witness searches are bounded by settled nodes, so a shortcut may be superfluous but never
missing. Labels are packed weight and effort; least weight wins, then least effort.

The finished hierarchy lists for each node its arcs to nodes taken out later ("up"): `head`, the
label of walking to the head (`up`) and from it (`down`), and what each stands for (`up_middle`,
`down_middle`): the arc edge * 2 + direction as -1 - arc, or the node taken out from between.
Nodes are renumbered by rank, the last one taken out is 0.
"""
from libc.stdint cimport int32_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memset

import numpy as np

from solver.min_heap cimport key_of, node_of, pop, push

cdef uint64_t IMPASSABLE = 0xFFFFFFFFFFFFFFFFULL
cdef int GUESSING_SETTLES = 24    # witnesses looked for when an order is estimated
cdef int SETTLES = 300            # and when shortcuts are really drawn
cdef int HIGH = 1 << 20           # keeps priorities positive

cdef struct Arc:
    int32_t head
    int32_t out_middle
    int32_t in_middle
    uint64_t out_label   # from the owner to the head
    uint64_t in_label    # from the head to the owner

cdef struct ArcList:
    Arc* arcs
    int count
    int room

cdef struct Shortcut:
    int32_t begin
    int32_t end
    uint64_t label


cdef class Contraction:
    """The network while it is being contracted."""

    cdef Py_ssize_t node_count, heap_size, touched_count, shortcut_count, shortcut_room, heap_room
    cdef ArcList* lists
    cdef uint64_t* distance
    cdef uint8_t* taken_out
    cdef uint8_t* wanted
    cdef int32_t* touched
    cdef int32_t* depth
    cdef uint64_t* heap
    cdef Shortcut* shortcuts
    cdef bint out_of_memory, symmetric

    def __cinit__(self, const int32_t[::1] first_out, const int32_t[::1] arc_head,
                  const int32_t[::1] arc, const uint64_t[::1] labels):
        cdef Py_ssize_t node, at
        self.node_count = first_out.shape[0] - 1
        cdef size_t room = self.node_count + 1
        self.lists = <ArcList*>malloc(room * sizeof(ArcList))
        self.distance = <uint64_t*>malloc(room * sizeof(uint64_t))
        self.taken_out = <uint8_t*>malloc(room)
        self.wanted = <uint8_t*>malloc(room)
        self.touched = <int32_t*>malloc(room * sizeof(int32_t))
        self.depth = <int32_t*>malloc(room * sizeof(int32_t))
        self.heap_room = arc.shape[0] * 4 + room + 1024
        self.heap = <uint64_t*>malloc(self.heap_room * sizeof(uint64_t))
        self.shortcut_room = 4096
        self.shortcuts = <Shortcut*>malloc(self.shortcut_room * sizeof(Shortcut))
        if (self.lists == NULL or self.distance == NULL or self.taken_out == NULL
                or self.touched == NULL or self.depth == NULL or self.heap == NULL
                or self.shortcuts == NULL or self.wanted == NULL):
            if self.lists != NULL:
                memset(self.lists, 0, room * sizeof(ArcList))
            raise MemoryError("no room to contract this network")
        memset(self.lists, 0, room * sizeof(ArcList))
        memset(self.taken_out, 0, room)
        memset(self.wanted, 0, room)
        memset(self.depth, 0, room * sizeof(int32_t))
        memset(self.distance, 255, room * sizeof(uint64_t))
        self.symmetric = True
        for node in range(self.node_count):
            for at in range(first_out[node], first_out[node + 1]):
                if labels[arc[at]] != IMPASSABLE:
                    self._improve(<int32_t>node, arc_head[at], labels[arc[at]], -1 - arc[at])
                if labels[arc[at]] != labels[arc[at] ^ 1]:
                    self.symmetric = False
        if self.out_of_memory:
            raise MemoryError("no room to contract this network")

    def __dealloc__(self):
        cdef Py_ssize_t node
        if self.lists != NULL:
            for node in range(self.node_count):
                free(self.lists[node].arcs)
        free(self.lists)
        free(self.distance)
        free(self.taken_out)
        free(self.wanted)
        free(self.touched)
        free(self.depth)
        free(self.heap)
        free(self.shortcuts)

    def contract(self, given_order=None):
        """Take out all nodes: (order, first_up, head, up, down, up_middle, down_middle).

        `order` (nodes,) int32 lists nodes as they were taken out; `given_order` prescribes it,
        which is several times faster and serves a profile that differs little. The other arrays
        are by rank. To be called once.
        """
        order_array = np.empty(self.node_count, np.int32)
        cdef int32_t[::1] order = order_array
        if given_order is not None:
            order_array[:] = given_order
            if sorted(given_order) != list(range(self.node_count)):
                raise ValueError("an order names every node once")
            with nogil:
                self._contract_in_order(order)
        else:
            with nogil:
                self._contract_by_priority(order)
        if self.out_of_memory:
            raise MemoryError("no room to contract this network")
        return (order_array, *self._upward(order_array))

    cdef void _contract_in_order(self, int32_t[::1] order) noexcept nogil:
        cdef Py_ssize_t step
        for step in range(self.node_count):
            self._take_out(order[step])

    cdef void _contract_by_priority(self, int32_t[::1] order) noexcept nogil:
        cdef Py_ssize_t waiting_size = 0, step = 0, index
        cdef uint64_t key
        cdef int32_t node, neighbour
        cdef int priority
        cdef uint64_t* waiting
        cdef Py_ssize_t room = self.node_count * 16 + 1024
        cdef int32_t* current = <int32_t*>malloc((self.node_count + 1) * sizeof(int32_t))
        waiting = <uint64_t*>malloc(room * sizeof(uint64_t))
        if waiting == NULL or current == NULL:
            self.out_of_memory = True
            free(waiting)
            free(current)
            return
        for node in range(self.node_count):
            current[node] = self._priority(node, GUESSING_SETTLES)
            push(waiting, &waiting_size, key_of(<uint64_t>current[node] << 32, node))
        while waiting_size > 0:
            key = pop(waiting, &waiting_size)
            node = node_of(key)
            if self.taken_out[node] or <int>(key >> 32) != current[node]:
                continue
            priority = self._priority(node, GUESSING_SETTLES)
            if waiting_size > 0 and priority > <int>(waiting[0] >> 32):
                current[node] = priority
                push(waiting, &waiting_size, key_of(<uint64_t>priority << 32, node))
                continue
            order[step] = node
            step += 1
            self._take_out(node)
            for index in range(self.lists[node].count):
                neighbour = self.lists[node].arcs[index].head
                priority = self._priority(neighbour, GUESSING_SETTLES)
                if priority == current[neighbour]:
                    continue
                if waiting_size + 1 >= room:
                    room *= 2
                    waiting = <uint64_t*>realloc(waiting, room * sizeof(uint64_t))
                    if waiting == NULL:
                        self.out_of_memory = True
                        free(current)
                        return
                current[neighbour] = priority
                push(waiting, &waiting_size, key_of(<uint64_t>priority << 32, neighbour))
        free(waiting)
        free(current)

    cdef int _priority(self, int32_t node, int settles) noexcept nogil:
        """Shortcuts drawn against arcs saved, and how deep the hierarchy below already is."""
        cdef int arcs = 2 * self.lists[node].count
        cdef int drawn = self._find_shortcuts(node, settles)
        return 8 * drawn - 4 * arcs + 3 * self.depth[node] + HIGH

    cdef void _take_out(self, int32_t node) noexcept nogil:
        """Draw the shortcuts and cut the node off; its own list stays: all its arcs lead up."""
        cdef Py_ssize_t index
        cdef int32_t neighbour
        self._find_shortcuts(node, SETTLES)
        self.taken_out[node] = 1
        for index in range(self.lists[node].count):
            neighbour = self.lists[node].arcs[index].head
            self._cut(neighbour, node)
            if self.depth[neighbour] <= self.depth[node]:
                self.depth[neighbour] = self.depth[node] + 1
        for index in range(self.shortcut_count):
            self._improve(self.shortcuts[index].begin, self.shortcuts[index].end,
                          self.shortcuts[index].label, node)

    cdef int _find_shortcuts(self, int32_t node, int settles) noexcept nogil:
        """Pairs of neighbours whose best way may lead over the node; how many."""
        cdef ArcList* around = &self.lists[node]
        cdef Py_ssize_t i, j
        cdef uint64_t farthest, label
        cdef int targets
        self.shortcut_count = 0
        for i in range(around.count):
            if around.arcs[i].in_label == IMPASSABLE:
                continue
            farthest = 0
            targets = 0
            # In a network without one-way slopes each pair is looked at once.
            for j in range(i + 1 if self.symmetric else 0, around.count):
                if j == i or around.arcs[j].out_label == IMPASSABLE:
                    continue
                label = around.arcs[i].in_label + around.arcs[j].out_label
                farthest = label if label > farthest else farthest
                self.wanted[around.arcs[j].head] = 1
                targets += 1
            if targets == 0:
                continue
            self._search_witnesses(around.arcs[i].head, node, farthest, settles, targets)
            for j in range(i + 1 if self.symmetric else 0, around.count):
                if j == i or around.arcs[j].out_label == IMPASSABLE:
                    continue
                self.wanted[around.arcs[j].head] = 0
                label = around.arcs[i].in_label + around.arcs[j].out_label
                if self.distance[around.arcs[j].head] > label:
                    self._note(around.arcs[i].head, around.arcs[j].head, label)
                    if self.symmetric:
                        self._note(around.arcs[j].head, around.arcs[i].head, label)
            for j in range(self.touched_count):
                self.distance[self.touched[j]] = IMPASSABLE
        return <int>self.shortcut_count

    cdef void _note(self, int32_t begin, int32_t end, uint64_t label) noexcept nogil:
        cdef Shortcut* larger
        if self.shortcut_count == self.shortcut_room:
            larger = <Shortcut*>realloc(self.shortcuts, 2 * self.shortcut_room * sizeof(Shortcut))
            if larger == NULL:
                self.out_of_memory = True
                return
            self.shortcuts = larger
            self.shortcut_room *= 2
        self.shortcuts[self.shortcut_count].begin = begin
        self.shortcuts[self.shortcut_count].end = end
        self.shortcuts[self.shortcut_count].label = label
        self.shortcut_count += 1

    cdef void _search_witnesses(self, int32_t source, int32_t without, uint64_t farthest,
                                int settles, int targets) noexcept nogil:
        cdef uint64_t key, label, step
        cdef int32_t node
        cdef Py_ssize_t index
        cdef ArcList* around
        self.touched_count = self.heap_size = 0
        self.distance[source] = 0
        self.touched[0] = source
        self.touched_count = 1
        push(self.heap, &self.heap_size, key_of(0, source))
        while self.heap_size > 0 and settles > 0:
            key = pop(self.heap, &self.heap_size)
            node = node_of(key)
            label = self.distance[node]
            if (key >> 32) != (label >> 32):
                continue
            if label > farthest:
                break
            settles -= 1
            if self.wanted[node]:
                targets -= 1
                if targets == 0:
                    break
            around = &self.lists[node]
            for index in range(around.count):
                step = around.arcs[index].out_label
                if around.arcs[index].head == without or step == IMPASSABLE:
                    continue
                step += label
                if step >= self.distance[around.arcs[index].head]:
                    continue
                if self.distance[around.arcs[index].head] == IMPASSABLE:
                    self.touched[self.touched_count] = around.arcs[index].head
                    self.touched_count += 1
                self.distance[around.arcs[index].head] = step
                if self.heap_size < self.heap_room:
                    push(self.heap, &self.heap_size, key_of(step, around.arcs[index].head))

    cdef Arc* _arc_to(self, int32_t owner, int32_t head) noexcept nogil:
        """The owner's arc to the head, made where there is none; NULL without memory."""
        cdef ArcList* around = &self.lists[owner]
        cdef Arc* larger
        cdef int index
        for index in range(around.count):
            if around.arcs[index].head == head:
                return &around.arcs[index]
        if around.count == around.room:
            larger = <Arc*>realloc(around.arcs, (2 * around.room + 4) * sizeof(Arc))
            if larger == NULL:
                self.out_of_memory = True
                return NULL
            around.arcs = larger
            around.room = 2 * around.room + 4
        around.count += 1
        around.arcs[around.count - 1] = Arc(head, 0, 0, IMPASSABLE, IMPASSABLE)
        return &around.arcs[around.count - 1]

    cdef void _improve(self, int32_t begin, int32_t end, uint64_t label, int32_t middle) noexcept nogil:
        cdef Arc* arc = self._arc_to(begin, end)
        if arc == NULL:
            return
        if label < arc.out_label:
            arc.out_label, arc.out_middle = label, middle
        arc = self._arc_to(end, begin)
        if arc == NULL:
            return
        if label < arc.in_label:
            arc.in_label, arc.in_middle = label, middle

    cdef void _cut(self, int32_t owner, int32_t head) noexcept nogil:
        cdef ArcList* around = &self.lists[owner]
        cdef int index
        for index in range(around.count):
            if around.arcs[index].head == head:
                around.count -= 1
                around.arcs[index] = around.arcs[around.count]
                return

    def _upward(self, order):
        """The lists by rank, heads ascending, as arrays."""
        cdef Py_ssize_t rank, index, at = 0
        cdef int32_t node
        newest_first = np.ascontiguousarray(order[::-1]) if len(order) else order
        rank_of = np.empty(self.node_count, np.int32)
        rank_of[newest_first] = np.arange(self.node_count, dtype=np.int32)
        cdef const int32_t[::1] by_rank = newest_first
        cdef const int32_t[::1] ranks = rank_of
        first_array = np.zeros(self.node_count + 1, np.int32)
        cdef int32_t[::1] first = first_array
        for rank in range(self.node_count):
            first[rank + 1] = first[rank] + self.lists[by_rank[rank]].count
        arcs = int(first_array[-1])
        head_array = np.empty(arcs, np.int32)
        up_array, down_array = np.empty(arcs, np.uint64), np.empty(arcs, np.uint64)
        up_middle_array, down_middle_array = np.empty(arcs, np.int32), np.empty(arcs, np.int32)
        cdef int32_t[::1] head = head_array, up_middle = up_middle_array
        cdef int32_t[::1] down_middle = down_middle_array
        cdef uint64_t[::1] up = up_array, down = down_array
        cdef Arc arc
        for rank in range(self.node_count):
            node = by_rank[rank]
            for index in range(self.lists[node].count):
                arc = self.lists[node].arcs[index]
                head[at], up[at], down[at] = ranks[arc.head], arc.out_label, arc.in_label
                up_middle[at] = arc.out_middle if arc.out_middle < 0 else ranks[arc.out_middle]
                down_middle[at] = arc.in_middle if arc.in_middle < 0 else ranks[arc.in_middle]
                at += 1
        owner = np.repeat(np.arange(self.node_count), np.diff(first_array))
        by_head = np.lexsort((head_array, owner))
        return (first_array, head_array[by_head], up_array[by_head], down_array[by_head],
                up_middle_array[by_head], down_middle_array[by_head])
