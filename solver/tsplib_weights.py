"""Arc weights of TSPLIB: plane, rounded up, pseudo-Euclidean, geographical and written out.

Source: G. Reinelt, "TSPLIB 95", Universität Heidelberg, sections 1.4 and 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from solver.errors import DamagedInstance

EARTH_RADIUS_KILOMETRES = 6378.388  # TSPLIB's own earth, and its own pi
TSPLIB_PI = 3.141592

LARGEST_WRITTEN = 2.0**53  # beyond it, a number read is not the number written

Matrix = NDArray[np.int64]
Indices = tuple[NDArray[np.intp], NDArray[np.intp]]

# Row and column of every number in the order of the file, by EDGE_WEIGHT_FORMAT; the full matrix needs none.
FORMS: dict[str, Callable[[int], Indices]] = {
    "UPPER_ROW": lambda count: np.triu_indices(count, 1),
    "UPPER_DIAG_ROW": np.triu_indices,
    "LOWER_ROW": lambda count: np.tril_indices(count, -1),
    "LOWER_DIAG_ROW": np.tril_indices,
}


def weights_of_points(kind: str, points: NDArray[np.float64]) -> Matrix:
    """The (n, n) weights of (n, 2) coordinates by EDGE_WEIGHT_TYPE; raises DamagedInstance."""
    if kind == "GEO":
        return _geographical(points)
    east = points[:, None, 0] - points[None, :, 0]
    north = points[:, None, 1] - points[None, :, 1]
    squared = east * east + north * north
    if kind == "EUC_2D":
        return np.floor(np.sqrt(squared) + 0.5).astype(np.int64)
    if kind == "CEIL_2D":
        return np.ceil(np.sqrt(squared)).astype(np.int64)
    if kind == "ATT":
        return np.ceil(np.sqrt(squared / 10.0)).astype(np.int64)
    raise DamagedInstance(f"EDGE_WEIGHT_TYPE {kind!r} is not known")


def _geographical(points: NDArray[np.float64]) -> Matrix:
    """Great circles between points given as degrees.minutes."""
    degrees = np.trunc(points)
    radians = TSPLIB_PI * (degrees + 5.0 * (points - degrees) / 3.0) / 180.0
    latitude, longitude = radians[:, 0], radians[:, 1]
    across = np.cos(longitude[:, None] - longitude[None, :])
    minus = np.cos(latitude[:, None] - latitude[None, :])
    plus = np.cos(latitude[:, None] + latitude[None, :])
    angle = np.arccos(np.clip(0.5 * ((1.0 + across) * minus - (1.0 - across) * plus), -1.0, 1.0))
    weights = np.trunc(EARTH_RADIUS_KILOMETRES * angle + 1.0).astype(np.int64)
    np.fill_diagonal(weights, 0)
    return weights


def weights_written_out(form: str, numbers: Sequence[float], node_count: int) -> Matrix:
    """The (n, n) weights of an EDGE_WEIGHT_SECTION by EDGE_WEIGHT_FORMAT; raises DamagedInstance."""
    if form != "FULL_MATRIX" and form not in FORMS:
        raise DamagedInstance(f"EDGE_WEIGHT_FORMAT {form!r} is not known")
    diagonal = node_count if "DIAG" in form else 0
    needed = node_count * (node_count - 1) // 2 + diagonal
    if form == "FULL_MATRIX":
        needed = node_count * node_count
    if len(numbers) != needed:
        raise DamagedInstance(
            f"EDGE_WEIGHT_SECTION has {len(numbers)} numbers, {form} of {node_count} needs {needed}"
        )
    if any(not math.isfinite(number) or number != int(number) for number in numbers):
        raise DamagedInstance("EDGE_WEIGHT_SECTION holds something that is not a whole number")
    written = np.array(numbers, dtype=np.float64)
    if float(np.abs(written).max(initial=0.0)) > LARGEST_WRITTEN:
        raise DamagedInstance("EDGE_WEIGHT_SECTION: weights must lie below 2^53")
    weights = np.zeros((node_count, node_count), dtype=np.int64)
    if form == "FULL_MATRIX":
        weights[:] = written.reshape(node_count, node_count)
        return weights
    rows, columns = FORMS[form](node_count)
    weights[rows, columns] = written
    weights[columns, rows] = written
    return weights
