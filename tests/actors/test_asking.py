"""Asking: a reply, a timeout, a death; nothing that comes late does harm."""

from dataclasses import dataclass

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from actors import (
    Actor,
    ActorDied,
    ActorSystem,
    Address,
    AskTimedOut,
    Backoff,
    ChildSpec,
    Request,
    Restart,
    Supervisor,
)
from actors.actor import Answer
from actors.alarms import MOST_TIMEOUT_CLASSES, SWEEP_LENGTH
from actors.dead_letters import Loss
from actors.testing import crash


@dataclass(frozen=True)
class Echo(Request[str]):
    text: str
    after_seconds: float = 0.0


class Explode(Request[None]):
    pass


class Later(Request[str]):
    pass


@dataclass(frozen=True)
class Reveal:
    text: str


Heard = Echo | Explode | Later | Reveal


class Oracle(Actor[Heard]):
    def __init__(self) -> None:
        self.owed: list[Answer] = []

    async def receive(self, message: Heard) -> object:
        match message:
            case Echo(text, after_seconds):
                if after_seconds:
                    await trio.sleep(after_seconds)
                return text
            case Explode():
                raise ArithmeticError("the oracle explodes")
            case Later():
                self.owed.append(self.context.answer_later())
            case Reveal(text):
                for answer in self.owed:
                    answer.give(text)
        return None


ORACLE = ChildSpec("oracle", Oracle)


def temple(restart: Restart = Restart.PERMANENT) -> tuple[ActorSystem, ChildSpec[Heard]]:
    spec: ChildSpec[Heard] = ChildSpec("oracle", Oracle, restart=restart)
    return ActorSystem(Supervisor("temple", (spec,), backoff=Backoff(1, jitter=0))), spec


async def expect_death(oracle: Address[Heard], request: Explode | Later) -> BaseException | None:
    with pytest.raises(ActorDied) as death:
        await oracle.ask(request, timeout_seconds=60)
    return death.value.__cause__


async def test_a_reply_comes_back(autojump_clock: MockClock) -> None:
    """Falsy replies too: None is an answer."""
    system, spec = temple()
    async with system:
        oracle = system.address_of(spec)
        assert await oracle.ask(Echo("yes"), timeout_seconds=1) == "yes"
        assert await oracle.ask(Echo(""), timeout_seconds=1) == ""


async def test_the_asker_waits_as_long_as_it_said(autojump_clock: MockClock) -> None:
    """Each timeout to the second, whatever their order; the reply that comes later harms nobody."""
    system, spec = temple()
    ended: dict[float, float] = {}

    async def ask(timeout_seconds: float) -> None:
        with pytest.raises(AskTimedOut, match="did not answer Echo"):
            await oracle.ask(Echo("late", after_seconds=20), timeout_seconds)
        ended[timeout_seconds] = trio.current_time() - begun_at

    async with system:
        oracle = system.address_of(spec)
        begun_at = trio.current_time()
        async with trio.open_nursery() as nursery:
            for timeout_seconds in (3.0, 1.0, 2.0, 1.5):
                nursery.start_soon(ask, timeout_seconds)
        assert {key: pytest.approx(value) for key, value in ended.items()} == {
            key: key for key in ended
        }
        assert await oracle.ask(Echo("still here"), timeout_seconds=90) == "still here"
        assert system.dead_letters.counts[Loss.LATE_REPLY] == 4


async def test_more_timeouts_than_there_are_queues_for_are_kept_all_the_same(
    autojump_clock: MockClock,
) -> None:
    """An asker who computes its timeout anew each time costs no queue each."""
    system, spec = temple()
    late: list[float] = []

    async def ask(timeout_seconds: float) -> None:
        with pytest.raises(AskTimedOut):
            await oracle.ask(Later(), timeout_seconds)
        late.append(trio.current_time() - begun_at - timeout_seconds)

    async with system:
        oracle = system.address_of(spec)
        begun_at = trio.current_time()
        async with trio.open_nursery() as nursery:
            for number in range(3 * MOST_TIMEOUT_CLASSES):
                nursery.start_soon(ask, 10 - number / 20)
    assert len(late) == 3 * MOST_TIMEOUT_CLASSES
    assert max(map(abs, late)) < 1e-6


async def test_answered_asks_are_forgotten_behind_one_that_waits(autojump_clock: MockClock) -> None:
    """One slow answer at the head of a timeout's queue keeps no thousand others in memory."""
    system, spec = temple()
    async with system, trio.open_nursery() as nursery:
        oracle = system.address_of(spec)

        async def slow() -> None:
            with pytest.raises(AskTimedOut):
                await oracle.ask(Later(), timeout_seconds=30)

        nursery.start_soon(slow)
        await wait_all_tasks_blocked()
        for _ in range(10 * SWEEP_LENGTH):
            await oracle.ask(Echo("quick"), timeout_seconds=30)
        (queue,) = system._runtime.alarms._queues.values()
        assert len(queue._entries) <= SWEEP_LENGTH + 1


