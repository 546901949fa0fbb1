"""What happens to one message more than a mailbox holds, under each of the five rules."""

from dataclasses import dataclass

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from actors import (
    Actor,
    ActorSystem,
    Address,
    ChildSpec,
    MailboxFull,
    MailboxRule,
    Overflow,
    Request,
    Supervisor,
)
from actors.dead_letters import Loss


@dataclass(frozen=True)
class Note(Request[str]):
    text: str


class Gate:
    """Holds the reader at its first message until opened."""

    def __init__(self) -> None:
        self.opened = trio.Event()
        self.read: list[str] = []


class Reader(Actor[Note]):
    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    async def receive(self, message: Note) -> str:
        await self.gate.opened.wait()
        self.gate.read.append(message.text)
        return f"read {message.text}"


def first_letter(message: object) -> str:
    assert isinstance(message, Note)
    return message.text[0]


class Desk:
    """A reader with room for two, held at a message already taken."""

    def __init__(self, overflow: Overflow) -> None:
        key = first_letter if overflow is Overflow.COALESCE else None
        self.gate = Gate()
        self.spec = ChildSpec(
            "reader", lambda: Reader(self.gate), mailbox=MailboxRule(2, overflow, key)
        )
        self.system = ActorSystem(Supervisor("desk", (self.spec,)))

    async def hold(self) -> Address[Note]:
        reader = self.system.address_of(self.spec)
        reader.tell(Note("held"))
        await wait_all_tasks_blocked()
        return reader

    async def let_read(self) -> list[str]:
        self.gate.opened.set()
        await wait_all_tasks_blocked()
        return self.gate.read

    def lost(self) -> list[tuple[str, Loss]]:
        return [
            (letter.message.text, letter.reason)
            for letter in self.system.dead_letters.latest
            if isinstance(letter.message, Note)
        ]


async def test_reject_refuses_the_teller(autojump_clock: MockClock) -> None:
    """The teller hears MailboxFull and keeps the message; those inside are read."""
    desk = Desk(Overflow.REJECT)
    async with desk.system:
        reader = await desk.hold()
        reader.tell(Note("a"))
        reader.tell(Note("b"))
        with pytest.raises(MailboxFull):
            reader.tell(Note("c"))
        with pytest.raises(MailboxFull):
            await reader.ask(Note("d"), timeout_seconds=1)
        with pytest.raises(MailboxFull):
            await reader.send(Note("e"))
        assert reader.waiting == 2
        assert await desk.let_read() == ["held", "a", "b"]
        assert desk.lost() == []


async def test_block_lets_senders_wait_in_their_order(autojump_clock: MockClock) -> None:
    """`send` and `ask` wait for room, first come first in; `tell`, which cannot wait, is refused."""
    desk = Desk(Overflow.BLOCK)
    sent: list[str] = []

    async def send(text: str) -> None:
        await reader.send(Note(text))
        sent.append(text)

    async def ask(text: str) -> None:
        sent.append(await reader.ask(Note(text), timeout_seconds=9))

    async with desk.system, trio.open_nursery() as nursery:
        reader = await desk.hold()
        reader.tell(Note("a"))
        await reader.send(Note("b"))
        for start, text in ((send, "c"), (ask, "d"), (send, "e")):
            nursery.start_soon(start, text)
            await wait_all_tasks_blocked()
        with pytest.raises(MailboxFull):
            reader.tell(Note("x"))
        assert (sent, reader.waiting) == ([], 2)
        assert await desk.let_read() == ["held", "a", "b", "c", "d", "e"]
        assert sorted(sent) == ["c", "e", "read d"]


