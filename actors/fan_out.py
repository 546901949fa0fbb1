"""News by topic to whoever subscribes: publishing never waits, and a slow subscriber delays nobody."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from enum import Enum
from types import TracebackType
from typing import Any, Generic, TypeVar

import trio

from actors.address import Address
from actors.errors import MailboxFull, SlowSubscriber

Topic = TypeVar("Topic", bound=Hashable)
News = TypeVar("News")


class Slow(Enum):
    """What becomes of a subscriber whose outbox is full."""

    DROP_OLDEST = "drop_oldest"  # it loses its oldest news
    LET_GO = "let_go"  # it is unsubscribed, and hears SlowSubscriber after what it still has


class Subscription(Generic[Topic, News]):
    """One subscriber's outbox; iterate it for the news, use it as a block to unsubscribe at the end."""

    def __init__(
        self,
        fan_out: "FanOut[Topic, News]",
        room: int,
        key: Callable[[News], Hashable] | None,
        slow: Slow,
    ) -> None:
        self._fan_out = fan_out
        self._room = room
        self._key = key
        self._slow = slow
        self._outbox: OrderedDict[Hashable, News] = OrderedDict()
        self._number = 0
        self._news = trio.Event()
        self._closed = False
        self._too_slow = False
        self.topics: set[Topic] = set()
        self.dropped = 0
        self.coalesced = 0

    def add(self, topic: Topic) -> None:
        """Hear of one more topic."""
        if not self._closed:
            self.topics.add(topic)
            self._fan_out.enlist(topic, self)

    def remove(self, topic: Topic) -> None:
        """Hear of a topic no more; what came already stays."""
        self.topics.discard(topic)
        self._fan_out.strike(topic, self)

    def close(self) -> None:
        """Unsubscribe; iteration ends after what came already."""
        self._closed = True
        for topic in tuple(self.topics):
            self.remove(topic)
        self._news.set()

    def put(self, news: News) -> None:
        """Take news in by the rules; never waits."""
        # Without a key every piece of news has a key of its own: its number.
        self._number += 1
        key: Hashable = self._number if self._key is None else self._key(news)
        if key in self._outbox:
            self.coalesced += 1
        elif len(self._outbox) >= self._room:
            self.dropped += 1
            if self._slow is Slow.LET_GO:
                self._too_slow = True
                self.close()
                return
            self._outbox.popitem(last=False)
        self._outbox[key] = news
        self._news.set()

    @property
    def waiting(self) -> int:
        """How much news lies unread."""
        return len(self._outbox)

    def __aiter__(self) -> "Subscription[Topic, News]":
        return self

    async def __anext__(self) -> News:
        """The next news; SlowSubscriber once a let-go subscriber has read what it had."""
        while not self._outbox:
            if self._too_slow:
                raise SlowSubscriber(f"more than {self._room} pieces of news lay unread")
            if self._closed:
                raise StopAsyncIteration
            self._news = trio.Event()
            await self._news.wait()
        await trio.lowlevel.checkpoint_if_cancelled()
        return self._outbox.popitem(last=False)[1]

    def __enter__(self) -> "Subscription[Topic, News]":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class Delivery(Generic[Topic, News]):
    """News that goes straight into an actor's mailbox, whose own overflow rule holds."""

    def __init__(
        self,
        fan_out: "FanOut[Topic, News]",
        topic: Topic,
        address: Address[Any],
        as_message: Callable[[News], object] | None,
    ) -> None:
        self._fan_out = fan_out
        self._topic = topic
        self._address = address
        self._as_message = as_message
        self.dropped = 0
        self.coalesced = 0

    def put(self, news: News) -> None:
        """Tell the actor; one that has ended is struck off the list."""
        if not self._address.alive:
            self.close()
            return
        try:
            self._address.tell(news if self._as_message is None else self._as_message(news))
        except MailboxFull:
            self.dropped += 1

    def close(self) -> None:
        """Deliver no more."""
        self._fan_out.strike(self._topic, self)


class FanOut(Generic[Topic, News]):
    """Who hears of what. `room`, `key` and `slow` are the usual outbox; a subscriber may differ.

    With a `key` an outbox keeps only the newest news of each, at the place of the first unread.
    """

    def __init__(
        self,
        room: int = 64,
        key: Callable[[News], Hashable] | None = None,
        slow: Slow = Slow.DROP_OLDEST,
    ) -> None:
        if room < 1:
            raise ValueError("an outbox has room for one piece of news at least")
        self._room = room
        self._key = key
        self._slow = slow
        # A dict for its order: subscribers hear in the order they came, and one seed is one story.
        self._listeners: dict[
            Topic, dict[Subscription[Topic, News] | Delivery[Topic, News], None]
        ] = {}
        self.published = 0

    def publish(self, topic: Topic, news: News) -> int:
        """Put news into every outbox of the topic, at once; returns how many heard."""
        self.published += 1
        listeners = self._listeners.get(topic)
        if not listeners:
            return 0
        for listener in tuple(listeners):
            listener.put(news)
        return len(listeners)

    def subscribe(
        self,
        *topics: Topic,
        room: int | None = None,
        key: Callable[[News], Hashable] | None = None,
        slow: Slow | None = None,
    ) -> Subscription[Topic, News]:
        """A new outbox on topics; news published from now on is in it."""
        subscription = Subscription(self, room or self._room, key or self._key, slow or self._slow)
        for topic in topics:
            subscription.add(topic)
        return subscription

    def deliver(
        self,
        topic: Topic,
        address: Address[Any],
        as_message: Callable[[News], object] | None = None,
    ) -> Delivery[Topic, News]:
        """Tell an actor the news of a topic until the delivery is closed or the actor ends."""
        delivery = Delivery(self, topic, address, as_message)
        self.enlist(topic, delivery)
        return delivery

    def listeners(self, topic: Topic) -> int:
        """How many hear of a topic."""
        return len(self._listeners.get(topic, ()))

    @property
    def topics(self) -> int:
        """How many topics somebody hears of."""
        return len(self._listeners)

    def enlist(
        self, topic: Topic, listener: Subscription[Topic, News] | Delivery[Topic, News]
    ) -> None:
        """For subscriptions: hear of a topic."""
        self._listeners.setdefault(topic, {})[listener] = None

    def strike(
        self, topic: Topic, listener: Subscription[Topic, News] | Delivery[Topic, News]
    ) -> None:
        """For subscriptions: hear of it no more; a topic nobody hears of is forgotten."""
        listeners = self._listeners.get(topic)
        if listeners is None:
            return
        listeners.pop(listener, None)
        if not listeners:
            del self._listeners[topic]
