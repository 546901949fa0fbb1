"""An actor's place in the tree: its mailbox, its loop, and the context its lives reach out with."""

from bisect import bisect_left as latency_bucket
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import trio
from trio.lowlevel import checkpoint, current_task, wait_task_rescheduled

from actors.actor import Actor, Answer, ChildSpec
from actors.address import Address
from actors.alarms import Alarm
from actors.child import Child, Parent, Runtime
from actors.dead_letters import Loss
from actors.errors import ActorDied, MailboxFull
from actors.mailbox import Down, Envelope, Mailbox, Owner, Watcher, current_trace
from actors.owed_answer import OwedAnswer
from actors.ticker import Ticker
from actors.vitals import LATENCY_BOUNDS_SECONDS as BOUNDS
from actors.vitals import Status, Vitals

ChildMessage = TypeVar("ChildMessage")

# Messages handled before other tasks get their turn: a checkpoint costs as much as several tells.
BATCH = 64
BUCKETS = len(BOUNDS) + 1
FEW_TIMERS = 16


class Nest(Protocol):
    """The branch of an actor's own children."""

    @property
    def over(self) -> bool:
        """Whether it has ended for good."""

    def spawn(
        self, spec: ChildSpec[ChildMessage], name: str | None = None
    ) -> Address[ChildMessage]:
        """Start an actor in it."""

    def find(self, path: str) -> Child | None:
        """The place at a path below it."""

    def request_stop(self) -> None:
        """Ask it to end in order."""

    def kill(self, reason: BaseException) -> None:
        """Cancel the life that goes on."""

    async def wait_over(self) -> Down:
        """Wait until there will be no other life."""

    def vitals(self) -> Vitals:
        """What can be seen of it now."""


