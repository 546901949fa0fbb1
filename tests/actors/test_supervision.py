"""Who starts, stops and restarts when: the supervisor's promises, to the second."""

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from actors import (
    ActorDied,
    ActorSystem,
    Backoff,
    ChildSpec,
    GaveUp,
    Restart,
    Strategy,
    Supervisor,
    TaskSpec,
)
from actors.child import Happening
from actors.errors import NameTaken, StartTimedOut, StopTimedOut
from actors.specs import TaskStatus
from tests.actors.stage import AT_ONCE, ONE_SECOND, Player, Stage, crash_child, named


async def test_children_start_in_order_and_stop_in_reverse(autojump_clock: MockClock) -> None:
    """The next begins when the one before has started, and ends when the one after has stopped."""
    stage = Stage()
    children = (
        stage.player("a", start_seconds=3, stop_seconds=1),
        stage.player("b", start_seconds=1, stop_seconds=2),
        stage.player("c"),
    )
    async with ActorSystem(Supervisor("stage", children)):
        assert stage.timed == [(3, "+a"), (4, "+b"), (4, "+c")]
        stage.timed.clear()
    assert stage.timed == [(4, "-c"), (4, "-b"), (6, "-a")]
    assert trio.current_time() - stage.begun_at == pytest.approx(7)


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        (Strategy.ONE_FOR_ONE, ["-b", "+b"]),
        (Strategy.ONE_FOR_ALL, ["-b", "-c", "-a", "+a", "+b", "+c"]),
        (Strategy.REST_FOR_ONE, ["-b", "-c", "+b", "+c"]),
    ],
)
async def test_each_strategy_restarts_its_group(
    autojump_clock: MockClock, strategy: Strategy, expected: list[str]
) -> None:
    """One, all, or the rest: stopped last first, started first first."""
    stage = Stage()
    async with stage.trio_of_players(strategy) as system:
        stage.take()
        named(system, "b").tell("crash")
        await wait_all_tasks_blocked()
        assert stage.take() == expected


@pytest.mark.parametrize(
    ("restart", "message", "comes_back"),
    [
        (Restart.PERMANENT, "crash", True),
        (Restart.PERMANENT, "leave", True),
        (Restart.TRANSIENT, "crash", True),
        (Restart.TRANSIENT, "leave", False),
        (Restart.TEMPORARY, "crash", False),
        (Restart.TEMPORARY, "leave", False),
    ],
)
async def test_each_kind_of_child_comes_back_or_not(
    autojump_clock: MockClock, restart: Restart, message: str, *, comes_back: bool
) -> None:
    """Permanent always, transient after a crash, temporary never; who stays away leaves the tree."""
    stage = Stage()
    async with stage.trio_of_players(Strategy.ONE_FOR_ONE, restart) as system:
        b = named(system, "b")
        b.tell(message)
        await wait_all_tasks_blocked()
        assert b.alive == comes_back
        assert (system.find("b") is not None) == comes_back


async def test_a_temporary_child_is_taken_down_with_its_group_for_good(
    autojump_clock: MockClock,
) -> None:
    """All for one: a and c are begun again, the temporary b between them is not."""
    stage = Stage()
    async with stage.trio_of_players(Strategy.ONE_FOR_ALL, Restart.TEMPORARY) as system:
        b = named(system, "b")
        stage.take()
        named(system, "c").tell("crash")
        await wait_all_tasks_blocked()
        assert stage.take() == ["-c", "-b", "-a", "+a", "+c"]
        assert not b.alive


async def test_waits_grow_between_restarts_and_are_forgiven(autojump_clock: MockClock) -> None:
    """1, 2, 4 s, never over 5; a life of a minute and the next wait is the first again."""
    stage = Stage()
    backoff = Backoff(1, factor=2, most_seconds=5, jitter=0, forgiven_after_seconds=60)
    async with stage.trio_of_players(Strategy.ONE_FOR_ONE, backoff=backoff, intensity=9) as system:
        waits = []
        for pause_seconds in (0, 0, 0, 0, 61):
            await trio.sleep(pause_seconds)
            crashed_at = trio.current_time()
            stage.timed.clear()
            crash_child(system, "b")
            await trio.sleep(6)
            waits.append(stage.begun_at + stage.timed[-1][0] - crashed_at)
    assert waits == pytest.approx([1, 2, 4, 5, 1])


