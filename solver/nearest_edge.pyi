"""The nearest points of the network to a place: types of the compiled module."""

import numpy as np
from numpy.typing import NDArray

def nearest_edges(
    frame: NDArray[np.int32],
    first: NDArray[np.int32],
    segments: NDArray[np.int32],
    point_lon: NDArray[np.int32],
    point_lat: NDArray[np.int32],
    point_edge: NDArray[np.int32],
    edge_island: NDArray[np.int32],
    island_is_open: NDArray[np.uint8],
    edge_word: NDArray[np.uint16],
    avoided_flags: int,
    longitude_e7: float,
    latitude_e7: float,
    radius_metres: float,
    most: int = 1,
    slack_metres: float = 0.0,
    slack_share: float = 0.0,
) -> list[tuple[int, float, float]]: ...
