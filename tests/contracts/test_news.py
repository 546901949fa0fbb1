"""What every carrier of news promises."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.town import NOON, TRACE, TownClock
from wildside.domain.identifiers import RequestId, RouteId, UserId
from wildside.domain.progress import Progress, Stage
from wildside.outbound.progress.memory import MOST_SILENT_WALKERS, MemoryNews
from wildside.ports import News, Told

ADA, BOB = UserId(UUID(int=1)), UserId(UUID(int=2))


@pytest.fixture(params=["memory"])
def news(request: pytest.FixtureRequest) -> News:
    """A silent carrier of each kind."""
    return MemoryNews(TownClock())


def word(number: int, percent: int = 0, user_id: UserId = ADA) -> Progress:
    return Progress(RequestId(UUID(int=number)), user_id, Stage.IN_PROGRESS, percent, NOON, TRACE)


async def heard(listener: AsyncIterator[Told], count: int) -> list[Told]:
    with trio.fail_after(1):
        return [await listener.__anext__() for _ in range(count)]


async def test_all_sockets_of_a_walker_hear_everything_and_nobody_else(
    news: News, autojump_clock: MockClock
) -> None:
    """Two open pages of Ada, one of Bob."""
    async with news.listen(ADA) as one, news.listen(ADA) as two, news.listen(BOB) as other:
        news.publish(word(1))
        news.publish(word(2))
        assert [told.progress for told in await heard(one, 2)] == [word(1), word(2)]
        assert [told.progress for told in await heard(two, 2)] == [word(1), word(2)]
        with trio.move_on_after(1) as scope:
            await other.__anext__()
        assert scope.cancelled_caught


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
        assert [message.progress for message in await heard(listener, 60)] == ends


async def test_an_end_is_heard_though_an_older_word_is_published_after_it(
    news: News, autojump_clock: MockClock
) -> None:
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


async def test_a_listener_without_since_hears_only_what_follows(
    news: News, autojump_clock: MockClock
) -> None:
    """The past is told from storage."""
    news.publish(word(1))
    async with news.listen(ADA) as listener:
        news.publish(word(2))
        assert [message.progress for message in await heard(listener, 1)] == [word(2)]


async def test_a_waiting_listener_is_woken(news: News, nursery: trio.Nursery) -> None:
    """It slept before the news came."""
    got: list[Progress] = []

    async def listen() -> None:
        async with news.listen(ADA) as listener:
            got.append((await listener.__anext__()).progress)

    nursery.start_soon(listen)
    await wait_all_tasks_blocked()
    news.publish(word(1))
    await wait_all_tasks_blocked()
    assert got == [word(1)]


async def test_walkers_nobody_listens_for_are_forgotten_in_the_end() -> None:
    """Their recent messages would fill the memory; a listener's are kept."""
    news = MemoryNews(TownClock())
    async with news.listen(ADA) as listener:
        for number in range(MOST_SILENT_WALKERS + 10):
            news.publish(word(1, user_id=UserId(UUID(int=1000 + number))))
        news.publish(word(7))
        assert [message.progress for message in await heard(listener, 1)] == [word(7)]
        assert len(news._walkers) <= MOST_SILENT_WALKERS + 1
