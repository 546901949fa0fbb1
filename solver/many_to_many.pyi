"""Distances between many places on a contraction hierarchy: types of the compiled module."""

import numpy as np
from numpy.typing import NDArray

class ManyToMany:
    """Reusable searches on one profile's hierarchy."""

    def __init__(
        self,
        rank_of: NDArray[np.int32],
        first_up: NDArray[np.int32],
        head: NDArray[np.int32],
        up: NDArray[np.uint64],
        down: NDArray[np.uint64],
        up_middle: NDArray[np.int32],
        down_middle: NDArray[np.int32],
    ) -> None: ...
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
    ) -> tuple[int, int, list[int]] | None: ...
    def settled_by(self, nodes: NDArray[np.int32], labels: NDArray[np.uint64]) -> int: ...
