"""The guide tells the truth: its bank runs as printed, and a new actor was written from it alone."""

import re
from dataclasses import dataclass
from pathlib import Path

import trio
from trio.testing import MockClock

from actors import (
    Actor,
    ActorSystem,
    Address,
    Backoff,
    ChildSpec,
    MailboxRule,
    Overflow,
    Request,
    Strategy,
    Supervisor,
)
from actors.testing import Probe, crash, sweep

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "actors.md"


def blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_bank_of_the_guide_runs_as_it_is_printed() -> None:
    """The actor, the tree and the test of the guide, in the order a reader types them."""
    (actor, tree, *_), test = blocks(), blocks()[-1]
    bank: dict[str, object] = {}
    exec(actor + tree + test, bank)
    main, story = bank["main"], bank["test_savings_survive_nothing_but_the_mailbox"]
    trio.run(main, clock=MockClock(autojump_threshold=0))  # type: ignore[arg-type]
    trio.run(story, None, clock=MockClock(autojump_threshold=0))  # type: ignore[arg-type]


# The new actor: it gathers places by id and hands them on in one batch, at most once a second.


@dataclass(frozen=True)
class Place:
    place_id: str
    name: str


@dataclass(frozen=True)
class Batch:
    places: tuple[Place, ...]


class Flush(Request[int]):
    """Hand on what has gathered; answered by how many places that were."""


class Gatherer(Actor[Place | Flush]):
    def __init__(self, store: Address[Batch]) -> None:
        self.store = store
        self.places: dict[str, Place] = {}

    async def started(self) -> None:
        self.context.every(1, Flush())

    async def receive(self, message: Place | Flush) -> object:
        if isinstance(message, Place):
            self.places[message.place_id] = message
            return None
        if self.places:
            self.store.tell(Batch(tuple(self.places.values())))
        count = len(self.places)
        self.places.clear()
        return count

    async def stopped(self) -> None:
        if self.places:
            self.store.tell(Batch(tuple(self.places.values())))


def place_id(message: object) -> object:
    return message.place_id if isinstance(message, Place) else message


class Works:
    def __init__(self) -> None:
        self.store = Probe[Batch]()
        self.store_spec = self.store.spec("store")
        self.gatherer = ChildSpec(
            "gatherer",
            lambda: Gatherer(self.system.address_of(self.store_spec)),
            mailbox=MailboxRule(100, Overflow.COALESCE, key=place_id),
        )
        self.system = ActorSystem(
            Supervisor(
                "works",
                (self.store_spec, self.gatherer),
                Strategy.REST_FOR_ONE,
                backoff=Backoff(1, jitter=0),
            )
        )

    def stored(self) -> list[str]:
        return [place.name for batch in self.store.received for place in batch.places]


async def test_gathered_places_are_handed_on_once_a_second(autojump_clock: MockClock) -> None:
    """The newest name of each place, in one batch."""
    works = Works()
    async with works.system as system:
        gatherer = system.address_of(works.gatherer)
        for number in range(10):
            gatherer.tell(Place("pub", f"The Old Pub {number}"))
        gatherer.tell(Place("mural", "Blue Heron"))
        await trio.sleep(1.5)
        assert works.stored() == ["The Old Pub 9", "Blue Heron"]
        assert len(works.store.received) == 1


async def test_what_is_gathered_can_be_asked_for_and_survives_an_orderly_stop(
    autojump_clock: MockClock,
) -> None:
    """`Flush` answers how many; what comes after it is handed on when the works close."""
    works = Works()
    async with works.system as system:
        gatherer = system.address_of(works.gatherer)
        gatherer.tell(Place("pub", "The Old Pub"))
        assert await gatherer.ask(Flush(), timeout_seconds=1) == 1
        gatherer.tell(Place("mural", "Blue Heron"))
        assert await gatherer.ask(Flush(), timeout_seconds=1) == 1
    assert works.stored() == ["The Old Pub", "Blue Heron"]


def test_no_interleaving_loses_a_place_but_by_a_crash() -> None:
    """Two hundred seeds, a crash of the store in the midst: the gatherer is begun again with it."""

    async def story(dice: object) -> None:
        works = Works()
        async with works.system as system:
            gatherer = system.address_of(works.gatherer)
            gatherer.tell(Place("pub", "The Old Pub"))
            await trio.sleep(0.5)
            crash(system.address_of(works.store_spec))
            gatherer.tell(Place("mural", "Blue Heron"))
            await trio.sleep(3)
        assert sorted(works.stored()) == ["Blue Heron", "The Old Pub"]

    assert sweep(story, range(200)) == 200
