"""Real walks per second: two servers and three workers beside one and one, and what limits them.

Every process of the deployment runs on this machine, so the CPU is the limit that all share: the rows
say how much of it a walk costs, and where.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trio

from bench.harness import Row, arguments, report
from tests.data_folder import data_file
from tests.end_to_end.cluster import Cluster, Member, cluster
from tests.end_to_end.server_process import children_of
from tests.end_to_end.stroller import Stroller
from tests.end_to_end.walker import Walker

ROYAL_MILE = "osm/edinburgh-royal-mile.osm.pbf"
WALKERS = 12
TICKS_A_SECOND = 100  # of /proc's clock, on every Linux


@dataclass(frozen=True)
class Story:
    """What a deployment did in its time."""

    walks_per_second: float
    milliseconds_of: dict[str, float]  # of CPU, for each walk, by part


def wishes() -> Iterator[dict[str, Any]]:
    """Never the same twice."""
    return (
        {
            "start_location": {"type": "Point", "coordinates": [-3.1897 + step / 2000, 55.9500]},
            "duration_minutes": minutes,
            "popularity_bias": percent / 100,
        }
        for step, percent, minutes in itertools.product(range(8), range(101), range(30, 91))
    )


def cpu_seconds(pid: int) -> float:
    """What the process has used so far; 0 for one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


def used(running: Cluster) -> dict[str, float]:
    """CPU seconds so far, by part."""
    backends = sum(cpu_seconds(pid) for pid in running.postgres.pids())
    return {
        "servers": sum(cpu_seconds(member.pid) for member in running.servers),
        "workers": sum(cpu_seconds(member.pid) for member in running.workers),
        "solvers": sum(cpu_seconds(pid) for member in running.workers for pid in _below(member)),
        "postgres": backends,
        "redis": cpu_seconds(running.redis.pid),
    }


def _below(member: Member) -> set[int]:
    return children_of(member.pid)


async def stroll(running: Cluster, seconds: float) -> Story:
    """Walkers who ask for one walk after the other, for so long."""
    source = wishes()
    crowd = [
        Stroller(await Walker.arrive(server.url), source)
        for server in itertools.islice(itertools.cycle(running.servers), WALKERS)
    ]
    async with trio.open_nursery() as nursery:
        for stroller in crowd:
            nursery.start_soon(stroller.stroll)
        await trio.sleep(2)
        before, walks, begun_at = used(running), _ends(crowd), time.monotonic()
        await trio.sleep(seconds)
        after, walks = used(running), _ends(crowd) - walks
        took = time.monotonic() - begun_at
        nursery.cancel_scope.cancel()
    each = {part: (after[part] - before[part]) * 1000 / max(1, walks) for part in before}
    return Story(walks / took, each)


def _ends(crowd: list[Stroller]) -> int:
    return sum(stroller.endings for stroller in crowd)


def told(servers: int, workers: int, seconds: float) -> Story:
    """One deployment's story."""
    with (
        tempfile.TemporaryDirectory() as folder,
        cluster(Path(folder), data_file(ROYAL_MILE), servers=servers, workers=workers) as running,
    ):
        return trio.run(stroll, running, seconds)


def measure(options: argparse.Namespace) -> list[Row]:
    """Both deployments, one after the other."""
    seconds = 8.0 if options.quick else 20.0
    one, many = told(1, 1, seconds), told(2, 3, seconds)
    rows = [
        Row(
            "walks",
            "walks/s",
            many.walks_per_second,
            {"one_and_one": one.walks_per_second},
        )
    ]
    rows += [
        Row(f"cpu_{part}", "ms a walk", spent, {"one_and_one": one.milliseconds_of[part]})
        for part, spent in many.milliseconds_of.items()
    ]
    total = sum(many.milliseconds_of.values())
    alone = sum(one.milliseconds_of.values())
    rows.append(Row("cpu_total", "ms a walk", total, {"one_and_one": alone}))
    return rows


def main() -> int:
    options = arguments(__doc__ or "")
    return 0 if report("cluster", measure(options), options) else 1


if __name__ == "__main__":
    sys.exit(main())
