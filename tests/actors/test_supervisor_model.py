"""The supervisor against a pure model of each strategy, driven step by step by hypothesis."""

import queue
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
import trio
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from trio.testing import MockClock, wait_all_tasks_blocked

from actors import ActorSystem, GaveUp, Restart, Strategy, Supervisor
from tests.actors.stage import AT_ONCE, Stage, named

INTENSITY = 2
PERIOD_SECONDS = 10.0
STATIC = ("a", "b", "c")
HOST_PATIENCE_SECONDS = 20


@dataclass
class Model:
    """What should happen, in plain lists: who lives, and the playbill of the last step."""

    strategy: Strategy
    kinds: dict[str, Restart]  # in start order
    restarted_at: list[float] = field(default_factory=list)
    gave_up: bool = False

    def end(self, name: str, now: float, *, crashed: bool) -> list[str]:
        kind = self.kinds[name]
        bill = [f"-{name}"]
        if kind is Restart.TEMPORARY or (kind is Restart.TRANSIENT and not crashed):
            del self.kinds[name]
            return bill
        self.restarted_at = [then for then in self.restarted_at if then >= now - PERIOD_SECONDS]
        self.restarted_at.append(now)
        if len(self.restarted_at) > INTENSITY:
            self.gave_up = True
            return bill
        order = list(self.kinds)
        group = {
            Strategy.ONE_FOR_ONE: [name],
            Strategy.ONE_FOR_ALL: order,
            Strategy.REST_FOR_ONE: order[order.index(name) :],
        }[self.strategy]
        bill += [f"-{other}" for other in reversed(group) if other != name]
        back = [other for other in group if self.kinds[other] is not Restart.TEMPORARY]
        for other in group:
            if other not in back:
                del self.kinds[other]
        return bill + [f"+{other}" for other in back]


class Host:
    """Runs trio as a guest, one step at a time, so that each rule sees what its step did."""

    def __init__(self, story: Callable[["Host"], Awaitable[None]]) -> None:
        self.clock = MockClock()
        self.ended = False
        self.error: BaseException | None = None
        self._todo: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._story = story
        self._idle = False
        trio.lowlevel.start_guest_run(
            self._main,
            run_sync_soon_threadsafe=self._todo.put,
            done_callback=self._done,
            clock=self.clock,
        )
        self._pump()

    def step(self, act: Callable[[], Awaitable[object]]) -> None:
        self._idle = False
        self._token.run_sync_soon(self._steps.send_nowait, act)
        self._pump()

    async def take_steps(self) -> None:
        """In the story: carry out one step after the other."""
        while True:
            await wait_all_tasks_blocked()
            self._idle = True
            await (await self._to_take.receive())()

    async def _main(self) -> None:
        self._token = trio.lowlevel.current_trio_token()
        self._steps, self._to_take = trio.open_memory_channel[Callable[[], Awaitable[object]]](9)
        await self._story(self)

    def _done(self, outcome: object) -> None:
        self.ended = True
        self.error = getattr(outcome, "error", None)

    def _pump(self) -> None:
        while not self._idle and not self.ended:
            self._todo.get(timeout=HOST_PATIENCE_SECONDS)()


class End(Exception):
    """The machine has seen enough."""


KINDS = st.sampled_from(Restart)


class SupervisorMachine(RuleBasedStateMachine):
    """Children are told to crash or to leave, come, are stopped; time passes; the model says the rest."""

    strategy: Strategy

    @initialize(kinds=st.tuples(KINDS, KINDS, KINDS))
    def first_night(self, kinds: tuple[Restart, Restart, Restart]) -> None:
        self.curtain_up(kinds)

    def curtain_up(self, kinds: tuple[Restart, Restart, Restart]) -> None:
        self.model = Model(self.strategy, dict(zip(STATIC, kinds, strict=True)))
        self.comers = 0

        async def story(host: Host) -> None:
            self.stage = Stage()
            children = tuple(
                self.stage.player(name, kind) for name, kind in self.model.kinds.items()
            )
            tree = Supervisor("stage", children, self.strategy, INTENSITY, PERIOD_SECONDS, AT_ONCE)
            async with ActorSystem(tree) as self.system:
                await host.take_steps()

        self.host = Host(story)
        assert self.stage.take() == [f"+{name}" for name in STATIC]

    @precondition(lambda self: self.model.gave_up)
    @rule(kinds=st.tuples(KINDS, KINDS, KINDS))
    def encore(self, kinds: tuple[Restart, Restart, Restart]) -> None:
        self.curtain_up(kinds)

    def is_up(self) -> bool:
        return not self.model.gave_up

    def someone_lives(self) -> bool:
        return self.is_up() and bool(self.model.kinds)

    @precondition(someone_lives)
    @rule(data=st.data(), message=st.sampled_from(["crash", "leave"]))
    def one_ends(self, data: st.DataObject, message: str) -> None:
        name = data.draw(st.sampled_from(list(self.model.kinds)))
        before = list(self.model.kinds)

        async def act() -> None:
            named(self.system, name).tell(message)

        self.host.step(act)
        expected = self.model.end(name, self.host.clock.current_time(), crashed=message == "crash")
        bill = self.stage.take()
        if self.model.gave_up:
            # Those who came later go together, in any order, before the static ones.
            assert sorted(bill) == sorted(f"-{other}" for other in before)
            assert bill[0] == expected[0]
        else:
            assert bill == expected

    @precondition(someone_lives)
    @rule(data=st.data())
    def one_is_stopped(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(list(self.model.kinds)))
        self.host.step(lambda: self.system.root.stop_child(name))
        del self.model.kinds[name]
        assert self.stage.take() == [f"-{name}"]

    @precondition(is_up)
    @rule(kind=KINDS)
    def one_comes(self, kind: Restart) -> None:
        self.comers += 1
        name = f"comer-{self.comers}"
        self.host.step(lambda: self.system.root.start(self.stage.player(name, kind)))
        self.model.kinds[name] = kind
        assert self.stage.take() == [f"+{name}"]

    @precondition(is_up)
    @rule(seconds=st.floats(0.5, 12))
    def time_passes(self, seconds: float) -> None:
        async def act() -> None:
            self.host.clock.jump(seconds)

        self.host.step(act)
        assert self.stage.take() == []

    @invariant()
    def the_tree_is_as_the_model_says(self) -> None:
        if not hasattr(self, "host"):
            return
        if self.model.gave_up:
            assert isinstance(self.host.error, GaveUp)
            return
        assert not self.host.ended, self.host.error
        assert list(self.system.root.children) == list(self.model.kinds)
        assert all(child.status.value == "running" for child in self.system.root.children.values())

    def teardown(self) -> None:
        if not hasattr(self, "host") or self.host.ended:
            return

        async def act() -> None:
            raise End

        self.host.step(act)
        bill = self.stage.take()
        assert isinstance(self.host.error, End)
        assert sorted(bill) == sorted(f"-{name}" for name in self.model.kinds)
        static = [name for name in self.model.kinds if name in STATIC]
        assert bill[len(bill) - len(static) :] == [f"-{name}" for name in reversed(static)]


@pytest.mark.parametrize("strategy", Strategy)
def test_the_supervisor_does_what_the_model_of_its_strategy_says(strategy: Strategy) -> None:
    """Whatever the sequence of endings, arrivals, stops and pauses: same lives, same order."""
    machine = type("Machine", (SupervisorMachine,), {"strategy": strategy})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=100,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