async def test_a_crash_over_a_question_is_told_at_once(autojump_clock: MockClock) -> None:
    """ActorDied with the actor's own error as its cause, long before the timeout."""
    system, spec = temple()
    async with system:
        begun_at = trio.current_time()
        cause = await expect_death(system.address_of(spec), Explode())
        assert isinstance(cause, ArithmeticError)
        assert trio.current_time() == begun_at


async def test_a_question_behind_the_fatal_one_waits_for_the_next_life(
    autojump_clock: MockClock,
) -> None:
    """A restart loses the message that crashed, not those behind it."""
    system, spec = temple()
    async with system:
        oracle = system.address_of(spec)
        oracle.tell(Explode())
        assert await oracle.ask(Echo("patience"), timeout_seconds=5) == "patience"


async def test_questions_left_in_the_mailbox_of_the_dead_are_answered_by_their_death(
    autojump_clock: MockClock,
) -> None:
    """An actor that will not live again fails every asker in line at once."""
    system, spec = temple(Restart.TEMPORARY)
    async with system:
        oracle = system.address_of(spec)
        begun_at = trio.current_time()
        oracle.tell(Explode())
        await expect_death(oracle, Later())
        assert trio.current_time() == begun_at
        assert not oracle.alive
        cause = await expect_death(oracle, Later())
        assert isinstance(cause, ArithmeticError)
        oracle.tell(Reveal("nobody hears"))
        assert system.dead_letters.counts == {Loss.CRASHED: 1, Loss.LEFT_BEHIND: 1, Loss.NOBODY: 2}


async def test_a_killed_actor_fails_the_asker_it_was_working_for(
    autojump_clock: MockClock,
) -> None:
    """Cancelled in the midst of a wait, it still tells its asker, with the reason."""
    system, spec = temple()
    async with system, trio.open_nursery() as nursery:
        oracle = system.address_of(spec)

        async def ask() -> None:
            with pytest.raises(ActorDied) as death:
                await oracle.ask(Echo("never", after_seconds=50), timeout_seconds=60)
            assert isinstance(death.value.__cause__, ConnectionError)

        nursery.start_soon(ask)
        await wait_all_tasks_blocked()
        crash(oracle, ConnectionError())


async def test_a_cancelled_asker_is_gone_and_the_reply_finds_nobody(
    autojump_clock: MockClock,
) -> None:
    """The actor is not disturbed; the reply is counted as late."""
    system, spec = temple()
    async with system:
        oracle = system.address_of(spec)
        with trio.move_on_after(1):
            await oracle.ask(Echo("late", after_seconds=2), timeout_seconds=60)
        await trio.sleep(2)
        assert system.dead_letters.counts == {Loss.LATE_REPLY: 1}
        assert await oracle.ask(Echo("fine"), timeout_seconds=1) == "fine"


async def test_an_answer_can_be_given_later(autojump_clock: MockClock) -> None:
    """The actor goes on receiving while it owes an answer."""
    system, spec = temple()
    replies: list[str] = []

    async def ask() -> None:
        replies.append(await oracle.ask(Later(), timeout_seconds=10))

    async with system:
        oracle = system.address_of(spec)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask)
            nursery.start_soon(ask)
            await wait_all_tasks_blocked()
            assert await oracle.ask(Echo("busy?"), timeout_seconds=1) == "busy?"
            oracle.tell(Reveal("forty-two"))
    assert replies == ["forty-two", "forty-two"]


async def test_an_owed_answer_dies_with_the_life_that_owes_it(autojump_clock: MockClock) -> None:
    """Nobody waits out a timeout for an answer that was forgotten in a crash."""
    system, spec = temple()
    async with system, trio.open_nursery() as nursery:
        oracle = system.address_of(spec)
        causes: list[BaseException | None] = []

        async def ask() -> None:
            causes.append(await expect_death(oracle, Later()))

        nursery.start_soon(ask)
        await wait_all_tasks_blocked()
        oracle.tell(Explode())
        await wait_all_tasks_blocked()
        assert [type(cause) for cause in causes] == [ArithmeticError]


async def test_a_timeout_that_has_passed_already_still_asks(autojump_clock: MockClock) -> None:
    """Zero seconds: the request is left, and the asker waits for no one."""
    system, spec = temple()
    async with system:
        with pytest.raises(AskTimedOut):
            await system.address_of(spec).ask(Later(), timeout_seconds=0)
