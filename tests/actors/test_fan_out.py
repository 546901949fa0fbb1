"""The fan-out: everyone hears what they asked for, and the slow are nobody's burden."""

from dataclasses import dataclass

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock, wait_all_tasks_blocked

from actors import ActorSystem, FanOut, MailboxRule, Restart, Supervisor
from actors.errors import SlowSubscriber
from actors.fan_out import Slow, Subscription
from actors.testing import Probe


@dataclass(frozen=True)
class Progress:
    request: str
    percent: int


def of_request(news: Progress) -> str:
    return news.request


async def read_all(subscription: Subscription[str, Progress]) -> list[Progress]:
    return [news async for news in subscription]


async def test_subscribers_hear_their_topics_in_order(autojump_clock: MockClock) -> None:
    """From the moment they subscribe until they leave, and nothing of other topics."""
    fan_out = FanOut[str, int]()
    assert fan_out.publish("walks", 0) == 0
    with fan_out.subscribe("walks") as ann, fan_out.subscribe("walks", "pubs") as bob:
        assert fan_out.publish("walks", 1) == 2
        assert fan_out.publish("pubs", 2) == 1
        ann.close()
        assert fan_out.publish("walks", 3) == 1
    assert [news async for news in ann] == [1]
    assert [news async for news in bob] == [1, 2, 3]
    assert fan_out.topics == 0, "a topic nobody hears of is forgotten"


async def test_a_reader_that_waits_is_woken_by_news(autojump_clock: MockClock) -> None:
    """Iteration waits for what is published later, and ends when the subscription is closed."""
    fan_out = FanOut[str, int]()
    heard: list[int] = []
    subscription = fan_out.subscribe("walks")

    async def read() -> None:
        heard.extend([news async for news in subscription])

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read)
        for number in range(3):
            await wait_all_tasks_blocked()
            fan_out.publish("walks", number)
        await wait_all_tasks_blocked()
        subscription.close()
    assert heard == [0, 1, 2]


async def test_a_slow_subscriber_loses_its_oldest_and_nobody_elses(
    autojump_clock: MockClock,
) -> None:
    """Publishing a hundred to a subscriber with room for three does not wait."""
    fan_out = FanOut[str, int](room=1000)
    slow, quick = fan_out.subscribe("walks", room=3), fan_out.subscribe("walks")
    for number in range(100):
        fan_out.publish("walks", number)
    slow.close()
    quick.close()
    assert [news async for news in slow] == [97, 98, 99]
    assert slow.dropped == 97
    assert [news async for news in quick] == list(range(100))


async def test_a_subscriber_let_go_reads_what_it_has_and_hears_why(
    autojump_clock: MockClock,
) -> None:
    """SlowSubscriber comes after the last news it had room for; it is off the list at once."""
    fan_out = FanOut[str, int](room=2, slow=Slow.LET_GO)
    subscription = fan_out.subscribe("walks")
    for number in range(5):
        fan_out.publish("walks", number)
    assert fan_out.listeners("walks") == 0
    heard: list[int] = []

    async def read() -> None:
        async for news in subscription:
            heard.append(news)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(SlowSubscriber):
        await read()
    assert heard == [0, 1]


@given(
    published=st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 100)), max_size=40),
    room=st.integers(1, 4),
)
def test_coalescing_keeps_the_newest_of_each_key(
    published: list[tuple[str, int]], room: int
) -> None:
    """Against a plain list: newest per key at its first place, the oldest key leaves when full."""
    fan_out = FanOut[str, Progress](room=room, key=of_request)
    subscription = fan_out.subscribe("walks")
    expected: list[tuple[str, int]] = []
    for request, percent in published:
        fan_out.publish("walks", Progress(request, percent))
        places = [place for place, (key, _) in enumerate(expected) if key == request]
        if places:
            expected[places[0]] = (request, percent)
        else:
            expected = [*expected, (request, percent)][-room:]
    subscription.close()
    heard = trio.run(read_all, subscription)
    assert [(news.request, news.percent) for news in heard] == expected


async def test_topics_can_be_added_and_removed(autojump_clock: MockClock) -> None:
    """One subscription follows what its owner looks at just now."""
    fan_out = FanOut[str, int]()
    subscription = fan_out.subscribe()
    subscription.add("walks")
    fan_out.publish("walks", 1)
    subscription.remove("walks")
    fan_out.publish("walks", 2)
    subscription.close()
    subscription.add("walks")
    assert fan_out.publish("walks", 3) == 0
    assert [news async for news in subscription] == [1]


async def test_news_can_go_straight_into_a_mailbox(autojump_clock: MockClock) -> None:
    """By the mailbox's own rule; an actor that has ended is struck off the list."""
    fan_out = FanOut[str, int]()
    probe = Probe[str]()
    spec = probe.spec(restart=Restart.TEMPORARY, mailbox=MailboxRule(capacity=2))
    async with ActorSystem(Supervisor("lab", (spec,))) as system:
        delivery = fan_out.deliver("walks", system.address_of(spec), as_message=str)
        for number in range(5):
            fan_out.publish("walks", number)
        await probe.wait_for(2)
        assert (probe.received, delivery.dropped) == (["0", "1"], 3)
        await system.root.stop_child("probe")
        fan_out.publish("walks", 9)
        assert fan_out.listeners("walks") == 0


async def test_a_cancelled_reader_loses_no_news(autojump_clock: MockClock) -> None:
    """What it did not take is there for the next look."""
    fan_out = FanOut[str, int]()
    subscription = fan_out.subscribe("walks")
    fan_out.publish("walks", 1)
    with trio.CancelScope() as scope:
        scope.cancel()
        await anext(subscription)
    assert scope.cancelled_caught
    assert await anext(subscription) == 1


def test_an_outbox_without_room_is_refused() -> None:
    """The mistake is found where it is made."""
    with pytest.raises(ValueError, match="room"):
        FanOut[str, int](room=0)
