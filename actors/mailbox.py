"""Where messages wait for their actor: bounded, with a stated rule for when there is no room."""

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from outcome import Error, Value
from trio.lowlevel import (
    Abort,
    RaiseCancelT,
    Task,
    checkpoint,
    current_task,
    reschedule,
    wait_task_rescheduled,
)

from actors.alarms import AlarmClock
from actors.dead_letters import DeadLetters, Loss
from actors.errors import ActorDied, AskTimedOut, MailboxFull

# Set it where a request enters the house; every message told from then on carries it along.
current_trace: ContextVar[str | None] = ContextVar("current_trace", default=None)


class Overflow(Enum):
    """What happens to a message that finds the mailbox full."""

    REJECT = "reject"  # the teller gets MailboxFull
    BLOCK = (
        "block"  # `send` and `ask` wait for room, in order; `tell`, which cannot wait, is refused
    )
    DROP_OLDEST = "drop_oldest"  # the oldest message makes room and becomes a dead letter
    DROP_NEWEST = "drop_newest"  # the message becomes a dead letter
    COALESCE = "coalesce"  # a newer message takes the place of one with the same key


@dataclass(frozen=True)
class MailboxRule:
    """How many messages may wait, and what happens to one more.

    `key` belongs to COALESCE alone: messages of one key replace each other while they wait; a key
    that finds no room pushes out the oldest message.
    """

    capacity: int = 1000
    overflow: Overflow = Overflow.REJECT
    key: Callable[[object], Hashable] | None = None

    def __post_init__(self) -> None:
        if self.capacity < 1:
            raise ValueError("a mailbox has room for one message at least")
        if (self.overflow is Overflow.COALESCE) != (self.key is not None):
            raise ValueError("COALESCE needs a key, and no other rule takes one")


class Asker:
    """The one-shot place where an answer is awaited; whatever comes after the first is ignored."""

    __slots__ = ("_task", "waiting")

    def __init__(self) -> None:
        self._task = current_task()
        self.waiting = True

    def answer(self, reply: object) -> bool:
        """Hand over the reply; False when nobody waits for it any more."""
        if not self.waiting:
            return False
        self.waiting = False
        reschedule(self._task, Value(reply))
        return True

    def fail(self, error: BaseException) -> None:
        """Raise `error` where the answer is awaited."""
        if self.waiting:
            self.waiting = False
            reschedule(self._task, Error(error))

    def expire(self) -> None:
        """The asker's time is up."""
        self.fail(AskTimedOut())

    def abandon(self, _: RaiseCancelT) -> Abort:
        """The asker was cancelled: a late reply will find nobody."""
        self.waiting = False
        return Abort.SUCCEEDED


# (message, who waits for the answer, trace, when it was told): a tuple, for it is made on every tell.
Envelope = tuple[object, Asker | None, str | None, float]


class CoalescingQueue:
    """A queue with one place per key: the newest message of a key, at the place of its first."""

    def __init__(self, key: Callable[[object], Hashable]) -> None:
        self._key = key
        self._envelopes: OrderedDict[Hashable, Envelope] = OrderedDict()

    def __len__(self) -> int:
        return len(self._envelopes)

    def append(self, envelope: Envelope) -> None:
        """Add it behind all others, or in the place of the one with its key."""
        self._envelopes[self._key(envelope[0])] = envelope

    def appendleft(self, envelope: Envelope) -> None:
        """Put it in front, unless a newer one of its key has come meanwhile."""
        key = self._key(envelope[0])
        if key not in self._envelopes:
            self._envelopes[key] = envelope
            self._envelopes.move_to_end(key, last=False)

    def popleft(self) -> Envelope:
        """Take the first."""
        return self._envelopes.popitem(last=False)[1]

    def same_key(self, message: object) -> Envelope | None:
        """The waiting envelope that `message` would replace."""
        return self._envelopes.get(self._key(message))


# Shared by all who have no queue yet; it stays empty.
NO_QUEUE: deque[Envelope] = deque(maxlen=0)


