"""Solves benchmark files from the command line: `python -m solver oplib FILE… --seconds 0.05 --json -`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from solver.classic import read_classic
from solver.errors import SolverError
from solver.oplib import BenchmarkInstance, read_oplib
from solver.search import search_for_cpu

READERS: dict[str, Callable[[Path], BenchmarkInstance]] = {
    "oplib": read_oplib,
    "classic": read_classic,
}
SOLVED, FAILED = 0, 1  # argparse itself exits with 2 when it is called wrongly


def main(arguments: Sequence[str] | None = None) -> int:
    """Solve every file with every seed; 0 when all were, 1 when one could not be read or written."""
    options = _parser().parse_args(arguments)
    with ExitStack() as stack:
        try:
            lines = _json_lines(options.json, stack)
        except OSError as error:
            return _complain(f"{options.json}: {error.strerror}")
        outcome = SOLVED
        for path in options.files:
            outcome = max(outcome, _solve_file(path, options, lines))
    return outcome


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m solver",
        description="Solve orienteering benchmark files on one core.",
        epilog="Exit codes: 0 all solved, 1 a file could not be read, 2 wrong usage.",
    )
    forms = parser.add_subparsers(dest="form", required=True)
    for form, what in (("oplib", "OPLib"), ("classic", "Tsiligirides and Chao")):
        command = forms.add_parser(form, help=f"{what} files")
        command.add_argument("files", nargs="+", type=Path, metavar="FILE")
        command.add_argument(
            "--seconds", type=_seconds, default=0.05, help="CPU time a search may take (0.05)"
        )
        command.add_argument("--seeds", type=_seeds, default=1, help="searches a file, seeds 1, 2…")
        command.add_argument(
            "--json",
            metavar="OUT",
            help="one JSON object a line to this file, - for standard output",
        )
    return parser


def _seconds(word: str) -> float:
    seconds = float(word)
    if not 0.0 < seconds <= 86_400.0:
        raise argparse.ArgumentTypeError("seconds must be more than 0 and at most a day")
    return seconds


def _seeds(word: str) -> int:
    seeds = int(word)
    if seeds < 1:
        raise argparse.ArgumentTypeError("at least one seed is needed")
    return seeds


def _json_lines(target: str | None, stack: ExitStack) -> TextIO | None:
    if target is None or target == "-":
        return sys.stdout if target else None
    return stack.enter_context(Path(target).open("w", encoding="utf-8"))


def _solve_file(path: Path, options: argparse.Namespace, lines: TextIO | None) -> int:
    try:
        instance = READERS[options.form](path)
    except OSError as error:
        return _complain(f"{path}: {error.strerror}")
    except SolverError as error:
        return _complain(f"{path}: {error}")
    for seed in range(1, options.seeds + 1):
        answer = solve_instance(instance, options.seconds, seed)
        if lines is not None:
            lines.write(json.dumps(answer) + "\n")
            lines.flush()
        else:
            sys.stdout.write(
                f"{answer['instance']}  seed {seed}  score {answer['score']}"
                f"  cost {answer['cost']} of {answer['cost_limit']}"
                f"  {answer['cpu_seconds']:.3f} s\n"
            )
    return SOLVED


def solve_instance(
    instance: BenchmarkInstance, cpu_seconds: float, seed: int
) -> dict[str, str | int | float | list[int]]:
    """One search: the figures of the file's own units, and the route as 1-based ids, depot first.

    A loop does not name its depot again; a path names its end.
    """
    began = time.thread_time()
    tour = search_for_cpu(instance.problem, cpu_seconds=cpu_seconds, seed=seed)
    spent = time.thread_time() - began
    loop = instance.problem.start == instance.problem.end
    route = tour.order[:-1] if loop else tour.order
    return {
        "instance": instance.name,
        "seed": seed,
        "score": _plain(tour.score + instance.ends_score),
        "cost": _plain(tour.cost * instance.cost_factor),
        "cost_limit": _plain(instance.problem.budget * instance.cost_factor),
        "cpu_seconds": round(spent, 6),
        "route": [node + 1 for node in route],
    }


def _plain(number: float) -> int | float:
    """Whole numbers without a point, others to a millionth."""
    rounded = round(number, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def _complain(message: str) -> int:
    sys.stderr.write(f"{message}\n")
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