async def test_siblings_work_on_while_one_waits_for_its_restart(autojump_clock: MockClock) -> None:
    """One for one: a wait of one child holds up neither messages nor restarts of another."""
    stage = Stage()
    async with stage.trio_of_players(Strategy.ONE_FOR_ONE, backoff=ONE_SECOND) as system:
        stage.timed.clear()
        crash_child(system, "a")
        await trio.sleep(0.4)
        crash_child(system, "b")
        await trio.sleep(2)
        assert stage.timed == [(0, "-a"), (0.4, "-b"), (1, "+a"), (1.4, "+b")]


async def test_more_restarts_than_the_intensity_escalate_to_the_supervisor_above(
    autojump_clock: MockClock,
) -> None:
    """The inner supervisor gives up, and is itself restarted with all its static children."""
    stage = Stage()
    inner = Supervisor(
        "inner", (stage.player("a"), stage.player("b")), intensity=1, backoff=AT_ONCE
    )
    heard: list[str] = []

    def journal(happening: Happening) -> None:
        heard.append(f"{happening.what} {happening.path}")

    async with ActorSystem(
        Supervisor("stage", (inner, stage.player("c")), backoff=AT_ONCE), journal=journal
    ) as system:
        stage.take()
        for _ in range(2):
            named(system, "inner/a").tell("crash")
        await wait_all_tasks_blocked()
        assert stage.take() == ["-a", "+a", "-a", "-b", "+a", "+b"]
        assert heard == [
            "crashed stage/inner/a",
            "restarting stage/inner/a",
            "crashed stage/inner/a",
            "gave_up stage/inner/a",
            "crashed stage/inner",
            "restarting stage/inner",
        ]


async def test_restarts_spread_over_more_than_the_period_never_escalate(
    autojump_clock: MockClock,
) -> None:
    """Three in five seconds are allowed: one every two seconds goes on for ever."""
    stage = Stage()
    async with stage.trio_of_players(Strategy.ONE_FOR_ONE) as system:
        for _ in range(20):
            crash_child(system, "a")
            await trio.sleep(2)
        assert system.snapshot().children[0].restarts == 20


async def test_the_root_giving_up_cancels_the_block_and_says_why(
    autojump_clock: MockClock,
) -> None:
    """GaveUp out of the block, caused by the crash that was one too many; all children stopped."""
    stage = Stage()

    async def serve() -> None:
        async with stage.trio_of_players(Strategy.ONE_FOR_ONE) as system:
            for _ in range(4):
                named(system, "b").tell("crash")
            await trio.sleep_forever()

    with pytest.raises(GaveUp) as gave_up:
        await serve()
    assert isinstance(gave_up.value.__cause__, RuntimeError)
    assert stage.take()[-3:] == ["-b", "-c", "-a"]


async def test_an_error_in_the_block_stops_the_tree_and_comes_out_as_it_is(
    autojump_clock: MockClock,
) -> None:
    """Not wrapped in a group: the block's own error is the caller's to handle."""
    stage = Stage()
    with pytest.raises(LookupError):
        async with stage.trio_of_players(Strategy.ONE_FOR_ONE):
            raise LookupError
    assert stage.take() == ["+a", "+b", "+c", "-c", "-b", "-a"]


async def test_a_cancelled_block_cancels_the_tree(autojump_clock: MockClock) -> None:
    """Cancellation is abrupt, as everywhere in trio: even a child that hangs is gone at once."""
    stage = Stage()
    with trio.move_on_after(1) as scope:
        async with stage.trio_of_players(Strategy.ONE_FOR_ONE) as system:
            named(system, "a").tell("hang")
            await trio.sleep_forever()
    assert scope.cancelled_caught
    assert trio.current_time() - stage.begun_at == pytest.approx(1)
    assert sorted(stage.take()) == ["+a", "+b", "+c", "-a", "-b", "-c"]