class Watcher(Protocol):
    """Who is told when a life ends; see `Down`."""

    def __call__(self, down: "Down") -> None:
        """A life has ended."""


@dataclass(frozen=True)
class Down:
    """A watched actor's life ended: by a crash (`failure`) or in order (None)."""

    path: str
    failure: BaseException | None
    restarting: bool  # whether another life follows


class Owner(Protocol):
    """Whose mailbox it is."""

    @property
    def path(self) -> str:
        """Names from the root, joined by slashes."""

    @property
    def alive(self) -> bool:
        """Whether it lives, or waits to live again."""

    @property
    def last_failure(self) -> BaseException | None:
        """What ended the last life that crashed."""

    def watch(self, watcher: Watcher) -> None:
        """Call `watcher` whenever a life ends."""

    def unwatch(self, watcher: Watcher) -> None:
        """Call it no more."""

    def kill(self, reason: Exception) -> None:
        """Cancel the life that goes on."""

    async def wait_over(self) -> Down:
        """Wait until there will be no other life."""


class Mailbox:
    """A bounded queue, plus an unbounded-by-rule but small lane that overtakes it."""

    __slots__ = (
        "_limit",
        "alarms",
        "clock",
        "closed",
        "coalesced",
        "dead_letters",
        "dropped",
        "lane",
        "owner",
        "queue",
        "refused",
        "rule",
        "senders",
        "sleeper",
        "urgent",
    )

    def __init__(
        self, owner: Owner, rule: MailboxRule, alarms: AlarmClock, dead_letters: DeadLetters
    ) -> None:
        self.owner = owner
        self.rule = rule
        self.alarms = alarms
        self.clock = alarms.clock
        self.dead_letters = dead_letters
        # A deque takes 760 bytes even when empty: an actor that was never told anything has none.
        self.queue: deque[Envelope] | CoalescingQueue = NO_QUEUE
        # At 0 every message takes the long way through the rules.
        self._limit = 0
        self.sleeper: Task | None = None
        self.lane: deque[Envelope] | None = None
        self.senders: deque[tuple[Task | None, Envelope]] | None = None
        # The lane holds something, or the actor is to stop: looked at before every message.
        self.urgent = False
        self.closed = False
        self.refused = self.dropped = self.coalesced = 0

    def put(self, message: object, asker: Asker | None) -> None:
        """Add a message by the rule; never waits. MailboxFull or, to an asker, ActorDied."""
        queue = self.queue
        if len(queue) >= self._limit:
            self._put_by_rule((message, asker, current_trace.get(), self.clock()))
            return
        queue.append((message, asker, current_trace.get(), self.clock()))
        sleeper = self.sleeper
        if sleeper is not None:
            self.sleeper = None
            reschedule(sleeper)

    def open_queue(self) -> None:
        """Make the queue; from now on it stays the same object."""
        if self.queue is not NO_QUEUE:
            return
        if self.rule.key is None:
            self.queue = deque()
            self._limit = 0 if self.closed else self.rule.capacity
        else:
            self.queue = CoalescingQueue(self.rule.key)

    def put_urgent(self, message: object, trace: str | None) -> None:
        """Let a message of the runtime's (a timer's, a monitor's) overtake all that wait."""
        if self.closed:
            self.dead_letters.add(self.owner.path, message, Loss.NOBODY, trace)
            return
        if self.lane is None:
            self.lane = deque()
        self.lane.append((message, None, trace, self.clock()))
        self.urgent = True
        self.wake()

    def take_urgent(self) -> Envelope | None:
        """Take the first of the lane; None when the actor was only to look up."""
        if not self.lane:
            self.urgent = False
            return None
        envelope = self.lane.popleft()
        self.urgent = bool(self.lane)
        return envelope

    async def send(self, message: object) -> None:
        """Add a message, waiting for room when the rule is BLOCK."""
        if not self._must_wait():
            self.put(message, None)
            await checkpoint()
            return
        entry = (current_task(), (message, None, current_trace.get(), self.clock()))
        self._line_up(entry)

        def step_out(_: RaiseCancelT) -> Abort:
            if self.senders is not None:
                self.senders.remove(entry)
            return Abort.SUCCEEDED

        await wait_task_rescheduled(step_out)

    def admit_senders(self) -> None:
        """Let those who wait for room in, first come first in."""
        while self.senders and len(self.queue) < self.rule.capacity:
            sender, envelope = self.senders.popleft()
            asker = envelope[1]
            if asker is None or asker.waiting:
                self.queue.append(envelope)
            if sender is not None:
                reschedule(sender)
        if not self.senders:
            self.senders = None

    def wake(self) -> None:
        """Wake the actor if it sleeps."""
        sleeper = self.sleeper
        if sleeper is not None:
            self.sleeper = None
            reschedule(sleeper)

    def stop_sleeping(self, _: RaiseCancelT) -> Abort:
        """The sleeping actor was cancelled."""
        self.sleeper = None
        return Abort.SUCCEEDED

    def put_back(self, envelopes: deque[Envelope]) -> None:
        """Return messages that were taken out, to the front, in their order."""
        while envelopes:
            self.queue.appendleft(envelopes.pop())

    def close(self) -> None:
        """No more messages: what waits, and what comes later, is a dead letter."""
        self.closed = True
        self._limit = 0
        lane, self.lane, self.urgent = self.lane or (), None, False
        for envelope in lane:
            self._lose(envelope, Loss.LEFT_BEHIND)
        while self.queue:
            self._lose(self.queue.popleft(), Loss.LEFT_BEHIND)
        senders, self.senders = self.senders or (), None
        for sender, envelope in senders:
            self._lose(envelope, Loss.LEFT_BEHIND)
            if sender is not None:
                reschedule(sender)

    def _put_by_rule(self, envelope: Envelope) -> None:
        message, asker, trace, _ = envelope
        if self.closed:
            self.dead_letters.add(self.owner.path, message, Loss.NOBODY, trace)
            if asker is not None:
                raise ActorDied(self.owner.path) from self.owner.last_failure
            return
        overflow = self.rule.overflow
        if self.queue is NO_QUEUE:
            self.open_queue()
        if len(self.queue) < self._limit:
            pass  # the very first message
        elif overflow is Overflow.COALESCE:
            self._coalesce(message)
        elif overflow is Overflow.DROP_OLDEST:
            self._drop_oldest()
        elif overflow is Overflow.DROP_NEWEST:
            self.dropped += 1
            self.dead_letters.add(self.owner.path, message, Loss.DROPPED_NEWEST, trace)
            if asker is not None:
                raise MailboxFull(self.owner.path)
            return
        elif overflow is Overflow.BLOCK and asker is not None:
            self._line_up((None, envelope))
            return
        else:
            self.refused += 1
            raise MailboxFull(self.owner.path)
        self.queue.append(envelope)
        self.wake()

    def _coalesce(self, message: object) -> None:
        older = self.queue.same_key(message) if isinstance(self.queue, CoalescingQueue) else None
        if older is not None:
            self.coalesced += 1
            if older[1] is not None:
                older[1].fail(MailboxFull(f"{self.owner.path}: a newer message of its key came"))
        elif len(self.queue) >= self.rule.capacity:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        self.dropped += 1
        self._lose(self.queue.popleft(), Loss.DROPPED_OLDEST)

    def _lose(self, envelope: Envelope, reason: Loss) -> None:
        message, asker, trace, _ = envelope
        self.dead_letters.add(self.owner.path, message, reason, trace)
        if asker is None:
            return
        if reason is Loss.DROPPED_OLDEST:
            asker.fail(MailboxFull(f"{self.owner.path}: the message was dropped for a newer one"))
            return
        died = ActorDied(self.owner.path)
        died.__cause__ = self.owner.last_failure
        asker.fail(died)

    def _must_wait(self) -> bool:
        return (
            self.rule.overflow is Overflow.BLOCK
            and not self.closed
            and (self.senders is not None or len(self.queue) >= self.rule.capacity)
        )

    def _line_up(self, entry: tuple[Task | None, Envelope]) -> None:
        if self.senders is None:
            self.senders = deque()
        self.senders.append(entry)
