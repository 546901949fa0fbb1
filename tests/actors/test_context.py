"""What a running actor reaches: timers, the stash, monitors, children of its own, the trace."""

from dataclasses import dataclass
from itertools import pairwise

import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from actors import (
    Actor,
    ActorSystem,
    Address,
    Backoff,
    ChildSpec,
    Down,
    MailboxFull,
    MailboxRule,
    Request,
    Restart,
    Supervisor,
    current_trace,
)
from actors.alarms import SWEEP_LENGTH
from actors.cell import BATCH, FEW_TIMERS, Cell
from actors.child import Child
from actors.dead_letters import Loss
from actors.testing import Probe, crash
from tests.actors.stage import AT_ONCE, Stage, named


@dataclass(frozen=True)
class Tick:
    name: str


class Clockmaker(Actor[Tick | str]):
    """Notes every tick with its second, and takes two seconds over a `slow` message."""

    def __init__(self, ticks: list[tuple[float, str]], begun_at: float) -> None:
        self.ticks = ticks
        self.begun_at = begun_at

    async def started(self) -> None:
        self.context.after(1, Tick("once"))
        self.every = self.context.every(2, Tick("every"))
        self.context.after(1.5, Tick("never")).cancel()

    async def receive(self, message: Tick | str) -> None:
        match message:
            case Tick(name):
                self.ticks.append((trio.current_time() - self.begun_at, name))
            case "enough":
                self.every.cancel()
            case "slow":
                await trio.sleep(7)
            case "crash":
                raise RuntimeError


class Workshop:
    def __init__(self) -> None:
        self.ticks: list[tuple[float, str]] = []
        self.begun_at = trio.current_time()
        self.spec: ChildSpec[Tick | str] = ChildSpec(
            "clockmaker",
            lambda: Clockmaker(self.ticks, self.begun_at),
            mailbox=MailboxRule(capacity=2),
        )
        self.system = ActorSystem(Supervisor("workshop", (self.spec,), backoff=AT_ONCE))

    def seconds(self, name: str) -> list[float]:
        return [round(second, 6) for second, ticked in self.ticks if ticked == name]


async def test_timers_ring_to_the_second_until_cancelled(autojump_clock: MockClock) -> None:
    """Once after one second, every two seconds, never when cancelled before."""
    shop = Workshop()
    async with shop.system:
        await trio.sleep(7)
        shop.system.address_of(shop.spec).tell("enough")
        await trio.sleep(7)
    assert shop.seconds("once") == [1]
    assert shop.seconds("every") == [2, 4, 6]
    assert shop.seconds("never") == []


async def test_timers_get_through_a_full_mailbox_and_are_not_doubled(
    autojump_clock: MockClock,
) -> None:
    """Ticks overtake what waits; while the actor is busy one tick stands for all that were due."""
    shop = Workshop()
    async with shop.system:
        clockmaker = shop.system.address_of(shop.spec)
        clockmaker.tell("slow")
        await wait_all_tasks_blocked()
        clockmaker.tell("slow")
        clockmaker.tell("slow")
        await trio.sleep(7.5)
        assert shop.seconds("every") == [7]
        assert clockmaker.waiting == 1


async def test_timers_end_with_the_life_that_set_them(autojump_clock: MockClock) -> None:
    """A restart does not leave two of each behind."""
    shop = Workshop()
    async with shop.system:
        shop.system.address_of(shop.spec).tell("crash")
        await trio.sleep(4.5)
    assert shop.seconds("every") == [2, 4]


class Door(Actor[str]):
    """Stashes visitors until it is unlocked."""

    def __init__(self, seen: list[str]) -> None:
        self.seen = seen
        self.locked = True

    async def receive(self, message: str) -> object:
        if message == "crash":
            raise RuntimeError
        if message == "unlock":
            self.locked = False
            self.context.unstash_all()
        elif self.locked:
            self.context.stash()
        else:
            self.seen.append(message)
        return message


async def test_the_stash_keeps_messages_for_later_in_their_order(
    autojump_clock: MockClock,
) -> None:
    """Unstashed they come before all that arrived since."""
    seen: list[str] = []
    spec = ChildSpec("door", lambda: Door(seen))
    async with ActorSystem(Supervisor("house", (spec,))) as system:
        for message in ("ann", "bob", "unlock", "cid"):
            system.address_of(spec).tell(message)
        await wait_all_tasks_blocked()
        assert seen == ["ann", "bob", "cid"]


async def test_a_crash_does_not_lose_what_was_stashed(autojump_clock: MockClock) -> None:
    """The next life finds it in front of its mailbox."""
    seen: list[str] = []
    spec = ChildSpec("door", lambda: Door(seen))
    async with ActorSystem(Supervisor("house", (spec,), backoff=AT_ONCE)) as system:
        for message in ("ann", "bob", "crash", "cid", "unlock"):
            system.address_of(spec).tell(message)
        await wait_all_tasks_blocked()
        assert seen == ["ann", "bob", "cid"]


