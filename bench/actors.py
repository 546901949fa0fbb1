"""Our actors beside raw trio channels, pykka and thespian: messages, asks and spawns per CPU second.

python -m bench.actors [--quick] [--json FILE]
"""

import gc
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import trio
import trio.testing

from actors import Actor, ActorSystem, Address, Backoff, ChildSpec, MailboxRule, Overflow, Request
from actors import Supervisor as Tree

CAPACITY = 1000
ASKERS = 64
TIMEOUT_SECONDS = 5.0
PAGE_BYTES = 4096
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
