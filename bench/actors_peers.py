"""The peers' side of bench.actors, run in their own environments: prints one JSON object of figures.

python actors_peers.py pykka|thespian COUNT
"""

import gc
import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

IDLE_ACTORS = 300
PAGE_BYTES = 4096


def per_second(count: int, begun_at: float) -> float:
    return count / (time.process_time() - begun_at)


def rss_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


def pykka(count: int) -> dict[str, float]:
    """Threading actors; process time counts the CPU of all their threads."""
    peer: Any = importlib.import_module("pykka")

    class Counter(peer.ThreadingActor):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.count = 0

        def on_receive(self, _: object) -> int:
            self.count += 1
            return self.count

    figures: dict[str, float] = {}
    counter = Counter.start()
    begun_at = time.process_time()
    for _ in range(count):
        counter.tell("increment")
    counter.ask("increment")
    figures["tell"] = per_second(count, begun_at)
    asks = count // 10
    begun_at = time.process_time()
    for _ in range(asks):
        counter.ask("increment")
    figures["ask"] = per_second(asks, begun_at)
    begun_at = time.process_time()
    for _ in range(asks):
        counter.ask("increment", timeout=5)
    figures["ask_timeout"] = per_second(asks, begun_at)
    begun_at = time.process_time()
    for _ in range(asks // 64):
        for answer in [counter.ask("increment", block=False) for _ in range(64)]:
            answer.get(timeout=5)
    figures["ask_64"] = per_second(asks // 64 * 64, begun_at)
    gc.collect()
    memory_before = rss_bytes()
    begun_at = time.process_time()
    idle = [Counter.start() for _ in range(IDLE_ACTORS)]
    figures["spawn"] = per_second(IDLE_ACTORS, begun_at)
    gc.collect()
    figures["idle_bytes"] = (rss_bytes() - memory_before) / IDLE_ACTORS
    assert idle
    peer.ActorRegistry.stop_all()
    return figures


def thespian(count: int) -> dict[str, float]:
    """The simple system: one thread, no bound, no supervision of timeouts."""
    peer: Any = importlib.import_module("thespian.actors")

    class Counter(peer.Actor):  # type: ignore[misc]
        def receiveMessage(self, message: Any, sender: Any) -> None:  # noqa: N802 - its own spelling
            if message == "ask":
                self.send(sender, 1)

    system = peer.ActorSystem("simpleSystemBase")
    figures: dict[str, float] = {}
    counter = system.createActor(Counter)
    begun_at = time.process_time()
    for _ in range(count):
        system.tell(counter, "increment")
    figures["tell"] = per_second(count, begun_at)
    asks = count // 10
    begun_at = time.process_time()
    for _ in range(asks):
        system.ask(counter, "ask")
    figures["ask"] = per_second(asks, begun_at)
    begun_at = time.process_time()
    for _ in range(asks):
        system.ask(counter, "ask", 5)
    figures["ask_timeout"] = per_second(asks, begun_at)
    gc.collect()
    memory_before = rss_bytes()
    begun_at = time.process_time()
    for _ in range(IDLE_ACTORS):
        system.createActor(Counter)
    figures["spawn"] = per_second(IDLE_ACTORS, begun_at)
    gc.collect()
    figures["idle_bytes"] = (rss_bytes() - memory_before) / IDLE_ACTORS
    system.shutdown()
    return figures


# Never imported, only run: `make bench` takes a guarded main for a benchmark of its own.
print(json.dumps({"pykka": pykka, "thespian": thespian}[sys.argv[1]](int(sys.argv[2]))))
