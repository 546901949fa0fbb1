"""Walking times between places, for those who want the matrix and no tour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from solver.effort import IMPASSABLE, Profile
from solver.footing import footing, labels_between
from solver.question import FLAT_WALKING_METRES_PER_SECOND, LonLat
from solver.standing import START_METRES
from solver.walk_graph import WalkGraph

NO_LIMIT = 2**30
_EFFORT = np.uint64(0xFFFF_FFFF)


def travel_times(
    graph: WalkGraph,
    places: Sequence[LonLat],
    *,
    avoid_stairs: bool = False,
    prefer_well_lit: bool = False,
    metres_per_second: float = FLAT_WALKING_METRES_PER_SECOND,
) -> NDArray[np.float64]:
    """Seconds of walking from every place (row) to every place (column), (places, places) float64.

    Places are longitude and latitude in degrees and stand on the nearest path within 500 m; what
    stands nowhere, or cannot be walked to, is infinite. Times are asymmetric where the ground
    slopes. With `avoid_stairs`, stairs are climbed only where nothing else leads; with
    `prefer_well_lit` an unlit way is taken only if it is a third shorter, and its real time told.

    >>> seconds = travel_times(graph, [(-3.1933, 55.9524), (-3.1724, 55.9527)])
    """
    profile = Profile(avoid_stairs, prefer_well_lit)
    found = [graph.nearest(place, START_METRES) for place in places]
    standing = [index for index, foothold in enumerate(found) if foothold is not None]
    footholds = tuple(foothold for foothold in found if foothold is not None)
    seconds = np.full((len(places), len(places)), np.inf)
    np.fill_diagonal(seconds, 0.0)
    if not footholds:
        return seconds
    labels = labels_between(graph, profile, footing(graph, profile, footholds), NO_LIMIT)
    walked = (labels & _EFFORT) / (100.0 * metres_per_second)
    walked[labels == IMPASSABLE] = np.inf
    seconds[np.ix_(standing, standing)] = walked
    return seconds
