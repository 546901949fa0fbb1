"""The fixed part of a search: arc costs, scores, near places; plain arrays, owned by one class."""

from libc.stdint cimport int32_t, int64_t

cdef enum:
    MOST_NEAR = 64          # near places in a list at most


cdef struct Ground:
    int node_count          # start is node 0, end is node 1 (also of a loop), candidates follow
    int near_count          # entries of every row of `near`
    int most_stops          # candidates on a tour at most
    int group_count
    bint symmetric          # arc_cost equals its transpose
    bint grouped            # some candidate belongs to a group, and repeats are worth less
    int64_t budget          # in the unit of arc_cost
    int32_t *arc_cost       # [from * node_count + to]: travel twice plus the visits at both ends
    int32_t *arc_into       # the transpose of arc_cost: [to * node_count + from]
    int32_t *near           # [node * near_count + k]: nearest first; a short row ends in -1
    int32_t *near_cost      # the arcs from `node` to them
    int64_t *score          # fixed point; a must-visit has MUST_BONUS on top
    float *weight           # [taste * node_count + node]: score as the greedy insertion sees it
    int32_t *group          # -1 for none, else 0..
    int32_t *group_first    # members of group g live in Walk.members[group_first[g]..]
    double *decay_power     # decay to the power of 0, 1, 2…


cdef class GroundPlan:
    """Owns the arrays of one Ground."""

    cdef Ground ground
    cdef object _arrays