async def test_a_sender_that_gives_up_waiting_leaves_the_line(autojump_clock: MockClock) -> None:
    """A cancelled `send` and a timed-out `ask` put nothing in, and hold up nobody behind them."""
    desk = Desk(Overflow.BLOCK)
    async with desk.system:
        reader = await desk.hold()
        reader.tell(Note("a"))
        reader.tell(Note("b"))
        with trio.move_on_after(1) as patience:
            await reader.send(Note("impatient"))
        assert patience.cancelled_caught
        with pytest.raises(TimeoutError):
            await reader.ask(Note("too late"), timeout_seconds=1)
        assert await desk.let_read() == ["held", "a", "b"]
        await reader.send(Note("c"))
        assert await desk.let_read() == ["held", "a", "b", "c"]


async def test_drop_oldest_makes_room_and_tells_the_dropped_asker(
    autojump_clock: MockClock,
) -> None:
    """The oldest becomes a dead letter, and whoever asked it hears MailboxFull at once."""
    desk = Desk(Overflow.DROP_OLDEST)
    async with desk.system, trio.open_nursery() as nursery:
        reader = await desk.hold()

        async def ask() -> None:
            with pytest.raises(MailboxFull, match="newer"):
                await reader.ask(Note("asked"), timeout_seconds=9)

        nursery.start_soon(ask)
        await wait_all_tasks_blocked()
        for text in "abc":
            reader.tell(Note(text))
        assert await desk.let_read() == ["held", "b", "c"]
        assert desk.lost() == [("asked", Loss.DROPPED_OLDEST), ("a", Loss.DROPPED_OLDEST)]


async def test_drop_newest_loses_what_comes_too_late(autojump_clock: MockClock) -> None:
    """A told message becomes a dead letter without a word, an asked one is refused."""
    desk = Desk(Overflow.DROP_NEWEST)
    async with desk.system:
        reader = await desk.hold()
        for text in "abc":
            reader.tell(Note(text))
        with pytest.raises(MailboxFull):
            await reader.ask(Note("d"), timeout_seconds=1)
        assert await desk.let_read() == ["held", "a", "b"]
        assert [text for text, _ in desk.lost()] == ["c", "d"]


async def test_coalesce_keeps_the_newest_of_each_key(autojump_clock: MockClock) -> None:
    """A newer message takes the older one's place; a third key pushes out the oldest."""
    desk = Desk(Overflow.COALESCE)
    async with desk.system, trio.open_nursery() as nursery:
        reader = await desk.hold()

        async def ask() -> None:
            with pytest.raises(MailboxFull, match="newer"):
                await reader.ask(Note("a1"), timeout_seconds=9)

        nursery.start_soon(ask)
        await wait_all_tasks_blocked()
        for text in ("b1", "a2", "b2", "c1"):
            reader.tell(Note(text))
        assert await desk.let_read() == ["held", "b2", "c1"]
        assert desk.lost() == [("a2", Loss.DROPPED_OLDEST)]


async def test_a_message_kept_through_a_restart_still_counts_against_the_room(
    autojump_clock: MockClock,
) -> None:
    """The mailbox belongs to the address: what waits when a life ends waits for the next."""
    desk = Desk(Overflow.REJECT)
    async with desk.system:
        reader = await desk.hold()
        reader.tell(Note("a"))
        reader.tell(Note("b"))
        reader.owner.kill(ZeroDivisionError())
        await wait_all_tasks_blocked()
        with pytest.raises(MailboxFull):
            reader.tell(Note("c"))
        desk.gate.opened.set()
        await trio.sleep(1)
        assert desk.gate.read == ["a", "b"]
        assert desk.lost() == [("held", Loss.CRASHED)]


@pytest.mark.parametrize(
    ("capacity", "overflow", "key"),
    [(0, Overflow.REJECT, None), (1, Overflow.COALESCE, None), (1, Overflow.REJECT, first_letter)],
)
def test_a_rule_that_makes_no_sense_is_refused(
    capacity: int, overflow: Overflow, key: object
) -> None:
    """No room, a key to coalesce by that is missing, or one that no rule would use."""
    with pytest.raises(ValueError, match=r"room|key"):
        MailboxRule(capacity, overflow, key)  # type: ignore[arg-type]
