"""A four-ary min-heap of 64-bit keys: weight in the upper half, node in the lower.

One comparison orders by weight and then by node, so equal weights leave in one order everywhere.
The owner provides the room; nothing here allocates or checks.
"""
from libc.stdint cimport int32_t, uint64_t


cdef inline uint64_t key_of(uint64_t label, int32_t node) noexcept nogil:
    """The label's weight with the node's number below it."""
    return (label & 0xFFFFFFFF00000000ULL) | <uint64_t>node


cdef inline int32_t node_of(uint64_t key) noexcept nogil:
    return <int32_t>(key & 0xFFFFFFFFULL)


cdef inline void push(uint64_t* heap, Py_ssize_t* size, uint64_t key) noexcept nogil:
    """Add a key; the room must be larger than `size`."""
    cdef Py_ssize_t hole = size[0], parent
    size[0] += 1
    while hole > 0:
        parent = (hole - 1) >> 2
        if heap[parent] <= key:
            break
        heap[hole] = heap[parent]
        hole = parent
    heap[hole] = key


cdef inline uint64_t pop(uint64_t* heap, Py_ssize_t* size) noexcept nogil:
    """Take the smallest key of a heap that is not empty."""
    cdef uint64_t smallest = heap[0], last
    cdef Py_ssize_t hole = 0, child, best, end, count = size[0] - 1
    size[0] = count
    last = heap[count]
    while True:
        child = 4 * hole + 1
        if child >= count:
            break
        end = child + 4
        if end > count:
            end = count
        best = child
        child += 1
        while child < end:
            if heap[child] < heap[best]:
                best = child
            child += 1
        if heap[best] >= last:
            break
        heap[hole] = heap[best]
        hole = best
    heap[hole] = last
    return smallest
