"""Our actors beside raw trio channels, pykka and thespian: messages, asks and spawns per CPU second.

python -m bench.actors [--quick] [--json FILE]
"""

import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import trio
import trio.testing

from actors import (
    Actor,
    ActorSystem,
    Address,
    Backoff,
    ChildSpec,
    MailboxRule,
    Overflow,
    ProcessPool,
    Request,
)
from actors import Supervisor as Tree
from bench.harness import Row, arguments, medians, peer_python, report, run_peer

CAPACITY = 1000
ASKERS = 64
TIMEOUT_SECONDS = 5.0
PAGE_BYTES = 4096
PEERS = {"pykka": "pykka==4.5.0", "thespian": "thespian==4.0.1"}
FRESH = "--fresh"
PEER_SCRIPT = Path(__file__).with_name("actors_peers.py")


class Increment(Request[int]):
    """Count one; asked, it answers the sum."""

    __slots__ = ()


class Fail:
    """Crash."""


class Counter(Actor[Increment | Fail]):
    def __init__(self) -> None:
        self.count = 0

    async def receive(self, message: Increment | Fail) -> int:
        if isinstance(message, Fail):
            raise ArithmeticError  # noqa: TRY004 - told to
        self.count += 1
        return self.count


COUNTER = ChildSpec("counter", Counter, mailbox=MailboxRule(CAPACITY, Overflow.BLOCK))
MESSAGE = Increment()


async def with_counter(measure: Callable[[Address[Increment | Fail]], Awaitable[float]]) -> float:
    async with ActorSystem(Tree("bench", (COUNTER,))) as system:
        return await measure(system.address_of(COUNTER))


def per_second(count: int, begun_at: float) -> float:
    return count / (time.process_time() - begun_at)


