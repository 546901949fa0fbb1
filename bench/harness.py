"""What every benchmark shares: peers in virtual environments of their own, a table, a JSON file."""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

# Peers are installed once and kept between runs; the folder is not under version control.
PEERS = Path(__file__).parents[1] / ".bench"


@dataclass(frozen=True)
class Row:
    """One measured thing: ours, the peers' figures of the same run, and what was promised."""

    what: str
    unit: str
    ours: float
    peers: dict[str, float] = field(default_factory=dict)
    target: str = ""
    met: bool | None = None  # None: nothing was promised


def arguments(description: str) -> argparse.Namespace:
    """`--quick` measures less, `--json FILE` writes the rows."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows as JSON")
    return parser.parse_args()


def peer_python(name: str, *requirements: str) -> Path:
    """The interpreter of a virtual environment with `requirements`, made when it is missing."""
    folder = PEERS / name
    python = folder / "bin" / "python"
    stamp = folder / "installed"
    if not stamp.exists() or stamp.read_text() != "\n".join(requirements):
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run(
            [
                python,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                *requirements,
            ],
            check=True,
        )
        stamp.write_text("\n".join(requirements))
    return python


def run_peer(
    python: Path,
    script: Path,
    *words: str,
    timeout_seconds: float = 120,
    own_path: bool = False,
) -> Any:
    """Run a script; its last printed line is the JSON it answers. A peer's does not see our code."""
    done = subprocess.run(
        # -P: the script's folder holds files of the same names as our packages.
        [python, "-P", script, *words],
        check=True,
        capture_output=True,
        text=True,
        timeout=timeout_seconds,
        env={**os.environ, "PYTHONPATH": str(PEERS.parent) if own_path else ""},
    )
    return json.loads(done.stdout.splitlines()[-1])


def medians(measures: dict[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The median of each, measured in turns, so that a noisy moment spoils no single one."""
    results: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            results[name].append(measure())
    return {name: statistics.median(values) for name, values in results.items()}


def report(benchmark: str, rows: Sequence[Row], options: argparse.Namespace) -> bool:
    """Print the table, write the JSON if asked; False when a promise was missed."""
    peers = sorted({peer for row in rows for peer in row.peers})
    table = [["", "unit", "ours", *peers, "target", "met"]]
    for row in rows:
        figures = [_figure(row.peers[peer]) if peer in row.peers else "" for peer in peers]
        met = {True: "yes", False: "NO", None: ""}[row.met]
        table.append([row.what, row.unit, _figure(row.ours), *figures, row.target, met])
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))
    if options.json is not None:
        answer = {
            "benchmark": benchmark,
            "machine": machine(),
            "rows": [asdict(row) for row in rows],
        }
        options.json.write_text(json.dumps(answer, indent=2) + "\n")
    return all(row.met is not False for row in rows)


def machine() -> str:
    """Where it was measured, in words."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
