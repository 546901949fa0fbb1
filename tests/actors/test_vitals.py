"""What operators see: the live tree as text and JSON, and numbers with a bounded set of labels."""

import json

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from actors import ActorSystem, ChildSpec, MailboxFull, MailboxRule, Strategy, Supervisor, TaskSpec
from actors.specs import TaskStatus
from actors.testing import Probe
from actors.vitals import LATENCY_BOUNDS_SECONDS, latency_bound, tree_json, tree_text
from tests.actors.stage import AT_ONCE, ONE_SECOND, Player, Stage


async def sleeper(task_status: TaskStatus) -> None:
    task_status.started()
    await trio.sleep_forever()


class Theatre:
    """A tree with a bit of everything in it."""

    def __init__(self) -> None:
        self.stage = Stage()
        self.hamlet = ChildSpec(
            "hamlet",
            lambda: Player(self.stage, "hamlet", 0, 0),
            mailbox=MailboxRule(capacity=2),
        )
        company = Supervisor("company", (self.hamlet,), Strategy.ONE_FOR_ALL, backoff=ONE_SECOND)
        self.system = ActorSystem(
            Supervisor("theatre", (company, TaskSpec("doors", sleeper)), backoff=AT_ONCE)
        )

    async def play(self) -> None:
        hamlet = self.system.address_of(self.hamlet)
        hamlet.tell("to be")
        hamlet.tell("crash")
        await trio.sleep(2)
        hamlet.tell("hang")
        await wait_all_tasks_blocked()
        hamlet.tell("a")
        hamlet.tell("b")
        with pytest.raises(MailboxFull):
            hamlet.tell("c")


async def test_the_tree_as_an_operator_reads_it(autojump_clock: MockClock) -> None:
    """One line a child: mailbox, handled, latency, restarts and the last failure."""
    theatre = Theatre()
    async with theatre.system as system:
        await theatre.play()
        assert tree_text(system.snapshot()).splitlines() == [
            "theatre  supervisor  running",
            "├─ company  supervisor  running",
            (
                "│  └─ hamlet  actor  running  mailbox 2/2  handled 1  p95 0.016 ms  lost 1"
                "  restarts 1  last failure RuntimeError('hamlet')"
            ),
            "└─ doors  task  running",
        ]


async def test_the_tree_as_json(autojump_clock: MockClock) -> None:
    """Plain values all the way down, for any JSON writer."""
    theatre = Theatre()
    async with theatre.system as system:
        await theatre.play()
        tree = json.loads(json.dumps(tree_json(system.snapshot())))
        hamlet = tree["children"][0]["children"][0]
        assert hamlet["path"] == "theatre/company/hamlet"
        assert (hamlet["sort"], hamlet["status"], hamlet["kind"]) == ("actor", "running", "Player")
        assert (hamlet["waiting"], hamlet["handled"], hamlet["restarts"]) == (2, 1, 1)
        assert sum(hamlet["latency"]) == 1


async def test_a_child_that_waits_for_its_restart_is_seen_waiting(
    autojump_clock: MockClock,
) -> None:
    """The operator sees the backoff, not a hole in the tree."""
    theatre = Theatre()
    async with theatre.system as system:
        system.address_of(theatre.hamlet).tell("crash")
        await wait_all_tasks_blocked()
        assert "hamlet  actor  waiting" in tree_text(system.snapshot())


async def test_numbers_are_summed_by_kind_and_outlive_the_actors(
    autojump_clock: MockClock,
) -> None:
    """A thousand sessions are one line in the metrics, and their counts never go down."""
    probe = Probe[int]()
    async with ActorSystem(Supervisor("lab")) as system:
        for number in range(1000):
            system.root.spawn(probe.spec(), name=f"session-{number}").tell(number)
        await wait_all_tasks_blocked()
        numbers = system.numbers()
        assert set(numbers) == {"_ProbeActor"}
        assert (numbers["_ProbeActor"].alive, numbers["_ProbeActor"].handled) == (1000, 1000)
        for number in range(500):
            await system.root.stop_child(f"session-{number}")
        numbers = system.numbers()
        assert (numbers["_ProbeActor"].alive, numbers["_ProbeActor"].handled) == (500, 1000)
        assert sum(numbers["_ProbeActor"].latency) == 1000


async def test_latency_counts_from_telling_to_handled(autojump_clock: MockClock) -> None:
    """The wait in the mailbox is part of it: three messages of 1 s take 1, 2 and 3 s."""

    class Slow(Player):
        async def receive(self, message: str) -> None:
            await trio.sleep(1)

    spec = ChildSpec("slow", lambda: Slow(Stage(), "slow", 0, 0), kind="slow")
    async with ActorSystem(Supervisor("lab", (spec,))) as system:
        for _ in range(3):
            system.address_of(spec).tell("x")
        await trio.sleep(4)
        latency = system.numbers()["slow"].latency
        expected = [0] * len(latency)
        for seconds in (1, 2, 3):
            bucket = sum(bound < seconds for bound in LATENCY_BOUNDS_SECONDS)
            expected[bucket] += 1
        assert latency == expected


def test_a_latency_bound_covers_its_share() -> None:
    """The least bound under which the share lies; nothing counted is nothing waited."""
    latency = [0] * (len(LATENCY_BOUNDS_SECONDS) + 1)
    assert latency_bound(latency, 0.95) == 0
    latency[0], latency[3] = 94, 6
    assert latency_bound(latency, 0.94) == LATENCY_BOUNDS_SECONDS[0]
    assert latency_bound(latency, 0.95) == LATENCY_BOUNDS_SECONDS[3]
    latency[-1] = 900
    assert latency_bound(latency, 0.95) == float("inf")