async def our_tell(count: int) -> float:
    async def measure(counter: Address[Increment | Fail]) -> float:
        tell = counter.tell
        begun_at = time.process_time()
        for _ in range(count // CAPACITY):
            for _ in range(CAPACITY - 1):
                tell(MESSAGE)
            # As a producer under back-pressure does: fill the mailbox, then let it be emptied.
            await counter.ask(MESSAGE, TIMEOUT_SECONDS)
        return per_second(count, begun_at)

    return await with_counter(measure)


async def our_send(count: int) -> float:
    async def measure(counter: Address[Increment | Fail]) -> float:
        begun_at = time.process_time()
        for _ in range(count):
            await counter.send(MESSAGE)
        await counter.ask(MESSAGE, TIMEOUT_SECONDS)
        return per_second(count, begun_at)

    return await with_counter(measure)


async def our_ask(count: int, timeout_seconds: float = float("inf")) -> float:
    async def measure(counter: Address[Increment | Fail]) -> float:
        begun_at = time.process_time()
        for _ in range(count):
            await counter.ask(MESSAGE, timeout_seconds)
        return per_second(count, begun_at)

    return await with_counter(measure)


async def our_ask_64(count: int) -> float:
    async def measure(counter: Address[Increment | Fail]) -> float:
        async def asker() -> None:
            for _ in range(count // ASKERS):
                await counter.ask(MESSAGE, TIMEOUT_SECONDS)

        begun_at = time.process_time()
        async with trio.open_nursery() as nursery:
            for _ in range(ASKERS):
                nursery.start_soon(asker)
        return per_second(count, begun_at)

    return await with_counter(measure)


async def our_spawn(count: int) -> tuple[float, float]:
    async with ActorSystem(Tree("bench")) as system:
        spawn = system.root.spawn
        names = [f"counter-{number}" for number in range(count)]
        gc.collect()
        memory_before = rss_bytes()
        begun_at = time.process_time()
        for name in names:
            spawn(COUNTER, name)
        await trio.testing.wait_all_tasks_blocked()
        rate = per_second(count, begun_at)
        gc.collect()
        idle_bytes = (rss_bytes() - memory_before) / count
    return rate, idle_bytes


async def our_restart_ms(count: int) -> float:
    tree = Tree(
        "bench",
        (COUNTER,),
        intensity=count + 1,
        backoff=Backoff(first_seconds=0, jitter=0),
    )
    async with ActorSystem(tree) as system:
        counter = system.address_of(COUNTER)
        begun_at = time.process_time()
        for _ in range(count):
            counter.tell(Fail())
            await counter.ask(MESSAGE, TIMEOUT_SECONDS)
        return 1000 / per_second(count, begun_at)


async def trio_tell(count: int) -> float:
    send, receive = trio.open_memory_channel[int](CAPACITY)

    async def drain() -> None:
        async for _ in receive:
            pass

    async with trio.open_nursery() as nursery:
        nursery.start_soon(drain)
        begun_at = time.process_time()
        for number in range(count):
            await send.send(number)
        send.close()
    return per_second(count, begun_at)


async def answer(receive: Any) -> None:
    async for reply in receive:
        await reply.send(1)


async def trio_ask(count: int) -> float:
    send, receive = trio.open_memory_channel[Any](CAPACITY)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(answer, receive)
        begun_at = time.process_time()
        for _ in range(count):
            reply, answers = trio.open_memory_channel[int](1)
            await send.send(reply)
            await answers.receive()
        rate = per_second(count, begun_at)
        send.close()
    return rate


async def trio_spawn(count: int) -> tuple[float, float]:
    ends: list[Any] = []

    async def drain(receive: Any) -> None:
        async for _ in receive:
            pass

    async with trio.open_nursery() as nursery:
        gc.collect()
        memory_before = rss_bytes()
        begun_at = time.process_time()
        for _ in range(count):
            send, receive = trio.open_memory_channel[int](CAPACITY)
            ends.append(send)
            nursery.start_soon(drain, receive)
        await trio.testing.wait_all_tasks_blocked()
        rate = per_second(count, begun_at)
        gc.collect()
        idle_bytes = (rss_bytes() - memory_before) / count
        for end in ends:
            end.close()
    return rate, idle_bytes


def rss_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


async def our_pool_call_us(count: int) -> float:
    """CPU of a call that does nothing, in this process and in the child's together."""
    pool = ProcessPool("bench.actors:make_idler", size=1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pool.run)
        await trio.testing.wait_all_tasks_blocked()
        await pool.ready()
        child = pool.vitals().workers[0].pid
        begun_at = time.process_time() + process_seconds(child)
        for _ in range(count):
            await pool.call(None, deadline_seconds=60)
        spent_seconds = time.process_time() + process_seconds(child) - begun_at
        nursery.cancel_scope.cancel()
    return spent_seconds / count * 1e6


def make_idler() -> Callable[[object, object, object], None]:
    def idle(_request: object, _report: object, _cancelled: object) -> None:
        """Answer nothing."""

    return idle


def process_seconds(pid: int) -> float:
    """CPU seconds of another process, from /proc (user and system time, in ticks)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def our_used_bytes(count: int) -> float:
    """Idle again after one message each: the queue and the cancel scope have come by then."""
    async with ActorSystem(Tree("bench")) as system:
        gc.collect()
        memory_before = rss_bytes()
        for number in range(count):
            system.root.spawn(COUNTER, f"counter-{number}").tell(MESSAGE)
        await trio.testing.wait_all_tasks_blocked()
        gc.collect()
        return (rss_bytes() - memory_before) / count


def in_fresh_process(what: str, count: int) -> Any:
    """Memory is measured where nothing was allocated before: freed arenas would hide growth."""
    return run_peer(Path(sys.executable), Path(__file__), FRESH, what, str(count), own_path=True)


def measure_here(what: str, count: int) -> None:
    """The fresh process's side of it."""
    measures: dict[str, Callable[[int], Awaitable[Any]]] = {
        "our_spawn": our_spawn,
        "trio_spawn": trio_spawn,
        "our_used_bytes": our_used_bytes,
    }
    print(json.dumps(trio.run(measures[what], count)))


def row(
    what: str, ours: float, peers: dict[str, float], *, least_ratio: float, unit: str = "1/s"
) -> Row:
    ratio = ours / peers["trio"]
    return Row(
        what, unit, ours, peers, f">= {least_ratio} x trio, is {ratio:.2f}", ratio >= least_ratio
    )


def main() -> int:
    options = arguments(__doc__ or "")
    scale = 1 if options.quick else 5
    rounds = 3 if options.quick else 7
    tells, asks, spawns = 20_000 * scale, 3_000 * scale, 2_000 * scale
    run = trio.run
    figures = medians(
        {
            "tell": lambda: run(our_tell, 2 * tells),
            "send": lambda: run(our_send, tells),
            "ask": lambda: run(our_ask, asks),
            "ask_timeout": lambda: run(our_ask, asks, TIMEOUT_SECONDS),
            "ask_64": lambda: run(our_ask_64, 4 * asks),
            "restart_ms": lambda: run(our_restart_ms, 400 * scale),
            "trio tell": lambda: run(trio_tell, tells),
            "trio ask": lambda: run(trio_ask, asks),
        },
        rounds,
    )
    spawned = {
        what: [in_fresh_process(what, spawns) for _ in range(rounds)]
        for what in ("our_spawn", "trio_spawn")
    }
    middle = {
        (what, place): statistics.median(result[place] for result in results)
        for what, results in spawned.items()
        for place in (0, 1)
    }
    pool_call_us = run(our_pool_call_us, 4_000 * scale)
    used_bytes = in_fresh_process("our_used_bytes", spawns)
    others = {
        name: run_peer(peer_python(name, requirement), PEER_SCRIPT, name, str(tells))
        for name, requirement in PEERS.items()
    }

    def beside(what: str, trio_figure: float) -> dict[str, float]:
        return {"trio": trio_figure} | {
            name: results[what] for name, results in others.items() if what in results
        }

    trio_ask_rate = figures["trio ask"]
    idle_bytes = middle["our_spawn", 1]
    rows = [
        row("tell", figures["tell"], beside("tell", figures["trio tell"]), least_ratio=7),
        Row("send", "1/s", figures["send"], {"trio": figures["trio tell"]}),
        row("ask", figures["ask"], beside("ask", trio_ask_rate), least_ratio=1.45),
        Row("ask_timeout", "1/s", figures["ask_timeout"], beside("ask_timeout", trio_ask_rate)),
        row("ask_64", figures["ask_64"], beside("ask_64", trio_ask_rate), least_ratio=4.5),
        row(
            "spawn",
            middle["our_spawn", 0],
            beside("spawn", middle["trio_spawn", 0]),
            least_ratio=1.25,
        ),
        Row(
            "idle_bytes",
            "B",
            idle_bytes,
            beside("idle_bytes", middle["trio_spawn", 1]),
            "<= 4000",
            idle_bytes <= 4000,
        ),
        Row("idle_bytes_after_one_message", "B", used_bytes),
        Row("pool_call", "us", pool_call_us, {}, "<= 50", pool_call_us <= 50),
        Row("restart_ms", "ms", figures["restart_ms"], {}, "< 1", figures["restart_ms"] < 1),
    ]
    return 0 if report("actors", rows, options) else 1


if __name__ == "__main__":
    if sys.argv[1:2] == [FRESH]:
        measure_here(sys.argv[2], int(sys.argv[3]))
    else:
        sys.exit(main())
