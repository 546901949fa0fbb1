"""Contraction hierarchies: types of the compiled module."""

import numpy as np
from numpy.typing import NDArray

class Contraction:
    """The network while it is being contracted."""

    def __init__(
        self,
        first_out: NDArray[np.int32],
        arc_head: NDArray[np.int32],
        arc: NDArray[np.int32],
        labels: NDArray[np.uint64],
    ) -> None: ...
    def contract(
        self, given_order: NDArray[np.int32] | None = None
    ) -> tuple[
        NDArray[np.int32],
        NDArray[np.int32],
        NDArray[np.int32],
        NDArray[np.uint64],
        NDArray[np.uint64],
        NDArray[np.int32],
        NDArray[np.int32],
    ]: ...