async def test_a_full_stash_is_a_crash_that_names_itself(autojump_clock: MockClock) -> None:
    """It holds as many as the mailbox; one more is MailboxFull inside the actor."""
    seen: list[str] = []
    spec = ChildSpec(
        "door", lambda: Door(seen), restart=Restart.TEMPORARY, mailbox=MailboxRule(capacity=2)
    )
    async with ActorSystem(Supervisor("house", (spec,))) as system:
        door = system.address_of(spec)
        for message in ("ann", "bob", "cid"):
            await door.send(message)
            await wait_all_tasks_blocked()
        assert isinstance((await door.ended()).failure, MailboxFull)
        # The third crashed it; the stash went back to the mailbox and ended with it.
        assert system.dead_letters.counts == {Loss.CRASHED: 1, Loss.LEFT_BEHIND: 2}


class Watcher(Actor[Address[str] | Down]):
    def __init__(self, seen: list[Down]) -> None:
        self.seen = seen

    async def receive(self, message: Address[str] | Down) -> None:
        if isinstance(message, Down):
            self.seen.append(message)
        else:
            self.context.monitor(message, lambda down: down)


async def test_a_monitor_hears_each_life_end_and_the_last(autojump_clock: MockClock) -> None:
    """Whether by crash or in order, and whether another life follows."""
    stage = Stage()
    seen: list[Down] = []
    watcher = ChildSpec("watcher", lambda: Watcher(seen))
    player = stage.player("player", Restart.TRANSIENT)
    tree = Supervisor("stage", (watcher, player), backoff=AT_ONCE)
    async with ActorSystem(tree) as system:
        address = system.address_of(player)
        system.address_of(watcher).tell(address)
        await wait_all_tasks_blocked()
        address.tell("crash")
        address.tell("leave")
        await wait_all_tasks_blocked()
        assert [(type(down.failure), down.restarting) for down in seen] == [
            (RuntimeError, True),
            (type(None), False),
        ]
        assert {down.path for down in seen} == {"stage/player"}
        system.address_of(watcher).tell(address)
        await wait_all_tasks_blocked()
        assert len(seen) == 3, "who watches the dead hears of it at once"


async def test_a_monitor_ends_with_the_life_that_watches(autojump_clock: MockClock) -> None:
    """A watcher that was restarted does not hear for its former life."""
    stage = Stage()
    seen: list[Down] = []
    watcher = ChildSpec("watcher", lambda: Watcher(seen))
    tree = Supervisor("stage", (watcher, stage.player("player")), backoff=AT_ONCE)
    async with ActorSystem(tree) as system:
        system.address_of(watcher).tell(named(system, "player"))
        await wait_all_tasks_blocked()
        crash(system.address_of(watcher))
        await wait_all_tasks_blocked()
        named(system, "player").tell("crash")
        await wait_all_tasks_blocked()
        assert seen == []
        owner = named(system, "player").owner
        assert isinstance(owner, Child)
        assert not owner._watchers


