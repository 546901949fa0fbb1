"""What every carrier of news promises."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.redis.stalling_proxy import stalling_proxy
from tests.redis_server import RedisServer, linked
from tests.town import NOON, TRACE, TownClock
from wildside.domain.identifiers import RequestId, RouteId, UserId
from wildside.domain.progress import Progress, Stage
from wildside.outbound.progress.memory import MOST_SILENT_WALKERS, MemoryNews
from wildside.outbound.progress.redis import RedisNews
from wildside.ports import News, Told

ADA, BOB = UserId(UUID(int=1)), UserId(UUID(int=2))


@pytest.fixture(params=["memory", "redis"])
async def news(request: pytest.FixtureRequest) -> AsyncIterator[News]:
    """A silent carrier of each kind."""
    if request.param == "memory":
        yield MemoryNews(TownClock())
        return
    async with carrier(request.getfixturevalue("redis_server").url) as redis:
        yield redis


@asynccontextmanager
async def carrier(url: str) -> AsyncIterator[RedisNews]:
    """One server's or worker's end of the news in that Redis."""
    async with linked(url) as link, linked(url) as hearing, trio.open_nursery() as nursery:
        news = RedisNews(link, hearing)
        await nursery.start(news.run)
        yield news
        nursery.cancel_scope.cancel()


def word(number: int, percent: int = 0, user_id: UserId = ADA) -> Progress:
    return Progress(RequestId(UUID(int=number)), user_id, Stage.IN_PROGRESS, percent, NOON, TRACE)


async def heard(listener: AsyncIterator[Told], count: int) -> list[Told]:
    with trio.fail_after(5):
        return [await listener.__anext__() for _ in range(count)]


async def test_all_sockets_of_a_walker_hear_everything_and_nobody_else(news: News) -> None:
    """Two open pages of Ada, one of Bob."""
    async with news.listen(ADA) as one, news.listen(ADA) as two, news.listen(BOB) as other:
        news.publish(word(1))
        news.publish(word(2))
        assert [told.progress for told in await heard(one, 2)] == [word(1), word(2)]
        assert [told.progress for told in await heard(two, 2)] == [word(1), word(2)]
        news.publish(word(3, user_id=BOB))
        assert [told.progress for told in await heard(other, 1)] == [word(3, user_id=BOB)]


async def test_ids_grow_even_when_the_clock_jumps_back() -> None:
    """A browser resumes by them; messages of one microsecond are told apart too."""

    class Jumping:
        moments = iter([NOON, NOON, NOON - timedelta(hours=1), NOON + timedelta(seconds=1)])

        def now(self) -> datetime:
            return next(self.moments)

    news = MemoryNews(Jumping())
    async with news.listen(ADA) as listener:
        for number in range(4):
            news.publish(word(number))
        ids = [told.id for told in await heard(listener, 4)]
    assert ids == sorted(set(ids))


async def test_ids_go_on_growing_after_a_restart(autojump_clock: MockClock) -> None:
    """The browser still holds the id of a server that is gone."""
    clock = TownClock()
    old = MemoryNews(clock)
    async with old.listen(ADA) as listener:
        old.publish(word(1))
        (last,) = await heard(listener, 1)
    await trio.sleep(1)
    new = MemoryNews(clock)
    async with new.listen(ADA) as listener:
        new.publish(word(2))
        (first,) = await heard(listener, 1)
    assert first.id > last.id


async def test_a_slow_listener_hears_the_newest_word_of_each_request(news: News) -> None:
    """It is not waited for, and it never hears a request go backwards."""
    async with news.listen(ADA) as listener:
        for percent in range(100):
            news.publish(word(1, percent))
            news.publish(word(2, percent))
        # Bob's word is behind all of Ada's: once he hears it, hers have arrived.
        async with news.listen(BOB) as other:
            news.publish(word(3, user_id=BOB))
            await heard(other, 1)
        told = await heard(listener, 2)
        assert [message.progress for message in told] == [word(1, 99), word(2, 99)]


async def test_the_last_word_is_heard_however_many_requests_wait(news: News) -> None:
    """Sixty requests a minute, and a phone in a tunnel."""
    async with news.listen(ADA) as listener:
        for number in range(60):
            news.publish(word(number, 50))
        ends = [
            replace(word(number), stage=Stage.COMPLETE, percent=100, route_id=RouteId(UUID(int=9)))
            for number in range(60)
        ]
        for end in ends:
            news.publish(end)
        async with news.listen(BOB) as other:
            news.publish(word(3, user_id=BOB))
            await heard(other, 1)
        assert [message.progress for message in await heard(listener, 60)] == ends


async def test_an_end_is_heard_though_an_older_word_is_published_after_it(news: News) -> None:
    """Somebody cancelled between the search's commit and its news."""
    end = word(1, 50).failed("cancelled", NOON)
    async with news.listen(ADA) as listener:
        news.publish(end)
        news.publish(word(1, 60))
        assert [message.progress for message in await heard(listener, 1)] == [end]