class Cell(Child):
    """One actor over all its lives. It is the `Context` of the life that goes on."""

    __slots__ = (
        "_actor",
        "_envelope",
        "_latency",
        "_make_nest",
        "_monitors",
        "_owed",
        "_stashed",
        "_sweep_timers_at",
        "_timers",
        "address",
        "kind",
        "mailbox",
        "nest",
    )
    spec: ChildSpec[Any]

    def __init__(
        self,
        spec: ChildSpec[Any],
        name: str,
        parent: Parent,
        runtime: Runtime,
        rank: int,
        make_nest: "Callable[[Cell], Nest]",
    ) -> None:
        super().__init__(spec, name, parent, runtime, rank)
        self.mailbox = Mailbox(self, spec.mailbox, runtime.alarms, runtime.dead_letters)
        self.address: Address[Any] = Address(self.mailbox)
        self.kind = spec.kind or spec.name
        self._make_nest = make_nest
        self._actor: Actor[Any] | None = None
        self._envelope: Envelope | None = None  # the message being handled
        self._latency: list[int] | None = None
        # Made when first needed: ten thousand idle actors have none of these.
        self._timers: list[Alarm] | None = None
        self._sweep_timers_at = FEW_TIMERS
        self._monitors: dict[Watcher, Owner] | None = None
        self.nest: Nest | None = None
        self._owed: dict[OwedAnswer, None] | None = None
        self._stashed: deque[Envelope] | None = None

    async def doze(self) -> None:
        """Make the actor; one that need not start sleeps on, without a scope, until its first message.

        Of ten thousand sessions most are idle: a cancel scope each would be a fifth of their memory.
        """
        actor = self._actor = self.spec.make()
        actor.context = self
        if not self.spec.kind:
            self.kind = type(actor).__name__
        if type(actor).started is not Actor.started:
            return
        self.running()
        mailbox = self.mailbox
        if mailbox.queue or mailbox.urgent:
            return
        mailbox.sleeper = current_task()
        try:
            await wait_task_rescheduled(mailbox.stop_sleeping)
        except trio.Cancelled:
            await actor.stopped()
            raise

    async def live(self) -> None:
        """Start, handle messages until asked to stop, stop."""
        actor = self._actor
        if actor is None:
            raise RuntimeError("a life begins by dozing")
        if self.status is Status.STARTING:
            await self._start(actor)
        try:
            await self._handle_messages(actor)
        except BaseException as error:
            self._fail_current(error)
            raise
        finally:
            await self._empty_nest()
            await actor.stopped()

    async def _start(self, actor: Actor[Any]) -> None:
        self.give_start_deadline()
        try:
            await actor.started()
        except BaseException:
            await self._empty_nest()
            raise
        self.running()

    def end_doze(self) -> None:
        """Wake up, to be cancelled."""
        self.heed_stop()

    def heed_stop(self) -> None:
        """Let the loop see the wish before the next message."""
        self.mailbox.urgent = True
        self.mailbox.wake()

    def life_ended(self) -> None:
        """Timers, monitors and owed answers end with the life; messages stay for the next."""
        self._actor = None
        self._envelope = None
        self.nest = None
        for timer in self._timers or ():
            timer.cancel()
        self._timers = None
        monitors, self._monitors = self._monitors or {}, None
        for watcher, owner in monitors.items():
            owner.unwatch(watcher)
        for owed in tuple(self._owed or ()):
            owed.fail(self.life_failure)
        self._owed = None
        if self._stashed is not None:
            self.mailbox.put_back(self._stashed)
            self._stashed = None
        if self.mailbox.lane is not None:
            # Ticks and news of watched actors were meant for the life that asked for them.
            self.mailbox.lane = None
        self.mailbox.urgent = False

    def finalise(self) -> None:
        """Close the mailbox and hand the numbers over to the kind's sums."""
        if not self.over:
            self.mailbox.close()
            self.runtime.numbers_of(self.kind).add(self.vitals())
        super().finalise()

    def find(self, path: str) -> Child | None:
        """The place at a path below this one, among its own children."""
        return None if self.nest is None else self.nest.find(path)

    def vitals(self) -> Vitals:
        """What can be seen of it now."""
        mailbox = self.mailbox
        return Vitals(
            name=self.name,
            path=self.path,
            sort="actor",
            kind=self.kind,
            status=self.status,
            restarts=self.restarts,
            last_failure=None if self.last_failure is None else repr(self.last_failure),
            waiting=len(mailbox.queue) + len(mailbox.lane or ()),
            capacity=mailbox.rule.capacity,
            handled=sum(self._latency or ()),
            lost=mailbox.dropped + mailbox.refused,
            latency=tuple(self._latency or ()),
            children=() if self.nest is None else self.nest.vitals().children,
        )

    # What a running actor can reach: see Context for the promises.

    @property
    def trace(self) -> str | None:
        """The trace that came with the message being handled."""
        return current_trace.get()

    def stop(self) -> None:
        """End in order after this message; a normal ending."""
        self.request_stop()

    def after(self, seconds: float, message: object) -> Alarm:
        """Receive `message` in `seconds`."""
        trace = self.trace  # what rings later belongs to what is done now
        alarm = self.runtime.alarms.call_after(
            seconds, lambda: self.mailbox.put_urgent(message, trace)
        )
        self._keep_timer(alarm)
        return alarm

    def every(self, seconds: float, message: object) -> Alarm:
        """Receive `message` each `seconds`."""
        if seconds <= 0:
            raise ValueError("a timer that repeats needs some time between")
        ticker = Ticker(self.mailbox, self.runtime.alarms, seconds, message)
        self._keep_timer(ticker)
        return ticker

    def stash(self) -> None:
        """Put the message being handled aside."""
        envelope = self._envelope
        if envelope is None:
            raise RuntimeError("stash() belongs inside receive, once")
        if self._stashed is None:
            self._stashed = deque()
        if len(self._stashed) >= self.mailbox.rule.capacity:
            raise MailboxFull(f"{self.path}: the stash is as full as a mailbox may be")
        self._stashed.append(envelope)
        self._envelope = None

    def unstash_all(self) -> None:
        """Put all stashed messages back in front."""
        if self._stashed is not None:
            self.mailbox.put_back(self._stashed)

    def answer_later(self) -> Answer:
        """Take over the duty to answer."""
        envelope = self._envelope
        if envelope is None:
            raise RuntimeError("answer_later() belongs inside receive, once")
        self._envelope = None
        owed = OwedAnswer(self, envelope[1])
        if self._owed is None:
            self._owed = {}
        self._owed[owed] = None
        return owed

    def spawn(
        self, spec: ChildSpec[ChildMessage], name: str | None = None
    ) -> Address[ChildMessage]:
        """Start a child of this actor's own."""
        if self.nest is None:
            self.nest = self._make_nest(self)
        return self.nest.spawn(spec, name)

    def monitor(self, address: Address[Any], as_message: Callable[[Down], object]) -> None:
        """Receive `as_message(down)` each time a life at `address` ends."""
        owner = address.owner
        trace = self.trace
        monitors = self._monitors
        if monitors is None:
            monitors = self._monitors = {}

        def tell_down(down: Down) -> None:
            if not down.restarting:
                monitors.pop(tell_down, None)
            self.mailbox.put_urgent(as_message(down), trace)

        monitors[tell_down] = owner
        owner.watch(tell_down)

    # As the parent of its nest.

    def child_running(self, _: Child) -> None:
        """Nobody waits for a nest."""

    def child_ended(self, child: Child, failure: BaseException | None) -> None:
        """A nest that gave up takes its actor along."""
        child.finalise()
        if failure is not None:
            self.kill(failure)

    # What an owed answer needs.

    def settle(self, owed: OwedAnswer) -> None:
        """An answer is owed no more."""
        if self._owed is not None:
            self._owed.pop(owed, None)

    def count_late(self, reply: object) -> None:
        """An answer came after its asker had left."""
        self.runtime.dead_letters.add(self.path, reply, Loss.LATE_REPLY, current_trace.get())

    def death(self, cause: BaseException | None) -> ActorDied:
        """The error an asker hears."""
        died = ActorDied(self.path)
        died.__cause__ = cause
        return died

    async def _handle_messages(self, actor: Actor[Any]) -> None:  # noqa: C901, PLR0912 - one loop, for speed
        mailbox = self.mailbox
        mailbox.open_queue()
        queue = mailbox.queue  # stays the same object
        take = queue.popleft
        receive = actor.receive
        clock = mailbox.clock
        latency = self._latency
        if latency is None:
            latency = self._latency = [0] * BUCKETS
        trace_now = current_trace.get()
        while True:
            if not queue and not mailbox.urgent:
                mailbox.sleeper = current_task()
                await wait_task_rescheduled(mailbox.stop_sleeping)
            left = BATCH
            while left:
                left -= 1
                if mailbox.urgent:
                    if self.stop_requested:
                        return
                    urgent = mailbox.take_urgent()
                    if urgent is None:
                        await checkpoint()  # where a kill takes effect
                        continue
                    envelope = urgent
                elif queue:
                    envelope = take()
                    if mailbox.senders is not None:
                        mailbox.admit_senders()
                else:
                    break
                self._envelope = envelope
                message, asker, trace, told_at = envelope
                if trace is not trace_now:
                    current_trace.set(trace)
                    trace_now = trace
                reply = await receive(message)
                latency[latency_bucket(BOUNDS, clock() - told_at)] += 1
                if asker is not None and self._envelope is not None and not asker.answer(reply):
                    self.count_late(reply)
                self._envelope = None
            if queue:
                await checkpoint()

    def _fail_current(self, error: BaseException) -> None:
        """The message being handled dies with the life, and its asker hears of it at once."""
        envelope, self._envelope = self._envelope, None
        if envelope is None:
            return
        message, asker, trace, _ = envelope
        self.runtime.dead_letters.add(self.path, message, Loss.CRASHED, trace)
        if asker is not None:
            cause = self._kill_reason or error
            asker.fail(self.death(cause if isinstance(cause, Exception) else None))

    def _keep_timer(self, timer: Alarm) -> None:
        """Remember what must end with this life, and forget what has ended by itself."""
        timers = self._timers
        if timers is None:
            timers = self._timers = []
        timers.append(timer)
        if len(timers) > self._sweep_timers_at:
            self._timers = [timer for timer in timers if timer.waiting]
            self._sweep_timers_at = max(FEW_TIMERS, 2 * len(self._timers))

    async def _empty_nest(self) -> None:
        nest = self.nest
        if nest is None or nest.over:
            return
        nest.request_stop()
        try:
            await nest.wait_over()
        except trio.Cancelled:
            nest.kill(ActorDied(self.path))
            with trio.CancelScope(shield=True):
                await nest.wait_over()
            raise
