"""What a stretch costs a walker: effort in centimetres of flat walking, and the four profiles.

Effort divided by the pace is time, so one graph serves every pace. A weight decides which way is
taken; the effort beside it says how long it really takes. Both travel in one 64-bit label, weight
in the upper half: labels add and compare as plain integers.

Slope: W. Tobler, "Three presentations on geographical analysis and modeling" (1993): speed falls
with exp(-3.5 |slope + 0.05|). Steps: J. Fujiyama, N. Tyler, "An explicit study on walking speeds
of pedestrians on stairs" (2004), about 0.6 m/s along the plan against 1.33 m/s on the flat.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solver.osm_walkable import CLASS_SHIFT, Flag, WayClass

STEPS_EFFORT = 2.2  # times the flat, along the plan, up or down
STEEPEST = 0.35  # beyond that the terrain model is wrong, or the way has steps that are not mapped
SLOPE_RUN_METRES = (
    60.0  # slopes are told over at least this run: the model's posts lie 30..90 m apart
)
EASIEST = float(np.exp(-3.5 * 0.05))  # the least effort per metre there is, at a slope of -5 %

IMPASSABLE = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
IMPASSABLE_EFFORT = np.uint32(0xFFFF_FFFF)
STAIRS_PENALTY = 2_000_000  # 20 km of flat: any step-free way in a city is taken before one flight
UNLIT_WEIGHT = 1.5
PROBABLY_UNLIT_WEIGHT = 1.25  # paths and tracks about which nobody has said anything
_PROBABLY_UNLIT = (WayClass.PATH, WayClass.TRACK)


@dataclass(frozen=True, slots=True)
class Profile:
    """How a walker chooses ways; `number` names the profile in graph files."""

    avoid_stairs: bool = False
    prefer_well_lit: bool = False

    @property
    def number(self) -> int:
        """0 default, 1 no stairs, 2 well lit, 3 both."""
        return int(self.avoid_stairs) + 2 * int(self.prefer_well_lit)


PROFILES = tuple(Profile(stairs, lit) for lit in (False, True) for stairs in (False, True))


def slope_effort(slope: NDArray[np.float64]) -> NDArray[np.float64]:
    """Effort per metre against the flat, going up a slope (rise over run; negative: down)."""
    limited = np.clip(slope, -STEEPEST, STEEPEST)
    effort: NDArray[np.float64] = np.exp(3.5 * (np.abs(limited + 0.05) - 0.05))
    return effort


def labels(
    efforts: NDArray[np.uint32], words: NDArray[np.uint16], profile: Profile
) -> NDArray[np.uint64]:
    """Weight and effort of every directed edge, (2 * edges,): forward at 2e, backward at 2e + 1.

    `efforts` (2 * edges,) with IMPASSABLE_EFFORT where the direction is closed; `words` (edges,).
    """
    factor = np.ones(len(words))
    if profile.prefer_well_lit:
        unknown = words & (Flag.LIT | Flag.UNLIT) == 0
        way_class = words >> CLASS_SHIFT
        factor[unknown & np.isin(way_class, _PROBABLY_UNLIT)] = PROBABLY_UNLIT_WEIGHT
        factor[words & Flag.UNLIT != 0] = UNLIT_WEIGHT
    penalty = np.zeros(len(words))
    if profile.avoid_stairs:
        penalty[words & Flag.STEPS != 0] = STAIRS_PENALTY
    weights = np.rint(efforts * np.repeat(factor, 2) + np.repeat(penalty, 2))
    closed = efforts == IMPASSABLE_EFFORT
    packed = np.where(closed, 0, weights).astype(np.uint64) << np.uint64(32)
    packed |= np.where(closed, 0, efforts).astype(np.uint64)
    packed[closed] = IMPASSABLE
    return packed
