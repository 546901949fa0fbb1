"""Islands of the network: types of the compiled module."""

import numpy as np
from numpy.typing import NDArray

def islands_of(
    first_out: NDArray[np.int32],
    arc_head: NDArray[np.int32],
    arc: NDArray[np.int32],
    labels: NDArray[np.uint64],
    labels_above: int | None = None,
) -> NDArray[np.int32]: ...
