"""What a socket is told: how things stand, then what happens, never backwards."""

from collections.abc import AsyncIterator
from datetime import timedelta

import trio
from trio.testing import MockClock

from tests.town import House, a_wish
from wildside.domain.moments import microseconds
from wildside.domain.progress import Stage
from wildside.ports import Told


async def heard(told: AsyncIterator[Told], count: int) -> list[Told]:
    with trio.fail_after(1):
        return [await told.__anext__() for _ in range(count)]


async def silent(told: AsyncIterator[Told]) -> bool:
    with trio.move_on_after(1) as scope:
        await told.__anext__()
    return scope.cancelled_caught


async def test_a_socket_that_comes_late_is_told_how_things_stand(
    house: House, autojump_clock: MockClock
) -> None:
    """Unfinished requests and those ended within ten minutes, of this walker only."""
    ada, bob = await house.arrive(), await house.arrive()
    old = await house.ask(ada, a_wish(30))
    await house.cancel(ada, old.request_id)
    await trio.sleep(601)
    recent = await house.ask(ada, a_wish(31))
    ended = await house.cancel(ada, recent.request_id)
    waiting = await house.ask(ada, a_wish(32))
    await house.ask(bob)
    async with house.follow_progress.listen(ada.id) as told:
        messages = await heard(told, 2)
        assert [message.progress for message in messages] == [ended, waiting]
        assert await silent(told)


async def test_nothing_is_told_twice_or_backwards_while_connecting(
    house: House, autojump_clock: MockClock
) -> None:
    """The request moves on between the first word from storage and the first live one."""
    ada = await house.arrive()
    asked = await house.ask(ada)
    async with house.follow_progress.listen(ada.id) as told:
        house.news.publish(asked)
        cancelled = await house.cancel(ada, asked.request_id)
        house.news.publish(asked)
        messages = await heard(told, 2)
        assert [message.progress for message in messages] == [asked, cancelled]
        assert await silent(told)
        assert messages[0].id < messages[1].id


async def test_a_socket_resumes_after_what_it_has_heard(
    house: House, autojump_clock: MockClock
) -> None:
    """What ended before is not told again, what happened meanwhile is."""
    ada = await house.arrive()
    async with house.follow_progress.listen(ada.id) as told:
        first = await house.ask(ada, a_wish(30))
        await house.cancel(ada, first.request_id)
        await heard(told, 1)
        await trio.sleep(2)
        second = await house.ask(ada, a_wish(31))
        (last,) = await heard(told, 1)
    await trio.sleep(5)
    ended = await house.cancel(ada, second.request_id)
    third = await house.ask(ada, a_wish(32))
    async with house.follow_progress.listen(ada.id, since=last.id) as told:
        messages = await heard(told, 2)
        assert [message.progress for message in messages] == [ended, third]
        assert last.id < messages[0].id < messages[1].id
        assert await silent(told)


async def test_a_socket_resumes_on_a_server_that_remembers_nothing(
    house: House, autojump_clock: MockClock
) -> None:
    """The server was restarted in between: storage knows what its memory does not."""
    ada = await house.arrive()
    asked = await house.ask(ada)
    async with house.follow_progress.listen(ada.id) as told:
        (last,) = await heard(told, 1)
    await trio.sleep(5)
    await house.cancel(ada, asked.request_id)
    restarted = House(house.storage)
    async with restarted.follow_progress.listen(ada.id, since=last.id) as told:
        (message,) = await heard(told, 1)
        assert message.progress.stage is Stage.FAILED
        assert message.id > last.id


async def test_a_word_from_a_clock_that_was_ahead_hides_nothing_that_follows(
    house: House, autojump_clock: MockClock
) -> None:
    """One worker's clock is an hour ahead, and the next word is written by one that is right."""
    ada = await house.arrive()
    first, second = await house.ask(ada, a_wish(30)), await house.ask(ada, a_wish(31))
    ahead = house.clock.now() + timedelta(hours=1)
    async with house.storage.write() as work:
        await work.requests.advance(first.failed("engine_crashed", ahead))
    async with house.follow_progress.listen(ada.id) as told:
        last = (await heard(told, 2))[-1]
    assert last.id <= microseconds(house.clock.now()) + 2
    await trio.sleep(5)
    await house.cancel(ada, second.request_id)
    restarted = House(house.storage)
    async with restarted.follow_progress.listen(ada.id, since=last.id) as told:
        ends = {message.progress.request_id for message in await heard(told, 2)}
    assert second.request_id in ends


async def test_an_id_from_the_future_is_not_believed(
    house: House, autojump_clock: MockClock
) -> None:
    """The server that gave it had a clock that was ahead: the walker is told all that is fresh."""
    ada = await house.arrive()
    asked = await house.ask(ada)
    ended = await house.cancel(ada, asked.request_id)
    future = microseconds(house.clock.now() + timedelta(hours=1))
    async with House(house.storage).follow_progress.listen(ada.id, since=future) as told:
        (message,) = await heard(told, 1)
    assert (message.progress, message.id > future) == (ended, True)
