"""Tells a leg in plain words: which street, which turn, how far."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field

from solver.osm_walkable import Flag, WayClass
from solver.question import Instruction, LonLat
from solver.unfold import Piece, piece_line
from solver.walk_graph import WalkGraph

BEARING_METRES = 12.0  # a turn is told by where the street leads, not by the curve of its kerb
LINK_METRES = 20.0  # a nameless link this short between two streets is part of the turn
METRES_PER_DEGREE = 111_195.0

# The largest angle off straight on, and what such a turn is called.
TURNS = (
    (25.0, "straight", "Continue"),
    (60.0, "slight", "Bear"),
    (125.0, "", "Turn"),
    (165.0, "sharp", "Turn sharp"),
)
COMPASS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")
PLAIN_WORDS = {
    WayClass.SERVICE: "the service road",
    WayClass.TRACK: "the track",
    WayClass.PEDESTRIAN: "the pedestrian street",
    WayClass.FOOTWAY: "the footway",
    WayClass.PATH: "the path",
    WayClass.CYCLEWAY: "the cycleway",
    WayClass.STEPS: "the steps",
    WayClass.CORRIDOR: "the passage",
    WayClass.PIER: "the pier",
    WayClass.PLATFORM: "the platform",
}


@dataclass(slots=True)
class _Stretch:
    """Pieces that a walker takes for one street."""

    street: str | None
    words: str
    is_steps: bool
    crosses: bool
    line: list[LonLat] = field(default_factory=list)
    metres: float = 0.0


def instructions_of(graph: WalkGraph, way: tuple[Piece, ...]) -> tuple[Instruction, ...]:
    """From `depart` to `arrive`; distances are those of the stretch that each one begins."""
    stretches = _without_links(_stretches(graph, way))
    told = [_instruction(before, here) for before, here in _with_previous(stretches)]
    last_street = stretches[-1].street if stretches else None
    return (*told, Instruction("You are there", last_street, 0.0, "arrive"))


def _with_previous(stretches: list[_Stretch]) -> list[tuple[_Stretch | None, _Stretch]]:
    return list(zip([None, *stretches], stretches, strict=False))


def _stretches(graph: WalkGraph, way: tuple[Piece, ...]) -> list[_Stretch]:
    stretches: list[_Stretch] = []
    for piece in way:
        here = _stretch_of(graph, piece)
        before = stretches[-1] if stretches else None
        if before is None or (before.street, before.words) != (here.street, here.words):
            stretches.append(here)
        else:
            _append(before, here)
    return stretches


def _stretch_of(graph: WalkGraph, piece: Piece) -> _Stretch:
    street = graph.name_of(piece.edge)
    is_steps = graph.has(piece.edge, Flag.STEPS)
    crosses = graph.has(piece.edge, Flag.CROSSES_AREA)
    plain = "the square" if crosses else PLAIN_WORDS.get(graph.way_class(piece.edge), "the street")
    words = "the steps" if is_steps else (street or plain)
    return _Stretch(
        street, words, is_steps, crosses, piece_line(graph, piece), piece.centimetres / 100
    )


def _append(before: _Stretch, here: _Stretch) -> None:
    before.line += here.line[1:]
    before.metres += here.metres
    before.crosses = before.crosses and here.crosses


def _without_links(stretches: list[_Stretch]) -> list[_Stretch]:
    """Short nameless links go with the stretch before them; equal neighbours then become one."""
    kept: list[_Stretch] = []
    for here in stretches:
        if not kept:
            kept.append(here)
            continue
        is_link = here.street is None and here.metres < LINK_METRES and not here.is_steps
        if is_link or (kept[-1].street, kept[-1].words) == (here.street, here.words):
            _append(kept[-1], here)
        else:
            kept.append(here)
    return kept


def _instruction(before: _Stretch | None, here: _Stretch) -> Instruction:
    metres = round(here.metres, 1)
    if before is None:
        heading = COMPASS[round(_bearing(here.line[0], _ahead(here.line)) / 45) % 8]
        return Instruction(
            f"Walk {heading} along {here.words}, {_told(metres)}", here.street, metres, "depart"
        )
    angle = _turn(before.line, here.line)
    manoeuvre, verb = _named_turn(angle)
    if here.is_steps:
        where = f" in {here.street}" if here.street else ""
        return Instruction(f"Take the steps{where}, {_told(metres)}", here.street, metres, "steps")
    preposition = "across" if here.crosses else ("along" if manoeuvre == "straight" else "into")
    return Instruction(
        f"{verb} {preposition} {here.words}, {_told(metres)}", here.street, metres, manoeuvre
    )


def _named_turn(angle: float) -> tuple[str, str]:
    """Manoeuvre code and words for an angle in degrees, positive to the right."""
    side = "right" if angle > 0 else "left"
    for most, code, verb in TURNS:
        if abs(angle) > most:
            continue
        if code == "straight":
            return code, verb
        return (f"{code}_{side}" if code else side), f"{verb} {side}"
    return "u_turn", "Turn round"


def _told(metres: float) -> str:
    """A distance as people say it."""
    if metres < 1000:
        return f"{max(10, round(metres, -1)):.0f} m" if metres >= 10 else f"{max(1, metres):.0f} m"
    return f"{metres / 1000:.1f} km"


def _turn(before: list[LonLat], after: list[LonLat]) -> float:
    came = _bearing(_ahead(before[::-1]), before[-1])
    goes = _bearing(after[0], _ahead(after))
    return (goes - came + 180) % 360 - 180


def _ahead(line: list[LonLat]) -> LonLat:
    """The point of a line some metres from its beginning."""
    left = BEARING_METRES
    for here, there in itertools.pairwise(line):
        step = math.hypot(*_metres(here, there))
        if step >= left and step > 0:
            share = left / step
            return (
                here[0] + share * (there[0] - here[0]),
                here[1] + share * (there[1] - here[1]),
            )
        left -= step
    return line[-1]


def _bearing(here: LonLat, there: LonLat) -> float:
    east, north = _metres(here, there)
    return math.degrees(math.atan2(east, north)) % 360


def _metres(here: LonLat, there: LonLat) -> tuple[float, float]:
    shrink = math.cos(math.radians(here[1]))
    return (
        (there[0] - here[0]) * METRES_PER_DEGREE * shrink,
        (there[1] - here[1]) * METRES_PER_DEGREE,
    )
