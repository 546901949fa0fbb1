"""Shortest ways on the plain network: types of the compiled module."""

import numpy as np
from numpy.typing import NDArray

class Reach:
    """A reusable search over one network and one profile's labels."""

    def __init__(
        self,
        first_out: NDArray[np.int32],
        arc_head: NDArray[np.int32],
        arc: NDArray[np.int32],
        labels: NDArray[np.uint64],
        node_lon: NDArray[np.int32],
        node_lat: NDArray[np.int32],
    ) -> None: ...
    def spread(
        self,
        seed_nodes: NDArray[np.int32],
        seed_labels: NDArray[np.uint64],
        most_weight: int,
        backward: bool = False,
    ) -> NDArray[np.uint64]: ...
    def matrix(
        self,
        out_nodes: NDArray[np.int32],
        out_labels: NDArray[np.uint64],
        in_nodes: NDArray[np.int32],
        in_labels: NDArray[np.uint64],
        most_weight: int,
    ) -> NDArray[np.uint64]: ...
    def route(
        self,
        out_nodes: NDArray[np.int32],
        out_labels: NDArray[np.uint64],
        in_nodes: NDArray[np.int32],
        in_labels: NDArray[np.uint64],
        factors: NDArray[np.float32] | None = None,
        least_factor: float = 1.0,
    ) -> tuple[int, int, list[int]] | None: ...
