"""The walking engine: network, travel times and tours; no event loop, no knowledge of Wildside."""

from solver.errors import (
    DamagedGraph,
    EndOutOfReach,
    InvalidQuestion,
    NoFootpath,
    OutsideCoverage,
    SolverError,
    UnreadableExtract,
)
from solver.osm_graph import GraphSummary, build_walk_graph
from solver.question import (
    Answer,
    Candidate,
    Instruction,
    Leg,
    LonLat,
    OpenWindow,
    Question,
    Stop,
)
from solver.solve import solve
from solver.standing import reaches_footpath
from solver.travel_times import travel_times
from solver.walk_graph import WalkGraph

__all__ = [
    "Answer",
    "Candidate",
    "DamagedGraph",
    "EndOutOfReach",
    "GraphSummary",
    "Instruction",
    "InvalidQuestion",
    "Leg",
    "LonLat",
    "NoFootpath",
    "OpenWindow",
    "OutsideCoverage",
    "Question",
    "SolverError",
    "Stop",
    "UnreadableExtract",
    "WalkGraph",
    "build_walk_graph",
    "reaches_footpath",
    "solve",
    "travel_times",
]
