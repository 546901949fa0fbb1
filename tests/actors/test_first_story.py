"""The whole runtime in one story: tell, ask, crash, restart, stop."""

from dataclasses import dataclass

import pytest
import trio
from trio.testing import MockClock

from actors import (
    Actor,
    ActorDied,
    ActorSystem,
    AskTimedOut,
    Backoff,
    ChildSpec,
    GaveUp,
    Request,
    Supervisor,
)


@dataclass(frozen=True)
class Deposit:
    cents: int


class Balance(Request[int]):
    """How much lies in the account."""


@dataclass(frozen=True)
class Steal:
    pass


class Hang(Request[None]):
    pass


class Account(Actor[Deposit | Balance | Steal | Hang]):
    def __init__(self) -> None:
        self.cents = 0

    async def receive(self, message: Deposit | Balance | Steal | Hang) -> object:
        match message:
            case Deposit(cents):
                self.cents += cents
            case Balance():
                return self.cents
            case Hang():
                await trio.sleep_forever()
            case Steal():
                raise PermissionError("not yours")
        return None


ACCOUNT = ChildSpec("account", Account)


async def test_an_account_is_told_asked_robbed_and_begun_again(autojump_clock: MockClock) -> None:
    """Messages told before a crash's end wait for the next life, which starts from nothing."""
    tree = Supervisor("bank", (ACCOUNT,), backoff=Backoff(first_seconds=1, jitter=0))
    begun_at = trio.current_time()
    async with ActorSystem(tree) as system:
        account = system.address_of(ACCOUNT)
        account.tell(Deposit(5))
        assert await account.ask(Balance(), timeout_seconds=1) == 5
        account.tell(Steal())
        account.tell(Deposit(7))
        assert await account.ask(Balance(), timeout_seconds=2) == 7
        assert trio.current_time() - begun_at == pytest.approx(1)
        with pytest.raises(AskTimedOut):
            await account.ask(Hang(), timeout_seconds=3)
        assert trio.current_time() - begun_at == pytest.approx(4)
    assert trio.current_time() - begun_at == pytest.approx(9)
    with pytest.raises(ActorDied):
        await account.ask(Balance(), timeout_seconds=1)


async def test_a_supervisor_that_gives_up_ends_the_block(autojump_clock: MockClock) -> None:
    """Four crashes in five seconds are one too many: GaveUp comes out of the block."""
    tree = Supervisor("bank", (ACCOUNT,), backoff=Backoff(first_seconds=0, jitter=0))

    async def rob_until_it_gives_up() -> None:
        async with ActorSystem(tree) as system:
            for _ in range(4):
                system.address_of(ACCOUNT).tell(Steal())
            await trio.sleep_forever()

    with pytest.raises(GaveUp):
        await rob_until_it_gives_up()
