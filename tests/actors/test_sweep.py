"""A thousand interleavings of a random tree under random trouble: nothing is lost, nobody hangs."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from random import Random

import trio

from actors import (
    Actor,
    ActorDied,
    ActorSystem,
    Address,
    AskTimedOut,
    Backoff,
    ChildSpec,
    GaveUp,
    MailboxFull,
    MailboxRule,
    Overflow,
    Request,
    Restart,
    Strategy,
    Supervisor,
)
from actors.testing import crash, sweep
from actors.vitals import Vitals

SEEDS = 1000
STORY_SECONDS = 600.0  # virtual: a story that takes longer hangs
ASK_SECONDS = 3.0
RULES = (Overflow.REJECT, Overflow.BLOCK, Overflow.DROP_OLDEST, Overflow.DROP_NEWEST)


class Job(Request[int]):
    def __init__(self, number: int, trouble: float) -> None:
        self.number = number
        self.trouble = trouble  # the dice were thrown by the sender: one seed, one story


class Worker(Actor[Job]):
    def __init__(self, ledger: "Ledger", name: str) -> None:
        self.ledger = ledger
        self.name = name

    async def started(self) -> None:
        await trio.lowlevel.checkpoint()
        self.ledger.lives[self.name] += 1
        if self.ledger.lives[self.name] != 1:
            self.ledger.wrongs.append(f"two lives of {self.name} at a time")

    async def receive(self, message: Job) -> int:
        if message.trouble < 0.1:
            raise ArithmeticError
        if message.trouble < 0.3:
            await trio.sleep(message.trouble)
        if message.trouble > 0.97:
            await trio.sleep_forever()
        if message.trouble > 0.9:
            self.context.stop()
        self.ledger.handled[message.number] += 1
        return message.number

    async def stopped(self) -> None:
        self.ledger.lives[self.name] -= 1
        await trio.lowlevel.checkpoint()


class Ledger:
    """Every message by its number: handled, refused to its sender, given up by it; and who lives."""

    def __init__(self) -> None:
        self.told = 0
        self.comers = 0
        self.handled: Counter[int] = Counter()
        self.refused: set[int] = set()
        self.given_up: set[int] = set()
        self.lives: Counter[str] = Counter()
        self.wrongs: list[str] = []

    def next_job(self, trouble: float) -> Job:
        self.told += 1
        return Job(self.told, trouble)


def spec_of(dice: Random, ledger: Ledger, name: str) -> ChildSpec[Job]:
    return ChildSpec(
        name,
        lambda: Worker(ledger, name),
        restart=dice.choice(list(Restart)),
        mailbox=MailboxRule(dice.randint(1, 4), dice.choice(RULES)),
        stop_seconds=dice.choice([0.5, 2]),
    )


def random_tree(dice: Random, ledger: Ledger) -> Supervisor:
    def supervisor(name: str, names: str, *, inner: Supervisor | None = None) -> Supervisor:
        children = tuple(spec_of(dice, ledger, child) for child in names)
        return Supervisor(
            name,
            children if inner is None else (*children[:1], inner, *children[1:]),
            dice.choice(list(Strategy)),
            intensity=dice.randint(1, 4),
            backoff=Backoff(dice.choice([0, 0.3]), jitter=0.5),
        )

    inner = supervisor("inner", "xyz"[: dice.randint(1, 3)])
    return supervisor("root", "abcd"[: dice.randint(1, 4)], inner=inner)


async def trouble(dice: Random) -> None:
    ledger = Ledger()
    system = ActorSystem(random_tree(dice, ledger), dice=dice, dead_letters_kept=10_000)
    with suppress(GaveUp), trio.fail_after(STORY_SECONDS):
        async with system, trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(make_trouble, Random(dice.random()), system, ledger)
    check(system, ledger)


async def make_trouble(dice: Random, system: ActorSystem, ledger: Ledger) -> None:
    for _ in range(12):
        await trio.sleep(dice.choice([0, 0, 0.05, 0.4]))
        paths = list(actor_paths(system.snapshot()))
        if not paths:
            return
        address: Address[Job] | None = system.find(dice.choice(paths))
        assert address is not None
        act = dice.random()
        if act < 0.1:
            crash(address)
        elif act < 0.2:
            with suppress(ActorDied):  # the root may be giving up
                ledger.comers += 1
                system.root.spawn(spec_of(dice, ledger, f"comer-{ledger.comers}"))
        elif act < 0.25:
            await system.root.stop_child(address.path.split("/")[1])
        with trio.move_on_after(2 * ASK_SECONDS):  # the receiver of a `send` may hang for ever
            await deliver(address, ledger.next_job(dice.random()), dice.random(), ledger)


async def deliver(address: Address[Job], job: Job, way: float, ledger: Ledger) -> None:
    begun_at = trio.current_time()
    try:
        if way < 0.4:
            address.tell(job)
        elif way < 0.6:
            await address.send(job)
        elif await address.ask(job, timeout_seconds=ASK_SECONDS) != job.number:
            ledger.wrongs.append(f"a wrong answer to {job.number}")
    except MailboxFull:
        ledger.refused.add(job.number)
    except AskTimedOut:
        ledger.given_up.add(job.number)
        if abs(trio.current_time() - begun_at - ASK_SECONDS) > 1e-6:
            ledger.wrongs.append(f"{job.number} was given up at the wrong moment")
    except ActorDied:
        pass  # and a dead letter says so too
    except trio.Cancelled:
        ledger.given_up.add(job.number)
        raise


def actor_paths(vitals: Vitals, above: str = "") -> Iterator[str]:
    for child in vitals.children:
        path = f"{above}{child.name}"
        if child.sort == "actor":
            yield path
        yield from actor_paths(child, f"{path}/")


def check(system: ActorSystem, ledger: Ledger) -> None:
    lost: Counter[int] = Counter()
    for letter in system.dead_letters.latest:
        if isinstance(letter.message, Job):
            lost[letter.message.number] += 1
    for number in range(1, ledger.told + 1):
        ends = ledger.handled[number] + lost[number]
        # Refused or given up, it may never have been in the mailbox, or have been lost from it.
        least = 0 if number in ledger.refused | ledger.given_up else 1
        if not least <= ends <= 1:
            ledger.wrongs.append(f"{number} ended {ends} times")
    if +ledger.lives:
        ledger.wrongs.append(f"not stopped: {+ledger.lives}")
    assert ledger.wrongs == []


def test_a_thousand_interleavings_keep_every_promise() -> None:
    """Each message is handled once or accounted for, each asker hears an end, each life is closed."""
    assert sweep(trouble, range(SEEDS)) == SEEDS
