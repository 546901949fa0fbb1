"""Names the streets: one name along everything that a walker would call one street."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from wildside.outbound.sample_town.ground import OLD_TOWN, Spot
from wildside.outbound.sample_town.network import Kind, Stretch

_STRAIGHT_ON = math.radians(38.0)  # a sharper turn is a corner, and another street
_LONGEST_STREET_METRES = 460.0


def name_streets(stretches: Sequence[Stretch], names: Sequence[str]) -> Mapping[int, str]:
    """The name of every stretch of street without one, by its index.

    Streets grow from their longest stretch, straight on at each junction; the oldest names go to
    the middle of the town, and when all are given a second round is told apart by "New".
    """
    meeting: dict[Spot, list[int]] = defaultdict(list)
    unnamed = [
        index for index, one in enumerate(stretches) if one.kind is Kind.STREET and not one.name
    ]
    for index in unnamed:
        for end in stretches[index].ends:
            meeting[end].append(index)
    free = set(unnamed)
    longest_first = sorted(unnamed, key=lambda one: (-stretches[one].line.length, one))
    # Growing one street takes stretches from `free`, so the rest is asked again each time.
    streets = [_grown(index, stretches, meeting, free) for index in longest_first if index in free]
    streets.sort(key=lambda street: _from_the_middle(street, stretches))
    named: dict[int, str] = {}
    for number, street in enumerate(streets):
        name = names[number % len(names)]
        named |= dict.fromkeys(street, name if number < len(names) else f"New {name}")
    return named


def _grown(
    seed: int, stretches: Sequence[Stretch], meeting: Mapping[Spot, Sequence[int]], free: set[int]
) -> list[int]:
    free.discard(seed)
    street, metres = [seed], stretches[seed].line.length
    for first in stretches[seed].ends:
        at, tip = first, seed
        while metres < _LONGEST_STREET_METRES:
            heading = _heading(stretches[tip], at)
            onward = [one for one in meeting[at] if one in free]
            best = min(onward, key=lambda one: _turn(heading, stretches[one], at), default=None)
            if best is None or _turn(heading, stretches[best], at) > _STRAIGHT_ON:
                break
            free.discard(best)
            street.append(best)
            metres += stretches[best].line.length
            ends = stretches[best].ends
            at, tip = ends[1] if ends[0] == at else ends[0], best
    return street


def _heading(stretch: Stretch, at: Spot) -> float:
    """The direction in which the stretch arrives at one of its ends."""
    points = list(stretch.line.coords)
    if stretch.ends[0] == at:
        points.reverse()
    return math.atan2(points[-1][1] - points[-2][1], points[-1][0] - points[-2][0])


def _turn(heading: float, onward: Stretch, at: Spot) -> float:
    leaving = _heading(onward, at) + math.pi
    return abs((leaving - heading + math.pi) % (2 * math.pi) - math.pi)


def _from_the_middle(street: Sequence[int], stretches: Sequence[Stretch]) -> tuple[float, int]:
    middle = stretches[street[0]].line.centroid
    return (round(math.dist((middle.x, middle.y), OLD_TOWN), 1), street[0])
