"""Jobs over Redis: ours beside saq, arq, taskiq-redis and dramatiq on one redis-server.

Everything is counted per second of CPU of the process that does it, since wall clocks of a shared
machine say little. Redis runs as we run it: append-only file, synced every second.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from bench.harness import Row, arguments, peer_python, report

HERE = Path(__file__).parent
PEERS = {
    "saq": ("saq[redis]==0.26.4", "typing_extensions"),
    "arq": ("arq==0.28.0",),
    "taskiq": ("taskiq-redis==1.2.4",),
    "dramatiq": ("dramatiq[redis]==2.2.1",),
}
GAP_SECONDS = 0.02
LEASE_SECONDS = 2.0
JOB_SECONDS = 0.5
PATIENCE_SECONDS = 180.0
PACE_ROUNDS = 2000
LONG_QUEUE = 100_000
PACED_JOBS = 1500
PACE_SECONDS = 1.5  # over which a pace is measured: three rounds of the jobs
STEADY_SECONDS = 8.0


class Redis:
    """A redis-server of our own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.admin = redis.Redis(port=self.port, decode_responses=True)
        self.start()

    def start(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            sys.exit("redis-server is not installed: scripts/install-test-tools does it")
        options = f"--port {self.port} --appendonly yes --appendfsync everysec --loglevel warning"
        self._process = subprocess.Popen(
            [program, *options.split(), "--save", "", "--dir", str(self._folder)],
            stdout=subprocess.DEVNULL,
        )
        for _ in range(500):
            try:
                self.admin.ping()
            except redis.ConnectionError:
                time.sleep(0.02)
            else:
                return
        sys.exit("redis-server does not start")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()

    def operations(self) -> int:
        """Commands carried out since the last reset, those within scripts included."""
        stats = self.admin.info("commandstats")
        ours = {"cmdstat_config|resetstat", "cmdstat_info", "cmdstat_ping"}
        return sum(each["calls"] for name, each in stats.items() if name not in ours)

    def empty(self) -> None:
        self.admin.flushall()
        self.admin.config_resetstat()


class Contender:
    """One queue, driven by processes of its own."""

    def __init__(self, name: str, redis_server: Redis) -> None:
        self.name = name
        self._redis = redis_server
        if name == "ours":
            self._command = [sys.executable, "-P", str(HERE / "jobs_ours.py")]
            self._environ = {**os.environ, "PYTHONPATH": str(HERE.parent)}
        else:
            python = peer_python(f"jobs-{name}", *PEERS[name])
            self._command = [str(python), "-P", str(HERE / "jobs_peers.py"), name]
            self._environ = {**os.environ, "PYTHONPATH": ""}

    def start(self, verb: str, *words: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self._command, verb, self._redis.url, *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self._environ,
            text=True,
        )

    def ask(self, verb: str, *words: object) -> Any:
        """Runs it to its end; the last line is its answer."""
        return answer_of(self.start(verb, *words))

    def throughput(self, count: int) -> tuple[float, float, float]:
        """Jobs put and jobs done per second of CPU, and Redis operations for each."""
        self._redis.empty()
        put = self.ask("enqueue", count)["per_cpu_second"]
        done = self.ask("drain", count)["per_cpu_second"]
        return put, done, self._redis.operations() / count

    def latencies(self, count: int) -> list[float]:
        """Milliseconds from putting to running, with an idle worker, smallest first."""
        self._redis.empty()
        worker = self.start("listen", count)
        time.sleep(1.5)  # until it waits: what is sent before would count its start
        sender = self.start("send", count, GAP_SECONDS)
        waits: list[float] = answer_of(worker)
        sender.wait()
        return sorted(seconds * 1000 for seconds in waits)


def answer_of(process: subprocess.Popen[str]) -> Any:
    """What a process printed last."""
    said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    return json.loads(said.splitlines()[-1])


class Ledger:
    """Wishes and their effects in SQLite, as a server keeps them: a claim's fence guards the row."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "effects.sqlite3"
        self.path.unlink(missing_ok=True)
        self._rows = sqlite3.connect(self.path, isolation_level=None, timeout=30)
        self._rows.executescript(
            "PRAGMA journal_mode=WAL; CREATE TABLE wishes (key PRIMARY KEY, fence, done);"
            "CREATE TABLE effects (key); CREATE TABLE begun (key, at, pid);"
        )

    def expect(self, keys: Sequence[str]) -> None:
        self._rows.executemany("INSERT INTO wishes VALUES (?, 0, 0)", [(key,) for key in keys])

    def number(self, question: str) -> float:
        return float(self._rows.execute(question).fetchone()[0] or 0)

    def pace(self, since: float, until: float) -> float:
        """Jobs begun per second."""
        question = f"SELECT count(*) FROM begun WHERE at BETWEEN {since} AND {until}"
        return self.number(question) / (until - since)


@contextmanager
def workers(
    ours: Contender, ledger: Ledger, count: int, job_seconds: float
) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes of ours whose jobs take a while."""
    started = [ours.start("effects", ledger.path, LEASE_SECONDS, job_seconds) for _ in range(count)]
    try:
        time.sleep(1.5)
        yield started
    finally:
        for worker in started:
            worker.kill()
            worker.wait()


def rerun_after_kill(ours: Contender, redis_server: Redis, folder: Path) -> float:
    """From kill -9 in the middle of a job to its next beginning elsewhere, in leases."""
    redis_server.empty()
    ledger = Ledger(folder)
    ledger.expect(["job:0"])
    with workers(ours, ledger, 2, job_seconds=60.0):
        ours.ask("enqueue", 1)
        wait_for(lambda: ledger.number("SELECT count(*) FROM begun") == 1)
        os.kill(int(ledger.number("SELECT pid FROM begun")), signal.SIGKILL)
        killed_at = time.time()
        wait_for(lambda: ledger.number("SELECT count(*) FROM begun") == 2)
        return (ledger.number("SELECT max(at) FROM begun") - killed_at) / LEASE_SECONDS


def long_queue(ours: Contender, redis_server: Redis, jobs: int) -> tuple[float, float]:
    """With so many jobs waiting: a round's time as a multiple of one without, and a worker's growth in MB."""
    redis_server.empty()
    alone = ours.ask("pace", PACE_ROUNDS)
    ours.ask("enqueue", jobs)
    behind = ours.ask("pace", PACE_ROUNDS)
    return behind["ms"] / alone["ms"], behind["megabytes"] - alone["megabytes"]


def join_and_leave(ours: Contender, redis_server: Redis, folder: Path) -> tuple[float, float]:
    """Seconds until a second worker has raised the pace by half, and until its death has undone that."""
    redis_server.empty()
    ledger = Ledger(folder)
    ledger.expect([f"job:{number}" for number in range(PACED_JOBS)])
    ours.ask("enqueue", PACED_JOBS)
    with workers(ours, ledger, 1, JOB_SECONDS):
        time.sleep(STEADY_SECONDS)
        joined_at = time.time()
        second = ours.start("effects", ledger.path, LEASE_SECONDS, JOB_SECONDS)
        time.sleep(STEADY_SECONDS)
        left_at = time.time()
        second.kill()
        second.wait()
        time.sleep(STEADY_SECONDS)
        ended_at = time.time()
    alone = ledger.pace(joined_at - PACE_SECONDS * 2, joined_at)

    def seconds_until(since: float, until: float, is_so: Callable[[float], bool]) -> float:
        at = since
        while at + PACE_SECONDS <= until:
            if is_so(ledger.pace(at, at + PACE_SECONDS) / alone):
                return at + PACE_SECONDS - since
            at += 0.05
        return math.inf

    return (
        seconds_until(joined_at, left_at, lambda times: times >= 1.5),
        seconds_until(left_at, ended_at, lambda times: times <= 1.5),
    )


def lost_and_doubled(
    ours: Contender, redis_server: Redis, folder: Path, jobs: int, seed: int
) -> tuple[float, float]:
    """Three workers, of whom one is killed and one stopped for longer than its lease; Redis restarts."""
    redis_server.empty()
    ledger, dice = Ledger(folder), random.Random(seed)
    ledger.expect([f"job:{number}" for number in range(jobs)])
    with workers(ours, ledger, 3, JOB_SECONDS) as running:
        ours.ask("enqueue", jobs)
        dice.shuffle(running)
        time.sleep(dice.uniform(0.2, 0.8))
        running[0].kill()
        running[1].send_signal(signal.SIGSTOP)
        time.sleep(LEASE_SECONDS * 1.5)
        running[1].send_signal(signal.SIGCONT)
        redis_server.stop()
        redis_server.start()
        wait_for(lambda: ledger.number("SELECT count(*) FROM wishes WHERE NOT done") == 0)
    lost = ledger.number("SELECT count(*) FROM wishes WHERE NOT done")
    effects = ledger.number("SELECT count(*) FROM effects")
    return lost, effects - ledger.number("SELECT count(DISTINCT key) FROM effects")


def wait_for(is_so: Any) -> None:
    """Until it is so, or patience ends: then the figures tell."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS / 3
    while not is_so() and time.monotonic() < give_up_at:
        time.sleep(0.01)


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The value below which that share lies."""
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]