class Parent(Actor[str]):
    """Spawns a player for every name it is told."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    async def started(self) -> None:
        self.stage.note("+parent")

    async def receive(self, message: str) -> None:
        if message == "crash":
            raise RuntimeError
        self.context.spawn(self.stage.player(message))

    async def stopped(self) -> None:
        self.stage.note("-parent")


async def test_an_actors_own_children_end_before_it(autojump_clock: MockClock) -> None:
    """They are part of its life: a crash takes them along, and so does an orderly stop."""
    stage = Stage()
    spec = ChildSpec("parent", lambda: Parent(stage))
    async with ActorSystem(Supervisor("stage", (spec,), backoff=AT_ONCE)) as system:
        parent = system.address_of(spec)
        parent.tell("ann")
        parent.tell("bob")
        await wait_all_tasks_blocked()
        (vitals,) = system.snapshot().children
        assert [child.path for child in vitals.children] == [
            "stage/parent/ann",
            "stage/parent/bob",
        ]
        assert sorted(stage.take()) == ["+ann", "+bob", "+parent"]
        parent.tell("crash")
        await wait_all_tasks_blocked()
        lines = stage.take()
        assert sorted(lines[:2]) == ["-ann", "-bob"]
        assert lines[2:] == ["-parent", "+parent"]
        parent.tell("cid")
        await wait_all_tasks_blocked()
        stage.take()
    assert stage.take() == ["-cid", "-parent"]


async def test_children_that_crash_too_often_take_their_actor_along(
    autojump_clock: MockClock,
) -> None:
    """An actor's children are one for one; their giving up is the actor's crash."""
    stage = Stage()
    spec = ChildSpec("parent", lambda: Parent(stage))
    tree = Supervisor("stage", (spec,), backoff=Backoff(1, jitter=0))
    async with ActorSystem(tree) as system:
        system.address_of(spec).tell("ann")
        await wait_all_tasks_blocked()
        ann = named_below(system, "ann")
        for _ in range(4):
            ann.tell("crash")
        await trio.sleep(20)
        assert "GaveUp" in str(system.snapshot().children[0].last_failure)
        assert stage.playbill.count("+parent") == 2


def named_below(system: ActorSystem, name: str) -> Address[str]:
    address = system.find(f"parent/{name}")
    assert address is not None
    return address


class Carry(Request[str | None]):
    pass


class Relay(Actor[Carry]):
    """Asks the next, if there is one; the last answers with the trace it sees."""

    def __init__(self, following: Address[Carry] | None) -> None:
        self.following = following

    async def receive(self, message: Carry) -> str | None:
        if self.following is None:
            return self.context.trace
        return await self.following.ask(message, timeout_seconds=1)


async def test_the_trace_travels_with_every_message(autojump_clock: MockClock) -> None:
    """From the edge through two actors, and it does not stick to the messages after."""
    last = ChildSpec("last", lambda: Relay(None))
    first = ChildSpec("first", lambda: Relay(system.address_of(last)))
    # The system has its name before it runs: `first` looks for `last` while the tree starts.
    system = ActorSystem(Supervisor("relay", (last, first)))
    async with system:
        token = current_trace.set("trace-1")
        assert await system.address_of(first).ask(Carry(), timeout_seconds=1) == "trace-1"
        current_trace.reset(token)
        assert await system.address_of(first).ask(Carry(), timeout_seconds=1) is None


async def test_timers_set_anew_again_and_again_leave_nothing_behind(
    autojump_clock: MockClock,
) -> None:
    """A session that pushes its idle timer on with every message, ten thousand times."""
    rung: list[float] = []

    class Idle(Actor[str]):
        async def started(self) -> None:
            self.timer = self.context.after(30, "idle")

        async def receive(self, message: str) -> None:
            if message == "idle":
                rung.append(round(trio.current_time() - begun_at, 6))
                return
            self.timer.cancel()
            self.timer = self.context.after(30, "idle")

    spec = ChildSpec("session", Idle)
    begun_at = trio.current_time()
    async with ActorSystem(Supervisor("house", (spec,))) as system:
        session = system.address_of(spec)
        for _ in range(100):
            for _ in range(100):
                session.tell("hello")
            await trio.sleep(0.1)
        assert isinstance(session.owner, Cell)
        assert len(session.owner._timers or ()) <= FEW_TIMERS + 1
        assert len(system._runtime.alarms._heap) <= SWEEP_LENGTH + 1
        await trio.sleep(60)
    assert rung == [39.9]


async def test_watching_many_who_come_and_go_leaves_nothing_behind(
    autojump_clock: MockClock,
) -> None:
    """A monitor ends with the last life of the watched, not only with that of the watcher."""
    stage = Stage()
    seen: list[Down] = []
    watcher = ChildSpec("watcher", lambda: Watcher(seen))
    async with ActorSystem(Supervisor("stage", (watcher,))) as system:
        address = system.address_of(watcher)
        for number in range(50):
            comer = await system.root.start(stage.player(f"comer-{number}"))
            address.tell(comer)
            await wait_all_tasks_blocked()
            await system.root.stop_child(f"comer-{number}")
        await wait_all_tasks_blocked()
        assert len(seen) == 50
        assert isinstance(address.owner, Cell)
        assert not address.owner._monitors


async def test_a_timer_belongs_to_the_trace_that_set_it(autojump_clock: MockClock) -> None:
    """What rings later is still done on behalf of the request that asked for it."""
    traces: list[str | None] = []

    class Snoozer(Actor[str]):
        async def receive(self, message: str) -> None:
            traces.append(self.context.trace)
            if message == "snooze":
                self.context.after(1, "ring")

    spec = ChildSpec("snoozer", Snoozer)
    async with ActorSystem(Supervisor("house", (spec,))) as system:
        token = current_trace.set("trace-7")
        system.address_of(spec).tell("snooze")
        current_trace.reset(token)
        system.address_of(spec).tell("other")
        await trio.sleep(2)
    assert traces == ["trace-7", None, "trace-7"]


async def test_a_busy_actor_lets_others_have_their_turn(autojump_clock: MockClock) -> None:
    """A thousand waiting messages are handled in batches, with the scheduler in between."""
    probe = Probe[int]()
    spec = probe.spec()
    async with ActorSystem(Supervisor("lab", (spec,))) as system:
        for number in range(1000):
            system.address_of(spec).tell(number)
        turns: list[int] = []
        while len(probe.received) < 1000:
            await trio.lowlevel.checkpoint()
            turns.append(len(probe.received))
        # Trio shuffles who goes first, so two batches can lie between two turns of ours.
        assert max(late - early for early, late in pairwise(turns)) <= 2 * BATCH
        assert probe.received == list(range(1000))
