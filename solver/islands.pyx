"""Islands of the network: within one, a walker can get from everywhere to everywhere and back.

R. Tarjan, "Depth-first search and linear graph algorithms" (1972), with the recursion unrolled.
"""
from libc.stdint cimport int32_t, uint64_t
import numpy as np

cdef uint64_t IMPASSABLE = 0xFFFFFFFFFFFFFFFFULL


def islands_of(
    const int32_t[::1] first_out,
    const int32_t[::1] arc_head,
    const int32_t[::1] arc,
    const uint64_t[::1] labels,
    labels_above=None,
):
    """Strongly connected components, numbered as they are closed; shape (nodes,), int32.

    `arc` holds edge * 2 + direction and indexes `labels`; closed directions are not followed, nor
    are arcs whose label reaches `labels_above` where it is given.
    """
    cdef Py_ssize_t node_count = first_out.shape[0] - 1
    cdef uint64_t limit = IMPASSABLE if labels_above is None else labels_above
    island_array = np.full(node_count, -1, np.int32)
    cdef int32_t[::1] island = island_array
    cdef int32_t[::1] order = np.full(node_count, -1, np.int32)
    cdef int32_t[::1] lowest = np.zeros(node_count, np.int32)
    cdef int32_t[::1] cursor = np.array(first_out[:node_count], dtype=np.int32)
    cdef int32_t[::1] path = np.zeros(node_count, np.int32)   # the way down from the root
    cdef int32_t[::1] waiting = np.zeros(node_count, np.int32)  # visited, island not yet closed
    cdef Py_ssize_t depth, waiting_count = 0, root
    cdef int32_t node, neighbour, visited = 0, closed = 0
    with nogil:
        for root in range(node_count):
            if order[root] >= 0:
                continue
            depth = 1
            path[0] = <int32_t>root
            order[root] = lowest[root] = visited
            visited += 1
            waiting[waiting_count] = <int32_t>root
            waiting_count += 1
            while depth > 0:
                node = path[depth - 1]
                if cursor[node] < first_out[node + 1]:
                    neighbour = arc_head[cursor[node]]
                    if labels[arc[cursor[node]]] >= limit:
                        cursor[node] += 1
                        continue
                    cursor[node] += 1
                    if order[neighbour] < 0:
                        order[neighbour] = lowest[neighbour] = visited
                        visited += 1
                        path[depth] = neighbour
                        depth += 1
                        waiting[waiting_count] = neighbour
                        waiting_count += 1
                    elif island[neighbour] < 0 and order[neighbour] < lowest[node]:
                        lowest[node] = order[neighbour]
                    continue
                depth -= 1
                if depth > 0 and lowest[node] < lowest[path[depth - 1]]:
                    lowest[path[depth - 1]] = lowest[node]
                if lowest[node] == order[node]:
                    while True:
                        waiting_count -= 1
                        neighbour = waiting[waiting_count]
                        island[neighbour] = closed
                        if neighbour == node:
                            break
                    closed += 1
    return island_array
