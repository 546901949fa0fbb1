"""The testing kit keeps its own word: one seed is one interleaving, and a failing seed is found."""

from random import Random

import pytest
import trio

from actors import Actor, ActorSystem, Backoff, ChildSpec, Request, Supervisor
from actors.testing import SEED_VARIABLE, Crash, Probe, crash, run_seeded, sweep


async def six_walkers(dice: Random) -> str:
    """Six tasks that meet at the same moments; the order is the scheduler's."""
    order: list[str] = []

    async def walk(name: str) -> None:
        for _ in range(3):
            await trio.lowlevel.checkpoint()
            order.append(name)
            await trio.sleep(1)

    async with trio.open_nursery() as nursery:
        for name in "abcdef":
            nursery.start_soon(walk, name)
    return "".join(order) + str(dice.random())


def test_one_seed_is_one_interleaving() -> None:
    """The same seed gives one order twenty times, twenty seeds give many orders."""
    assert len({run_seeded(six_walkers, 7) for _ in range(20)}) == 1
    assert len({run_seeded(six_walkers, seed)[:18] for seed in range(20)}) > 15


def test_the_scheduler_is_left_as_it_was() -> None:
    """A seeded run does not make the runs after it deterministic."""
    run_seeded(six_walkers, 7)
    orders = {
        trio.run(six_walkers, Random(1), clock=trio.testing.MockClock(0, 0)) for _ in range(9)
    }
    assert len(orders) > 1


def test_a_sweep_names_the_seed_that_fails_and_replays_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lost update that only some interleavings show: the printed seed alone shows it again."""

    async def two_who_count(_: Random) -> None:
        count = 0

        async def increment() -> None:
            nonlocal count
            await trio.lowlevel.checkpoint()
            before = count
            if before == 0:
                await trio.lowlevel.checkpoint()
            count = before + 1

        async with trio.open_nursery() as nursery:
            nursery.start_soon(increment)
            await trio.lowlevel.checkpoint()
            nursery.start_soon(increment)
        assert count == 2

    monkeypatch.delenv(SEED_VARIABLE, raising=False)
    with pytest.raises(AssertionError) as failure:
        sweep(two_who_count, range(100))
    printed = capsys.readouterr().out
    seed = printed.split()[1]
    assert f"{SEED_VARIABLE}={seed}" in failure.value.__notes__[0]
    monkeypatch.setenv(SEED_VARIABLE, seed)
    with pytest.raises(AssertionError):
        sweep(two_who_count, [])


def test_a_story_that_depends_on_more_than_its_seed_is_called_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A failure that does not come again is a failure of the test itself."""
    monkeypatch.delenv(SEED_VARIABLE, raising=False)
    runs = 0

    async def moody(_: Random) -> None:
        nonlocal runs
        runs += 1
        assert runs != 3

    with pytest.raises(AssertionError, match="more than its seed"):
        sweep(moody, range(10))


class Hello(Request[str]):
    pass


async def test_a_probe_notes_through_all_its_lives(autojump_clock: trio.testing.MockClock) -> None:
    """It answers as told, and what it received before a crash is still there after."""
    probe = Probe[Hello](answer=lambda _: "well met")
    spec = probe.spec()
    async with ActorSystem(Supervisor("lab", (spec,), backoff=Backoff(1, jitter=0))) as system:
        address = system.address_of(spec)
        assert await address.ask(Hello(), timeout_seconds=1) == "well met"
        crash(address)
        address.tell(Hello())
        await probe.wait_for(2)
        assert (probe.started, probe.stopped) == (2, 1)
    assert probe.stopped == 2


class Hangs(Actor[str]):
    async def receive(self, message: str) -> None:
        await trio.sleep_forever()


async def test_crash_on_demand_reaches_an_actor_in_the_midst_of_a_wait(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """Wherever the actor is, its life ends with the error given."""
    spec = ChildSpec("hangs", Hangs)
    async with ActorSystem(Supervisor("lab", (spec,))) as system:
        address = system.address_of(spec)
        address.tell("x")
        await trio.testing.wait_all_tasks_blocked()
        crash(address)
        await trio.sleep(1)
        (vitals,) = system.snapshot().children
        assert vitals.restarts == 1
        assert vitals.last_failure == repr(Crash("on demand"))
