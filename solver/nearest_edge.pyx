"""The nearest points of the network to a place: part-way along edges, found through a grid.

The grid's cells hold the segments (numbered by their first point) whose boxes touch them; rings of
cells are searched outwards until nothing near enough can follow.
"""
from libc.math cimport cos, floor, sqrt
from libc.stdint cimport int32_t, uint8_t, uint16_t

cdef double METRES_PER_E7 = 0.0111195
cdef double RADIANS_PER_E7 = 1.7453292519943295e-9

cdef enum:
    ROOM = 8

cdef struct Near:
    int32_t edge
    int32_t segment
    double share
    double away


def nearest_edges(
    const int32_t[::1] frame, const int32_t[::1] first, const int32_t[::1] segments,
    const int32_t[::1] point_lon, const int32_t[::1] point_lat, const int32_t[::1] point_edge,
    const int32_t[::1] edge_island, const uint8_t[::1] island_is_open,
    const uint16_t[::1] edge_word, int avoided_flags,
    double longitude_e7, double latitude_e7, double radius_metres,
    int most=1, double slack_metres=0.0, double slack_share=0.0,
):
    """[(segment, share along it 0..1, metres away)], the nearest point of each edge, nearest first.

    At most `most` (1..8) edges: the nearest within the radius and those that are farther than it by
    no more than `slack_metres` plus `slack_share` of its distance. Edges without an island (-1), on
    a closed island or with an avoided flag are passed over.
    """
    if not 1 <= most <= ROOM:
        raise ValueError(f"most must lie in 1..{ROOM}")
    cdef Near found[ROOM]
    cdef int count = 0, place
    cdef double east = cos(latitude_e7 * RADIANS_PER_E7) * METRES_PER_E7
    cdef int32_t west = frame[0], south = frame[1], columns = frame[4], rows = frame[5]
    cdef double width = frame[2], height = frame[3]
    cdef double cell_metres = min(width * east, height * METRES_PER_E7)
    cdef int column = <int>floor((longitude_e7 - west) / width)
    cdef int row = <int>floor((latitude_e7 - south) / height)
    cdef int ring = 0, r, c
    cdef double limit = radius_metres, share, away
    cdef int32_t at, segment, edge, island
    cdef double ax, ay, bx, by, length
    # A place far outside the frame starts at the ring that first touches it.
    cdef int outside = max(max(-column, column - columns + 1), max(-row, row - rows + 1))
    if outside > 0:
        if (outside - 1) * cell_metres > radius_metres:
            return []
        ring = outside
    while (ring - 1) * cell_metres <= limit:
        if ring > columns + rows + outside:
            break
        for r in range(row - ring, row + ring + 1):
            if r < 0 or r >= rows:
                continue
            c = column - ring
            while c <= column + ring:
                if 0 <= c < columns:
                    for at in range(first[r * columns + c], first[r * columns + c + 1]):
                        segment = segments[at]
                        edge = point_edge[segment]
                        island = edge_island[edge]
                        if island < 0 or not island_is_open[island] or edge_word[edge] & avoided_flags:
                            continue
                        ax = (point_lon[segment] - longitude_e7) * east
                        ay = (point_lat[segment] - latitude_e7) * METRES_PER_E7
                        bx = (<double>point_lon[segment + 1] - point_lon[segment]) * east
                        by = (<double>point_lat[segment + 1] - point_lat[segment]) * METRES_PER_E7
                        length = bx * bx + by * by
                        share = 0.0
                        if length > 0.0:
                            share = -(ax * bx + ay * by) / length
                            share = 0.0 if share < 0.0 else (1.0 if share > 1.0 else share)
                        ax += share * bx
                        ay += share * by
                        away = sqrt(ax * ax + ay * ay)
                        if away > limit:
                            continue
                        count = _keep(found, count, most, Near(edge, segment, share, away))
                        limit = min(radius_metres, found[0].away * (1.0 + slack_share) + slack_metres)
                if r == row - ring or r == row + ring or ring == 0:
                    c += 1
                else:  # between the outermost rows only the first and last column are new
                    c += 2 * ring
        ring += 1
    return [
        (found[place].segment, found[place].share, found[place].away)
        for place in range(count)
        if found[place].away <= limit
    ]


cdef int _keep(Near* found, int count, int most, Near new) noexcept nogil:
    """Put `new` in its place by distance, one entry an edge; says how many there are now.

    Of equals the first found stays ahead: the grid's order decides, the same everywhere.
    """
    cdef int place, old = count
    for place in range(count):
        if found[place].edge == new.edge:
            if new.away >= found[place].away:
                return count
            old = place
            break
    if old == count:
        if count == most:
            if new.away >= found[count - 1].away:
                return count
            old = count - 1
        else:
            count += 1
    place = old
    while place > 0 and found[place - 1].away > new.away:
        found[place] = found[place - 1]
        place -= 1
    found[place] = new
    return count
