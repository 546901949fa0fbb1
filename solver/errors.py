"""Everything the engine may raise: one family, each with a stable code."""


class SolverError(Exception):
    """The engine cannot answer; `code` says why in one stable word."""

    code = "solver_error"


class InvalidQuestion(SolverError):
    """The question contradicts itself: a negative budget, twice the same key, a window that never opens."""

    code = "invalid_question"


class DamagedInstance(SolverError):
    """A benchmark file cannot be read: the message names the line or the section."""

    code = "damaged_instance"


class EndOutOfReach(InvalidQuestion):
    """The end cannot be walked to within the budget."""

    code = "end_out_of_reach"


class OutsideCoverage(SolverError):
    """No footpath lies within reach of the start (or the end)."""

    code = "outside_coverage"


class DamagedGraph(SolverError):
    """The graph file is missing, truncated, of another version, or its checksum does not fit."""

    code = "damaged_graph"


class UnreadableExtract(SolverError):
    """The map extract is absent, truncated, empty, or no OpenStreetMap file at all."""

    code = "unreadable_extract"


class NoFootpath(SolverError):
    """The extract was read to its end and holds no way for walkers within the area."""

    code = "no_footpath"