async def test_a_listener_resumes_after_the_last_message_it_heard(news: News) -> None:
    """`/ws?since=`: what was told in between comes first, then what follows."""
    async with news.listen(ADA) as listener:
        for number in range(3):
            news.publish(word(number))
        first, *_ = await heard(listener, 3)
    async with news.listen(ADA, since=first.id) as listener:
        news.publish(word(3))
        again = await heard(listener, 3)
        assert [message.progress for message in again] == [word(1), word(2), word(3)]


async def test_a_listener_without_since_hears_only_what_follows(news: News) -> None:
    """The past is told from storage."""
    async with news.listen(ADA) as listener:
        news.publish(word(1))
        await heard(listener, 1)
    async with news.listen(ADA) as listener:
        news.publish(word(2))
        assert [message.progress for message in await heard(listener, 1)] == [word(2)]


async def test_a_waiting_listener_is_woken(news: News, nursery: trio.Nursery) -> None:
    """It slept before the news came."""
    got: list[Progress] = []
    listening, woken = trio.Event(), trio.Event()

    async def listen() -> None:
        async with news.listen(ADA) as listener:
            listening.set()
            got.append((await listener.__anext__()).progress)
            woken.set()

    nursery.start_soon(listen)
    await listening.wait()
    await wait_all_tasks_blocked()
    news.publish(word(1))
    with trio.fail_after(5):
        await woken.wait()
    assert got == [word(1)]


async def test_a_reminder_reaches_those_who_listen_here(news: News) -> None:
    """What is stored is told again, in case the news of it got lost; strangers are passed over."""
    async with news.listen(ADA) as listener:
        news.remind([word(1, 40), word(2, user_id=BOB)])
        assert [message.progress for message in await heard(listener, 1)] == [word(1, 40)]


async def test_news_reach_a_walker_on_another_server(redis_server: RedisServer) -> None:
    """One process publishes, another has the socket; ids are the same on all of them."""
    async with carrier(redis_server.url) as worker, carrier(redis_server.url) as server:
        async with server.listen(ADA) as listener:
            worker.publish(word(1))
            (first,) = await heard(listener, 1)
            worker.publish(word(2))
            server.publish(word(3))
            await heard(listener, 2)
        async with worker.listen(ADA, since=first.id) as elsewhere:
            later = await heard(elsewhere, 2)
    assert {message.progress for message in later} == {word(2), word(3)}
    assert first.id < later[0].id < later[1].id


async def test_a_server_reads_only_what_its_walkers_need(redis_server: RedisServer) -> None:
    """Channels of those who listen here, and none once they have gone."""
    admin = redis_server.admin()
    async with carrier(redis_server.url) as server:
        async with server.listen(ADA), server.listen(ADA):
            assert len(admin.pubsub_channels("*news*")) == 1
        async with server.listen(BOB):
            assert admin.pubsub_channels("*news*") == ["{wildside}:news:" + BOB.hex]


async def test_what_is_told_while_a_server_is_cut_off_is_heard_afterwards(
    redis_server: RedisServer,
) -> None:
    """Its connection broke and came back: nothing is lost, nothing is told twice."""
    async with (
        stalling_proxy(redis_server.port) as proxy,
        linked(proxy.url) as link,
        linked(proxy.url) as hearing,
        carrier(redis_server.url) as worker,
        trio.open_nursery() as nursery,
    ):
        server = RedisNews(link, hearing)
        await nursery.start(server.run)
        async with server.listen(ADA) as listener:
            worker.publish(word(1))
            await heard(listener, 1)
            proxy.stall()
            async with worker.listen(ADA) as direct:
                worker.publish(word(2))
                worker.publish(word(3))
                await heard(direct, 2)
            proxy.cut()
            proxy.flow()
            assert [told.progress for told in await heard(listener, 2)] == [word(2), word(3)]
        nursery.cancel_scope.cancel()


async def test_words_wait_for_redis_and_are_told_in_order_when_it_is_back(
    own_redis: RedisServer,
) -> None:
    """Publishing never waits and never fails."""
    async with carrier(own_redis.url) as news, news.listen(ADA) as listener:
        news.publish(word(1))
        await heard(listener, 1)
        own_redis.kill()
        for number in (2, 3, 4):
            news.publish(word(number))
        own_redis.start()
        assert [told.progress for told in await heard(listener, 3)] == [word(2), word(3), word(4)]


async def test_walkers_nobody_listens_for_are_forgotten_in_the_end() -> None:
    """Their recent messages would fill the memory; a listener's are kept."""
    news = MemoryNews(TownClock())
    async with news.listen(ADA) as listener:
        for number in range(MOST_SILENT_WALKERS + 10):
            news.publish(word(1, user_id=UserId(UUID(int=1000 + number))))
        news.publish(word(7))
        assert [message.progress for message in await heard(listener, 1)] == [word(7)]
        assert len(news._walkers) <= MOST_SILENT_WALKERS + 1
