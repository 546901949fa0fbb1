"""The grid over the network's segments in which the nearest edge is looked for."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

METRES_PER_E7 = 0.0111195
RADIANS_PER_E7 = math.pi / 180e7

Numbers = NDArray[np.int32]


def grid_of(
    longitudes: Numbers, latitudes: Numbers, point_edge: Numbers, cell_metres: float
) -> tuple[Numbers, Numbers, Numbers]:
    """Cells of about `cell_metres`: (frame, first, segments), int32 arrays for the graph file.

    `frame` is west, south, cell width and height in 1e-7 degrees, columns, rows. `first` has one
    entry more than cells; the segments of cell c are segments[first[c]:first[c + 1]], ascending.
    """
    west, south = int(longitudes.min()), int(latitudes.min())
    east, north = int(longitudes.max()), int(latitudes.max())
    scale = max(0.05, math.cos((south + north) / 2 * RADIANS_PER_E7))
    # A sparse country gets larger cells: there are never many more cells than segments.
    while True:
        height = max(1, int(cell_metres / METRES_PER_E7))
        width = max(1, int(height / scale))
        columns, rows = (east - west) // width + 1, (north - south) // height + 1
        if columns * rows <= 4 * len(longitudes) + 1024:
            break
        cell_metres *= 1.5
    segments = np.flatnonzero(point_edge[:-1] == point_edge[1:])
    first_column = (np.minimum(longitudes[segments], longitudes[segments + 1]) - west) // width
    last_column = (np.maximum(longitudes[segments], longitudes[segments + 1]) - west) // width
    first_row = (np.minimum(latitudes[segments], latitudes[segments + 1]) - south) // height
    last_row = (np.maximum(latitudes[segments], latitudes[segments + 1]) - south) // height
    cells, owners = [], []
    for down in range(int((last_row - first_row).max(initial=0)) + 1):
        for across in range(int((last_column - first_column).max(initial=0)) + 1):
            here = (first_row + down <= last_row) & (first_column + across <= last_column)
            if not here.any():
                continue
            cells.append((first_row[here] + down) * columns + first_column[here] + across)
            owners.append(segments[here])
    cell = np.concatenate(cells) if cells else np.empty(0, np.int64)
    owner = np.concatenate(owners) if owners else np.empty(0, np.int64)
    order = np.lexsort((owner, cell))
    first = np.searchsorted(cell[order], np.arange(columns * rows + 1))
    frame = np.array([west, south, width, height, columns, rows], np.int32)
    return frame, first.astype(np.int32), owner[order].astype(np.int32)
