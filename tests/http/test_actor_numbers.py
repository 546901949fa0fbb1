"""The actors as Prometheus reads them: a line for each kind, however many of the kind there are."""

from __future__ import annotations

import re

import trio
import trio.testing
from prometheus_client.parser import text_string_to_metric_families

from actors import Actor, ActorSystem, Backoff, ChildSpec, Restart, Supervisor, TaskSpec
from actors.dead_letters import Loss
from actors.specs import TaskStatus
from actors.testing import crash
from wildside.outbound.actor_numbers import ActorNumbers
from wildside.outbound.metrics import Metrics

AT_ONCE = Backoff(first_seconds=0.0, jitter=0.0)


class Bell(Actor[str]):
    """Rings."""

    async def receive(self, message: str) -> object:
        return message


def bell(number: int, restart: Restart = Restart.TEMPORARY) -> ChildSpec[str]:
    return ChildSpec(f"bell-{number}", Bell, restart=restart, kind="bell")


async def sleep_on(task_status: TaskStatus) -> None:
    task_status.started()
    await trio.sleep_forever()


TREE = Supervisor(
    "town",
    (
        bell(0, Restart.PERMANENT),
        Supervisor("towers", (TaskSpec("clock", sleep_on),), backoff=AT_ONCE),
    ),
    backoff=AT_ONCE,
)


def samples(metrics: Metrics) -> dict[tuple[str, str], float]:
    """Each sample by its name and its labels, written as one word."""
    text = metrics.exposition()[0].decode()
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def watched(system: ActorSystem) -> Metrics:
    metrics = Metrics()
    metrics.watch_actors(
        lambda: ActorNumbers(system.numbers(), system.dead_letters.counts, system.snapshot())
    )
    return metrics


async def test_numbers_are_sums_over_a_kind() -> None:
    """Alive, waiting, handled, restarts, dead letters by loss, and how long messages waited."""
    async with ActorSystem(TREE) as system:
        metrics = watched(system)
        towers = system.supervisor("towers")
        bells = [towers.spawn(bell(number)) for number in range(1, 4)]
        for address in bells:
            address.tell("ding")
        await trio.testing.wait_all_tasks_blocked()
        crash(bells[0])
        await bells[0].ended()
        bells[0].tell("nobody is there")
        permanent = system.find("bell-0")
        assert permanent is not None
        crash(permanent)
        task = system.root.find("towers/clock")
        assert task is not None
        task.kill(RuntimeError("stands still"))
        await trio.testing.wait_all_tasks_blocked(0.05)
        bells[1].tell("one that waits")
        seen = samples(metrics)
    assert seen["actors_alive", "bell"] == 3
    assert seen["actor_messages_waiting", "bell"] == 1
    assert seen["actor_messages_handled_total", "bell"] == 3
    assert seen["actor_restarts_total", "bell"] == 1
    assert seen["actor_dead_letters_total", Loss.NOBODY.value] == 1
    assert seen["actor_dead_letters_total", Loss.CRASHED.value] == 0
    assert seen["supervised_restarts_total", "town/towers/clock"] == 1
    assert seen["supervised_restarts_total", "town/towers"] == 0
    assert seen["actor_message_seconds_bucket", "bell,+Inf"] == 3


async def test_a_thousand_actors_of_a_kind_are_one_line() -> None:
    """Whoever comes and goes, the set of labels stays the same: none is named after a child."""
    async with ActorSystem(TREE) as system:
        metrics = watched(system)
        before = set(samples(metrics))
        towers = system.supervisor("towers")
        bells = [towers.spawn(bell(number)) for number in range(1, 1001)]
        # Some end before their first turn, when their kind is not yet known from a life.
        for address in bells[:500]:
            crash(address)
        await trio.testing.wait_all_tasks_blocked()
        seen = samples(metrics)
    assert seen["actors_alive", "bell"] == 501
    assert set(seen) == before
    assert not any(re.search(r"bell-\d", label) for _, label in seen)


def test_nothing_is_read_before_somebody_asks() -> None:
    """The metrics are made before the tree runs."""

    def read() -> ActorNumbers:
        raise AssertionError("there is no tree yet")

    Metrics().watch_actors(read)