async def test_a_child_that_will_not_stop_is_cancelled_at_its_deadline(
    autojump_clock: MockClock,
) -> None:
    """Each child has its own; the journal of its end is its last failure."""
    stage = Stage()
    children = (stage.player("quick"), stage.player("stuck", deadline_seconds=7))
    async with ActorSystem(Supervisor("stage", children)) as system:
        stuck = named(system, "stuck")
        stuck.tell("hang")
        await wait_all_tasks_blocked()
    assert trio.current_time() - stage.begun_at == pytest.approx(7)
    down = await stuck.ended()
    assert isinstance(down.failure, StopTimedOut)


async def test_a_child_that_does_not_start_in_time_counts_as_crashed(
    autojump_clock: MockClock,
) -> None:
    """Four tries of five seconds, then the supervisor gives up, and says what failed."""
    stage = Stage()
    slow = stage.player("slow", start_seconds=60, start_deadline_seconds=5)

    async def serve() -> None:
        async with ActorSystem(Supervisor("stage", (slow,), period_seconds=60, backoff=AT_ONCE)):
            pytest.fail("it never started")

    with pytest.raises(GaveUp) as gave_up:
        await serve()
    assert isinstance(gave_up.value.__cause__, StartTimedOut)
    assert trio.current_time() - stage.begun_at == pytest.approx(20)


async def test_later_siblings_wait_while_an_earlier_one_is_tried_again(
    autojump_clock: MockClock,
) -> None:
    """A start that fails once delays those after it by its backoff, and fails nobody else."""
    stage = Stage()
    tries = 0

    class Shy(Player):
        async def started(self) -> None:
            nonlocal tries
            tries += 1
            if tries == 1:
                raise ConnectionError
            await super().started()

    shy = ChildSpec("shy", lambda: Shy(stage, "shy", 0, 0))
    tree = Supervisor("stage", (shy, stage.player("after")), backoff=ONE_SECOND)
    async with ActorSystem(tree):
        assert stage.timed == [(1, "+shy"), (1, "+after")]


async def test_children_come_and_go_while_the_tree_lives(autojump_clock: MockClock) -> None:
    """Spawned, started, stopped, replaced under the same name; a name is taken only while alive."""
    stage = Stage()
    async with ActorSystem(Supervisor("stage")) as system:
        branch = system.supervisor()
        first = await branch.start(stage.player("session"))
        assert stage.take() == ["+session"]
        with pytest.raises(NameTaken):
            branch.spawn(stage.player("session"))
        await branch.stop_child("session")
        await branch.stop_child("session")
        assert (stage.take(), first.alive) == (["-session"], False)
        second = branch.spawn(stage.player("session"), name="session")
        assert second.alive
        branch.spawn(stage.player("other"), name="session-2").tell("leave")
        await wait_all_tasks_blocked()
        assert [child.name for child in system.snapshot().children] == ["session", "session-2"]
    with pytest.raises(ActorDied):
        branch.spawn(stage.player("too late"))


async def test_start_tells_that_a_child_did_not_come_up(autojump_clock: MockClock) -> None:
    """ActorDied with the cause, though a permanent child is tried again all the same."""
    stage = Stage()

    class Broken(Player):
        async def started(self) -> None:
            raise ConnectionError

    spec = ChildSpec("x", lambda: Broken(stage, "x", 0, 0), restart=Restart.TEMPORARY)
    async with ActorSystem(Supervisor("stage")) as system:
        with pytest.raises(ActorDied) as death:
            await system.root.start(spec)
        assert isinstance(death.value.__cause__, ConnectionError)


async def test_a_child_waiting_for_its_restart_can_be_stopped(autojump_clock: MockClock) -> None:
    """It does not rise again when its wait is over."""
    stage = Stage()
    async with stage.trio_of_players(Strategy.ONE_FOR_ONE, backoff=ONE_SECOND) as system:
        crash_child(system, "b")
        await trio.sleep(0.5)
        await system.root.stop_child("b")
        await trio.sleep(5)
        assert "+b" not in stage.playbill[3:]


async def test_comers_stop_together_and_before_the_static_children(
    autojump_clock: MockClock,
) -> None:
    """A thousand sessions that take a second each are gone in a second, not in a thousand."""
    stage = Stage()
    async with ActorSystem(Supervisor("stage", (stage.player("static"),))) as system:
        for number in range(1000):
            system.root.spawn(stage.player(f"s{number}", stop_seconds=1))
        await wait_all_tasks_blocked()
        begun_at = trio.current_time()
    assert trio.current_time() - begun_at == pytest.approx(1)
    assert stage.playbill[-1] == "-static"


