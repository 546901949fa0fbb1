"""Solves benchmark files from the command line: `python -m solver oplib FILE… --seconds 0.05 --json -`."""

from __future__ import annotations

import argparse
import json
import math
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
# A file that cannot be read is wrong usage, as a wrong flag is, for which argparse itself exits.
SOLVED, FAILED, WRONG_USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Solve every file with every seed; 0 when all were, 1 when the answers could not be written,
    2 when a file could not be read: the others are solved.
    """
    options = _parser().parse_args(arguments)
    try:
        with ExitStack() as stack:
            lines = _json_lines(options.json, stack)
            return max([_solve_file(path, options, lines) for path in options.files])
    except BrokenPipeError:
        # Whoever read has enough, as `head` does; the interpreter's own last flush would complain.
        sys.stdout = None
        return FAILED
    except OSError as error:
        return _complain(f"{options.json or 'standard output'}: {error.strerror}", FAILED)
    except KeyboardInterrupt:
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m solver",
        description="Solve orienteering benchmark files on one core.",
        epilog="Exit codes: 0 all solved; 2 a file could not be read (the others are solved) or wrong"
        " usage; 1 the answers could not be written.",
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
    try:
        seconds = float(word)
    except ValueError:
        seconds = math.nan
    if not 0.0 < seconds <= 86_400.0:
        raise argparse.ArgumentTypeError(f"{word!r} is not more than 0 seconds and at most a day")
    return seconds


def _seeds(word: str) -> int:
    seeds = int(word) if word.isdecimal() else 0
    if seeds < 1:
        raise argparse.ArgumentTypeError(f"{word!r} is no number of searches, at least 1")
    return seeds


def _json_lines(target: str | None, stack: ExitStack) -> TextIO | None:
    if target is None or target == "-":
        return sys.stdout if target else None
    return stack.enter_context(Path(target).open("w", encoding="utf-8"))


def _solve_file(path: Path, options: argparse.Namespace, lines: TextIO | None) -> int:
    try:
        instance = READERS[options.form](path)
    except OSError as error:
        return _complain(f"{path}: {error.strerror}", WRONG_USAGE)
    except SolverError as error:
        return _complain(str(error), WRONG_USAGE)
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


def _complain(message: str, code: int) -> int:
    sys.stderr.write(f"{message}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