def measure(options: argparse.Namespace, redis_server: Redis, folder: Path) -> list[Row]:
    """All rows."""
    contenders = [Contender(name, redis_server) for name in ("ours", *PEERS)]
    ours = contenders[0]
    # arq takes five seconds for a thousand: it gets fewer jobs than those who are quick.
    counts = {"ours": 20_000, "arq": 1000}
    scale = 4 if options.quick else 1
    flows = {
        each.name: each.throughput(counts.get(each.name, 5000) // scale) for each in contenders
    }
    waits = {each.name: each.latencies(100 if options.quick else 400) for each in contenders}
    halves = {name: percentile(values, 0.5) for name, values in waits.items()}
    tails = {name: percentile(values, 0.99) for name, values in waits.items()}
    rerun = rerun_after_kill(ours, redis_server, folder)
    slower, growth = long_queue(ours, redis_server, LONG_QUEUE // scale)
    joins, leaves = join_and_leave(ours, redis_server, folder)
    redis_server.empty()
    ours.ask("enqueue", 2000)
    busy = ours.ask("drain", 2000)["round_trips"]
    idle = ours.ask("trips", 500)
    lost, doubled = lost_and_doubled(ours, redis_server, folder, 60 if options.quick else 300, 7)

    def peers(figures: dict[str, float]) -> dict[str, float]:
        return {name: figures[name] for name in PEERS}

    put, done, operations = (
        {name: flow[column] for name, flow in flows.items()} for column in range(3)
    )
    return [
        Row(
            "enqueue",
            "jobs/cpu-s",
            put["ours"],
            peers(put),
            "≥ 4 × dramatiq, ≥ 60,000",
            put["ours"] >= max(4 * put["dramatiq"], 60_000),
        ),
        Row(
            "jobs",
            "jobs/cpu-s",
            done["ours"],
            peers(done),
            "≥ 1.3 × dramatiq, ≥ 10,000",
            done["ours"] >= max(1.3 * done["dramatiq"], 10_000),
        ),
        Row(
            "latency_p50_ms",
            "ms",
            halves["ours"],
            peers(halves),
            "≤ 0.8 × taskiq",
            halves["ours"] <= 0.8 * halves["taskiq"],
        ),
        Row("latency_p99_ms", "ms", tails["ours"], peers(tails), "≤ 6", tails["ours"] <= 6),
        Row(
            "redis_ops_per_job",
            "commands",
            operations["ours"],
            peers(operations),
            "≤ 13",
            operations["ours"] <= 13,
        ),
        Row("round_trips_per_job", "questions of a busy worker", busy, {}, "≤ 2", busy <= 2),
        Row("round_trips_idle", "questions of an idle worker", idle, {}, "≤ 2.1", idle <= 2.1),
        Row("join_seconds", "s until ≥ 1.5 times the pace", joins, {}, "≤ 5", joins <= 5),
        Row("leave_seconds", "s until the pace is back", leaves, {}, "≤ 5", leaves <= 5),
        Row("slower_behind_100k", "times", slower, {}, "≤ 1.5", slower <= 1.5),
        Row("growth_behind_100k", "MB of a worker", growth, {}, "≤ 5", growth <= 5),
        Row("rerun_after_kill_leases", "leases", rerun, {}, "≤ 1.5", rerun <= 1.5),
        Row("lost", "jobs", lost, {}, "0", lost == 0),
        Row("doubled", "effects", doubled, {}, "0", doubled == 0),
    ]


def main() -> int:
    options = arguments(__doc__ or "")
    with tempfile.TemporaryDirectory() as folder:
        redis_server = Redis(Path(folder))
        try:
            rows = measure(options, redis_server, Path(folder))
        finally:
            redis_server.stop()
    return 0 if report("jobs", rows, options) else 1


if __name__ == "__main__":
    sys.exit(main())
