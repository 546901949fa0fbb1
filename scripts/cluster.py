"""`make cluster`: PostgreSQL, Redis, two servers and three workers as plain processes, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from rich.console import Console
from rich.table import Table

from tests.end_to_end.cluster import Cluster, cluster

EXTRACTS = Path(__file__).parents[2] / "shared" / "data" / "osm"
USUAL_EXTRACT = EXTRACTS / "edinburgh-royal-mile.osm.pbf"


def shown(running: Cluster) -> Table:
    """What runs where."""
    table = Table("", "where", "process", title="Ctrl-C ends it all")
    table.add_row("postgres", running.postgres.url("wildside"), "")
    table.add_row("redis", running.redis.url, "")
    for member in running.members:
        note = "" if member.mode == "server" else "  (/health/ready, /metrics)"
        table.add_row(member.name, member.url + note, str(member.pid))
    table.add_row("jobs", f"REDIS_URL={running.redis.url} wildside jobs top", "")
    return table


def main() -> int:
    """Until a signal says stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--extract", type=Path, default=USUAL_EXTRACT, help="OpenStreetMap extract")
    parser.add_argument("--servers", type=int, default=2)
    parser.add_argument("--workers", type=int, default=3)
    asked = parser.parse_args()
    if not asked.extract.is_file():
        parser.error(f"{asked.extract} is not there: --extract FILE.osm.pbf")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console()
    console.print(f"starting; {asked.extract.name} is taken in first")
    try:
        with (
            tempfile.TemporaryDirectory(prefix="wildside-cluster-") as folder,
            cluster(
                Path(folder), asked.extract, servers=asked.servers, workers=asked.workers
            ) as running,
        ):
            console.print(shown(running))
            signal.pause()
    except KeyboardInterrupt:
        console.print("all stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
