"""What runs in a child process: maps the regions' graphs and answers questions about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from solver import Answer, Question, WalkGraph, solve


@dataclass(frozen=True, slots=True)
class Errand:
    """One question and the version of the region that it is about."""

    version: str
    question: Question


class UnknownRegion(Exception):
    """This child was started with other regions: somebody asks by a map that has just changed."""


def serve(
    graph_paths: Mapping[str, str],
) -> Callable[[object, Callable[[object], None], Callable[[], bool]], Answer]:
    """The handler over the graphs, by region version; files are mapped, so children share them."""
    graphs = {version: WalkGraph.open(path) for version, path in graph_paths.items()}

    def answer(
        errand: object, report: Callable[[object], None], cancelled: Callable[[], bool]
    ) -> Answer:
        if not isinstance(errand, Errand):
            raise TypeError(f"not an errand: {type(errand).__name__}")
        if errand.version not in graphs:
            raise UnknownRegion(errand.version)
        return solve(
            errand.question,
            graphs[errand.version],
            report=lambda progress, _score: report(round(100 * progress)),
            cancelled=cancelled,
        )

    return answer
