"""What the engine is asked and what it answers: plain frozen values, checked where they are made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from solver.errors import InvalidQuestion

LonLat = tuple[float, float]

FLAT_WALKING_METRES_PER_SECOND = 4.8 / 3.6  # 4.8 km/h, the contract's default pace


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """When a place lets visitors in, in seconds after departure."""

    opens_seconds: float
    closes_seconds: float

    def __post_init__(self) -> None:
        if not self.opens_seconds < self.closes_seconds:
            raise InvalidQuestion("a window must open before it closes")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place worth a stop.

    `doors` are the points where a walker may reach it (entrances, outline corners, the centre):
    the one nearest to the network counts. `group` names the theme whose repeats are worth less.
    No windows means always open. Scores are non-negative, in the asker's own unit.
    """

    key: int
    doors: tuple[LonLat, ...]
    score: float
    visit_seconds: float = 0.0
    must_visit: bool = False
    group: int = -1
    windows: tuple[OpenWindow, ...] = ()

    def __post_init__(self) -> None:
        if not self.doors:
            raise InvalidQuestion(f"candidate {self.key} has no door")
        if not (math.isfinite(self.score) and self.score >= 0):
            raise InvalidQuestion(f"candidate {self.key} needs a finite score of at least 0")
        if not (math.isfinite(self.visit_seconds) and self.visit_seconds >= 0):
            raise InvalidQuestion(
                f"candidate {self.key} needs a finite visiting time of at least 0"
            )


@dataclass(frozen=True, slots=True)
class Question:
    """One walk asked for: where, how long, among which places and by which rules.

    `end` None makes a loop. `seconds_cap` bounds the wall clock, `iterations` the search itself, so
    one `seed` is one answer wherever the cap is not reached. `group_decay` multiplies the score of
    the second, third… stop of one group (1.0: no decay). `pleasure_share` of the time is kept from
    the search and spent on pleasant ways and on not walking a street twice; what these do not need
    is left over.
    """

    start: LonLat
    budget_seconds: float
    candidates: Sequence[Candidate]
    end: LonLat | None = None
    avoid_stairs: bool = False
    prefer_well_lit: bool = False
    metres_per_second: float = FLAT_WALKING_METRES_PER_SECOND
    most_stops: int | None = None
    group_decay: float = 1.0
    pleasure_share: float = 0.0
    seed: int = 0
    iterations: int = 4000
    seconds_cap: float = 5.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.budget_seconds) and self.budget_seconds > 0):
            raise InvalidQuestion("budget_seconds must be finite and more than 0")
        if not 0.1 <= self.metres_per_second <= 5.0:
            raise InvalidQuestion("metres_per_second must lie in 0.1..5.0")
        if not 0.0 < self.group_decay <= 1.0:
            raise InvalidQuestion("group_decay must lie in (0, 1]")
        if not 0.0 <= self.pleasure_share <= 0.5:
            raise InvalidQuestion("pleasure_share must lie in 0..0.5")
        if len({candidate.key for candidate in self.candidates}) != len(self.candidates):
            raise InvalidQuestion("candidate keys must be unique")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One thing to do on a leg: `manoeuvre` is a stable code (depart, straight, left, right, …)."""

    text: str
    street: str | None
    distance_metres: float
    manoeuvre: str


@dataclass(frozen=True, slots=True)
class Leg:
    """The footpath from one point of the tour to the next; `path` has at least two points."""

    path: tuple[LonLat, ...]
    distance_metres: float
    walking_seconds: float
    ascent_metres: float | None
    unlit_metres: float
    steps_metres: float
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """A visited candidate: when the walker arrives, waits for opening and stays; seconds."""

    key: int
    location: LonLat  # the point of the network where the visit begins
    arrival_seconds: float
    waiting_seconds: float
    visit_seconds: float
    score: float  # after the decay of its group


@dataclass(frozen=True, slots=True)
class Answer:
    """A walk: legs run start → stop 1 → … → end, so there is one leg more than stops.

    `warnings` are stable codes: `stairs_unavoidable`, `unlit_sections`, `must_visit_unreachable`.
    `truncated`: the wall clock ended the search, the best walk so far is given.
    """

    stops: tuple[Stop, ...]
    legs: tuple[Leg, ...]
    score: float
    walking_seconds: float
    visiting_seconds: float
    waiting_seconds: float
    distance_metres: float
    ascent_metres: float | None
    overlap_ratio: float
    truncated: bool
    reachable_candidates: int
    iterations: int
    warnings: tuple[str, ...] = field(default=())

    @property
    def unlit_metres(self) -> float:
        """How much of the walk is told to be unlit: the length behind `unlit_sections`."""
        return sum(leg.unlit_metres for leg in self.legs)

    @property
    def steps_metres(self) -> float:
        """How much of the walk is stairs: the length behind `stairs_unavoidable`."""
        return sum(leg.steps_metres for leg in self.legs)