async def test_comers_that_hang_share_one_deadline(autojump_clock: MockClock) -> None:
    """A hundred stuck sessions with five seconds each hold up the shutdown for five seconds."""
    stage = Stage()
    async with ActorSystem(Supervisor("stage")) as system:
        for number in range(100):
            system.root.spawn(stage.player(f"s{number}", deadline_seconds=5)).tell("hang")
        await wait_all_tasks_blocked()
    assert trio.current_time() - stage.begun_at == pytest.approx(5)


async def test_comers_are_not_begun_again_with_their_supervisor(autojump_clock: MockClock) -> None:
    """Whoever spawned a session spawns it again; the static children come back by themselves."""
    stage = Stage()
    inner = Supervisor("inner", (stage.player("static"),), intensity=0)
    async with ActorSystem(Supervisor("stage", (inner,), backoff=AT_ONCE)) as system:
        static = named(system, "inner/static")
        comer = system.supervisor("inner").spawn(stage.player("comer"))
        await wait_all_tasks_blocked()
        static.tell("crash")
        await wait_all_tasks_blocked()
        assert (static.alive, comer.alive) == (True, False)
        assert stage.playbill[-1] == "+static"


async def test_plain_functions_are_children_too(autojump_clock: MockClock) -> None:
    """Started when they say so, restarted when they crash, stopped by cancellation."""
    stage = Stage()
    lives = 0

    async def serve(task_status: TaskStatus) -> None:
        nonlocal lives
        lives += 1
        await trio.sleep(1)
        stage.note("serving")
        task_status.started()
        try:
            await trio.sleep(1 if lives == 1 else 1000)
            raise OSError("the port is gone")
        finally:
            stage.note("closed")

    tree = Supervisor("stage", (TaskSpec("http", serve), stage.player("after")), backoff=ONE_SECOND)
    async with ActorSystem(tree):
        assert stage.timed == [(1, "serving"), (1, "+after")]
        await trio.sleep(3)
    assert stage.timed[2:] == [(2, "closed"), (4, "serving"), (4, "-after"), (4, "closed")]


async def test_tasks_and_supervisors_can_be_added_to_a_living_tree(
    autojump_clock: MockClock,
) -> None:
    """Under a name of their own, found by their path, stopped like any child."""
    stage = Stage()
    async with ActorSystem(Supervisor("stage")) as system:
        system.root.add(Supervisor("wing", (stage.player("a"),)))
        await wait_all_tasks_blocked()
        assert named(system, "wing/a").path == "stage/wing/a"
        await system.root.stop_child("wing")
        assert stage.take() == ["+a", "-a"]
        with pytest.raises(KeyError):
            system.supervisor("wing")


async def test_a_tree_is_found_by_path_and_by_spec(autojump_clock: MockClock) -> None:
    """Names are paths from the root; a spec of the tree gives a typed address."""
    stage = Stage()
    spec = stage.player("deep")
    tree = Supervisor("stage", (Supervisor("wing", (spec,)),))
    async with ActorSystem(tree) as system:
        assert system.address_of(spec) is system.find("wing/deep")
        assert system.find("wing") is None
        assert system.find("wing/nobody/below") is None
        with pytest.raises(KeyError):
            system.address_of(stage.player("deep"))


def test_two_children_of_one_name_are_refused_on_paper() -> None:
    """The mistake is found where the tree is written, not when it runs."""
    twin = ChildSpec("twin", lambda: Player(None, "twin", 0, 0))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="two children of one name"):
        Supervisor("stage", (twin, twin))


async def test_the_end_of_a_life_is_seen_though_the_next_begins_at_once(
    autojump_clock: MockClock,
) -> None:
    """Who waits for the end of a life is not fooled by the one after it."""
    stage = Stage()
    async with (
        stage.trio_of_players(Strategy.ONE_FOR_ONE) as system,
        trio.open_nursery() as nursery,
    ):
        place = system.root.children["a"]
        nursery.start_soon(place.wait_life_end)
        await wait_all_tasks_blocked()
        crash_child(system, "a")
    assert stage.playbill[3:5] == ["-a", "+a"]
