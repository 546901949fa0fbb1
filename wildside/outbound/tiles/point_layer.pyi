"""Types of the point layer's encoder."""

import numpy as np
from numpy.typing import NDArray

EXTENT: int
MARGIN: int

def encode_points(
    layer_name: str,
    ids: NDArray[np.int64],
    longitudes: NDArray[np.float64],
    latitudes: NDArray[np.float64],
    names: list[str],
    themes: list[str],
    scores: NDArray[np.float64],
    ranks: NDArray[np.int32],
    zoom: int,
    column: int,
    row: int,
) -> bytes: ...
