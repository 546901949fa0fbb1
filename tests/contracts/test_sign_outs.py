"""What every teller of sign-outs promises."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
import trio

from tests.redis_server import RedisServer, linked
from wildside.domain.identifiers import UserId
from wildside.outbound.sign_outs.memory import MemorySignOuts
from wildside.outbound.sign_outs.redis import CHANNEL, RedisSignOuts
from wildside.ports import SignOuts

ADA, BOB = UserId(UUID(int=1)), UserId(UUID(int=2))


@asynccontextmanager
async def server_of(url: str) -> AsyncIterator[RedisSignOuts]:
    """One server's end, in that Redis."""
    async with linked(url) as link, linked(url) as hearing, trio.open_nursery() as nursery:
        sign_outs = RedisSignOuts(link, hearing)
        await nursery.start(sign_outs.run)
        # Behind the subscription on the same connection: from here on everything is heard.
        await hearing.ask("PING", again=True)
        yield sign_outs
        nursery.cancel_scope.cancel()


@pytest.fixture(params=["memory", "redis"])
async def sign_outs(request: pytest.FixtureRequest) -> AsyncIterator[SignOuts]:
    """A teller of each kind."""
    if request.param == "memory":
        yield MemorySignOuts()
        return
    async with server_of(request.getfixturevalue("redis_server").url) as redis:
        yield redis


class Ear:
    """Remembers whom it heard of, and tells when it heard of somebody."""

    def __init__(self) -> None:
        self.heard: list[UserId] = []
        self._somebody = trio.Event()

    def __call__(self, user_id: UserId) -> None:
        self.heard.append(user_id)
        self._somebody.set()
        self._somebody = trio.Event()

    async def hears(self, condition: Callable[[list[UserId]], bool]) -> None:
        """Waits until it has."""
        with trio.fail_after(5):
            while not condition(self.heard):
                await self._somebody.wait()


async def test_the_sockets_of_this_process_are_told_at_once(sign_outs: SignOuts) -> None:
    """Before `publish` returns, every listener."""
    one, two = Ear(), Ear()
    sign_outs.hear(one)
    sign_outs.hear(two)
    sign_outs.publish(ADA)
    assert one.heard == two.heard == [ADA]


async def test_nobody_need_listen(sign_outs: SignOuts) -> None:
    """A command that signs out has no sockets of its own."""
    sign_outs.publish(ADA)


async def test_other_servers_are_told_in_a_moment(redis_server: RedisServer) -> None:
    """Each of several, of each of several people; whoever told is not confused by hearing itself."""
    url = redis_server.url
    async with server_of(url) as here, server_of(url) as there, server_of(url) as elsewhere:
        ears = [Ear(), Ear(), Ear()]
        for server, ear in zip((here, there, elsewhere), ears, strict=True):
            server.hear(ear)
        here.publish(ADA)
        there.publish(BOB)
        for ear in ears:
            await ear.hears(lambda heard: {ADA, BOB} <= set(heard))


async def test_rubbish_in_the_channel_harms_nobody(redis_server: RedisServer) -> None:
    """What another release says is passed over; what follows is heard."""
    async with server_of(redis_server.url) as server, linked(redis_server.url) as link:
        ear = Ear()
        server.hear(ear)
        for rubbish in ("", "x", "\N{SNOWMAN}", "0" * 33):
            await link.ask("PUBLISH", CHANNEL, rubbish)
        await link.ask("PUBLISH", CHANNEL, BOB.hex)
        await ear.hears(bool)
        assert ear.heard == [BOB]
