"""Types of the fixed part of a search, as far as Python sees them."""

import numpy as np
from numpy.typing import NDArray

from solver.shortlist import Shortlist

class GroundPlan:
    def __init__(self, shortlist: Shortlist, near_count: int) -> None: ...
    def near_rows(self) -> NDArray[np.int32]: ...
