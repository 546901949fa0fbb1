"""Two thousand actors, crashes and full mailboxes on the real clock: all is accounted for, nothing leaks."""

import gc
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
import trio

from actors import (
    Actor,
    ActorDied,
    ActorSystem,
    Address,
    Backoff,
    ChildSpec,
    MailboxFull,
    MailboxRule,
    Overflow,
    Request,
    Strategy,
    Supervisor,
)
from actors.dead_letters import Loss
from actors.testing import crash

ACTORS = 2_000
BRANCHES = 20
SENDERS = 40
CRASH_SHARE = 0.002
SHORT_MESSAGES = 60_000
SOAK_SECONDS = 60.0
# Under no load and no leak the resident memory moves by a few MB; a leaked task costs 3 kB.
MOST_GROWTH_BYTES = 40_000_000


class Work(Request[bool]):
    __slots__ = ("fate",)

    def __init__(self, fate: float) -> None:
        self.fate = fate


class Tally:
    def __init__(self) -> None:
        self.told = self.handled = self.refused = self.answers = self.deaths = 0


class Miner(Actor[Work]):
    def __init__(self, tally: Tally) -> None:
        self.tally = tally

    async def receive(self, message: Work) -> bool:
        if message.fate < CRASH_SHARE:
            raise ArithmeticError("the tunnel fell in")
        if message.fate < 0.1:
            await trio.lowlevel.checkpoint()
        self.tally.handled += 1
        return True


class Mine:
    """Twenty branches of a hundred miners, under every strategy and overflow rule."""

    def __init__(self, dice: Random) -> None:
        self.tally = Tally()
        self.dice = dice
        rules = [rule for rule in Overflow if rule is not Overflow.COALESCE]
        self.rules: dict[str, Overflow] = {}
        branches = []
        for branch in range(BRANCHES):
            specs = []
            for miner in range(ACTORS // BRANCHES):
                path = f"branch-{branch}/miner-{miner}"
                self.rules[path] = dice.choice(rules)
                specs.append(
                    ChildSpec(
                        f"miner-{miner}",
                        lambda: Miner(self.tally),
                        mailbox=MailboxRule(dice.choice([1, 8, 64]), self.rules[path]),
                    )
                )
            # Sharing one fate with a hundred is costly: most branches are one for one.
            strategy = list(Strategy)[branch] if branch < len(Strategy) else Strategy.ONE_FOR_ONE
            branches.append(
                Supervisor(
                    f"branch-{branch}",
                    tuple(specs),
                    strategy,
                    intensity=10**9,
                    backoff=Backoff(0.001, most_seconds=0.01),
                )
            )
        self.system = ActorSystem(Supervisor("mine", tuple(branches)), dice=dice)

    async def work(self, go_on: Callable[[], bool]) -> None:
        async with self.system, trio.open_nursery() as nursery:
            addresses = {path: self.system.find(path) for path in self.rules}
            for _ in range(SENDERS):
                nursery.start_soon(self._send, Random(self.dice.random()), addresses, go_on)

    async def _send(
        self,
        dice: Random,
        addresses: dict[str, Address[Work] | None],
        go_on: Callable[[], bool],
    ) -> None:
        paths = list(addresses)
        while go_on():
            path = dice.choice(paths)
            address = addresses[path]
            assert address is not None
            if dice.random() < CRASH_SHARE / 10:
                crash(address)
            for _ in range(dice.choice([1, 1, 1, 20, 100])):
                await self._send_one(dice, path, address)

    async def _send_one(self, dice: Random, path: str, address: Address[Work]) -> None:
        tally = self.tally
        tally.told += 1
        work = Work(dice.random())
        try:
            way = dice.random()
            if way < 0.8:
                address.tell(work)
            elif way < 0.9:
                await address.send(work)
            else:
                assert await address.ask(work, timeout_seconds=SOAK_SECONDS)
                tally.answers += 1
        except MailboxFull:
            # The dropping rules keep a dead letter of what they refuse.
            tally.refused += self.rules[path] in {Overflow.REJECT, Overflow.BLOCK}
        except ActorDied:
            tally.deaths += 1


def census() -> tuple[int, int]:
    """Tasks and descriptors alive now."""
    return trio.lowlevel.current_statistics().tasks_living, len(
        list(Path("/proc/self/fd").iterdir())
    )


def rss_bytes() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def settle(mine: Mine) -> Counter[Loss]:
    """Every message told is handled once, refused to its teller or a dead letter; returns the losses."""
    tally, losses = mine.tally, mine.system.dead_letters.counts
    lost = sum(count for reason, count in losses.items() if reason is not Loss.LATE_REPLY)
    print(
        f"told {tally.told}: handled {tally.handled}, refused {tally.refused}, lost {dict(losses)}"
    )
    assert tally.told == tally.handled + tally.refused + lost
    assert tally.answers > 0
    assert tally.refused > 0
    assert losses[Loss.CRASHED] > 0
    return losses


async def test_every_message_is_accounted_for_under_stress() -> None:
    """The short run: sixty thousand messages in all ways to two thousand crashing actors."""
    before = census()
    mine = Mine(Random(1))
    await mine.work(lambda: mine.tally.told < SHORT_MESSAGES)
    settle(mine)
    assert census() == before
    restarts = sum(numbers.restarts for numbers in mine.system.numbers().values())
    assert restarts > 0


@pytest.mark.soak
@pytest.mark.timeout(300)
async def test_a_minute_of_stress_leaves_nothing_behind() -> None:
    """The long run: after a first shift to warm up, a minute's work grows neither tasks nor memory."""
    await warm_up(Mine(Random(2)))
    before, memory_before = census(), rss_bytes()
    losses = await long_shift(Mine(Random(3)))
    assert census() == before
    growth_bytes = rss_bytes() - memory_before
    print(f"memory grew by {growth_bytes} bytes; losses {dict(losses)}")
    assert growth_bytes < MOST_GROWTH_BYTES


async def warm_up(mine: Mine) -> None:
    await mine.work(lambda: mine.tally.told < SHORT_MESSAGES)


async def long_shift(mine: Mine) -> Counter[Loss]:
    end_at = trio.current_time() + SOAK_SECONDS
    await mine.work(lambda: trio.current_time() < end_at)
    return settle(mine)
