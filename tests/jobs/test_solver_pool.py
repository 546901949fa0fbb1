"""The engine as the use cases know it: real children on real streets, killed, swapped and cancelled."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
import trio
import trio.testing

from solver import build_walk_graph
from tests.data_folder import data_file
from tests.town import TOWN, TRACE, Diary, a_place, a_wish
from wildside.domain.catalogue import Region
from wildside.domain.errors import EngineFailed, Unavailable
from wildside.domain.events import ChoreFaulted
from wildside.domain.geography import BoundingBox, Point
from wildside.domain.identifiers import RegionId, ThemeId
from wildside.domain.route import Walk
from wildside.domain.scoring import ScoredPlace
from wildside.outbound.engine.solver_pool import SolverPool, graph_path

SCOTT_MONUMENT = Point(-3.1932, 55.9524)
FIRTH_OF_FORTH = Point(-3.1932, 56.05)
STOPS = [
    ScoredPlace(a_place(number, at=Point(-3.1932 + number / 1000, 55.9524)), 60.0, ("Pubs",))
    for number in range(1, 9)
]


@pytest.fixture(scope="session")
def walk_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Edinburgh's centre as a graph file."""
    target = tmp_path_factory.mktemp("graph") / "graph.walk"
    build_walk_graph(data_file("osm/edinburgh-centre-2025-06.osm.pbf"), target)
    return target


class Town:
    """A data folder whose current regions a test may change."""

    def __init__(self, data_folder: Path, graph: Path) -> None:
        self.data_folder = data_folder
        self.graph = graph
        self.current: list[Region] = []

    async def regions(self) -> Sequence[Region]:
        return self.current

    def put(self, version: str) -> Region:
        """Makes a version current."""
        region = replace(TOWN, version=version, bounds=BoundingBox(-3.3, 55.9, -3.1, 56.1))
        path = graph_path(self.data_folder, region)
        path.parent.mkdir(parents=True)
        shutil.copy(self.graph, path)
        self.current = [region]
        return region


@pytest.fixture
def town(tmp_path: Path, walk_graph: Path) -> Town:
    town = Town(tmp_path, walk_graph)
    town.put("v1")
    return town


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
async def engine(town: Town, diary: Diary, nursery: trio.Nursery) -> AsyncIterator[SolverPool]:
    """One child, ready."""
    engine = SolverPool(town.regions, town.data_folder, diary, size=1, deadline_seconds=20.0)
    await nursery.start(engine.run)
    yield engine
    nursery.cancel_scope.cancel()


def child_of(engine: SolverPool) -> int:
    vitals = engine.vitals()
    assert vitals is not None
    return vitals.workers[0].pid


async def planned(
    engine: SolverPool,
    town: Town,
    *,
    seed: int = 1,
    on_progress: Callable[[int], object] = lambda _: None,
) -> Walk:
    async def hear(percent: int) -> None:
        on_progress(percent)

    return await engine.plan(
        town.current[0],
        a_wish(60, start=SCOTT_MONUMENT),
        STOPS,
        seed=seed,
        trace_id=TRACE,
        on_progress=hear,
    )


async def _deaf(percent: int) -> None:
    """For tests that are about the walk alone."""


async def test_a_walk_is_found_on_real_streets(engine: SolverPool, town: Town) -> None:
    """Within its budget, legs that join, stops that are the places asked about, growing percents."""
    heard: list[int] = []
    walk = await planned(engine, town, on_progress=heard.append)
    assert 0 < walk.summary.total_seconds <= 3600
    assert walk.summary.stop_count == len(walk.stops) > 0
    assert len(walk.legs) == len(walk.stops) + 1
    for position, stop in enumerate(walk.stops, start=1):
        assert stop.position == position
        assert stop.place in [candidate.place for candidate in STOPS]
        assert stop.why == ("Pubs",)
    for leg, following in pairwise(walk.legs):
        assert leg.path[-1] == following.path[0]
        assert leg.to_position == following.from_position
    assert (walk.path[0], walk.path[-1]) == (walk.legs[0].path[0], walk.legs[-1].path[-1])
    assert heard == sorted(heard)
    assert walk.summary.walking_seconds == pytest.approx(
        sum(leg.walking_seconds for leg in walk.legs), abs=0.1 * len(walk.legs)
    )


async def test_one_wish_is_one_answer(engine: SolverPool, town: Town) -> None:
    """The same seed finds the same walk in every child."""
    assert await planned(engine, town, seed=7) == await planned(engine, town, seed=7)


async def test_who_names_two_themes_meets_both(engine: SolverPool, town: Town) -> None:
    """Eight good pubs along one street, one humble mural beyond: the mural is on the walk."""
    pubs = [replace(stop, main_theme=ThemeId(UUID(int=1))) for stop in STOPS]
    mural = ScoredPlace(a_place(9, at=Point(-3.1990, 55.9527)), 24.0, ("Street art",))
    mural = replace(mural, main_theme=ThemeId(UUID(int=2)))
    walk = await engine.plan(
        town.current[0],
        a_wish(60, start=SCOTT_MONUMENT),
        [*pubs, mural],
        seed=1,
        trace_id=TRACE,
        on_progress=_deaf,
    )
    assert mural.place in [stop.place for stop in walk.stops]
    assert walk.summary.stop_count >= 4


async def test_a_footpath_is_near_or_not(engine: SolverPool, town: Town) -> None:
    """Answered without a child; a graph that is not there is no answer."""
    (region,) = town.current
    assert await engine.reaches_footpath(region, SCOTT_MONUMENT)
    assert not await engine.reaches_footpath(region, FIRTH_OF_FORTH)
    with pytest.raises(Unavailable):
        await engine.reaches_footpath(replace(region, version="v9"), SCOTT_MONUMENT)


async def test_a_start_without_footpath_is_refused_for_good(engine: SolverPool, town: Town) -> None:
    """Trying again would not move the coast."""

    async def deaf(percent: int) -> None:
        return None

    with pytest.raises(EngineFailed) as failure:
        await engine.plan(
            town.current[0],
            a_wish(60, start=FIRTH_OF_FORTH),
            STOPS,
            seed=1,
            trace_id=TRACE,
            on_progress=deaf,
        )
    assert (failure.value.reason, failure.value.retryable) == ("outside_coverage", False)


async def test_a_killed_child_fails_its_walk_and_is_replaced(
    engine: SolverPool, town: Town
) -> None:
    """SIGKILL in the middle of a search: one clean error, and the next walk is found."""
    victim = child_of(engine)
    os.kill(victim, signal.SIGSTOP)
    failures: list[EngineFailed] = []

    async def try_to_plan() -> None:
        try:
            await planned(engine, town)
        except EngineFailed as failure:
            failures.append(failure)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(try_to_plan)
        await trio.testing.wait_all_tasks_blocked()
        os.kill(victim, signal.SIGKILL)
    assert [(failure.reason, failure.retryable) for failure in failures] == [
        ("engine_crashed", True)
    ]
    assert (await planned(engine, town)).stops
    assert child_of(engine) != victim


async def test_a_cancelled_walk_frees_its_child(engine: SolverPool, town: Town) -> None:
    """Whoever comes next is served."""
    with trio.CancelScope() as scope:
        await planned(engine, town, on_progress=lambda _: scope.cancel())
    assert scope.cancelled_caught
    with trio.fail_after(20):
        assert (await planned(engine, town)).stops


async def test_a_new_version_is_served_by_new_children(engine: SolverPool, town: Town) -> None:
    """Noticed within about a second; a walk that asks for it meanwhile waits for its children."""
    old_child = child_of(engine)
    old = town.current[0]
    town.put("v2")
    with trio.fail_after(30):
        assert (await planned(engine, town)).stops
    assert child_of(engine) != old_child
    shutil.rmtree(graph_path(town.data_folder, old).parent)
    with pytest.raises(Unavailable):
        await engine.reaches_footpath(old, SCOTT_MONUMENT)


async def test_a_damaged_version_leaves_the_children_that_serve(
    engine: SolverPool, town: Town, diary: Diary
) -> None:
    """The old map goes on being walked, and operators hear of it."""
    old = town.current
    old_child = child_of(engine)
    broken = town.put("v2")
    graph_path(town.data_folder, broken).write_bytes(b"no graph")
    with trio.fail_after(30):
        await diary.heard_something.wait()
    assert isinstance(diary.events[0], ChoreFaulted)
    town.current = old
    assert (await planned(engine, town)).stops
    assert child_of(engine) == old_child


async def test_a_damaged_map_takes_no_other_region_with_it(
    town: Town, diary: Diary, nursery: trio.Nursery
) -> None:
    """From the first start: the sound region is walked, the damaged one said once and refused."""
    (sound,) = town.current
    broken = replace(town.put("v2"), id=RegionId("elsewhere"))
    path = graph_path(town.data_folder, broken)
    path.parent.mkdir(parents=True)
    path.write_bytes(town.graph.read_bytes()[:-4])
    town.current = [sound, broken]
    engine = SolverPool(town.regions, town.data_folder, diary, size=1, deadline_seconds=20.0)
    with trio.fail_after(30):
        await nursery.start(engine.run)
        assert (await planned(engine, town)).stops
        await trio.testing.wait_all_tasks_blocked()
    assert [type(event) for event in diary.events] == [ChoreFaulted]
    with pytest.raises(Unavailable, match="the map of elsewhere is damaged"):
        await engine.reaches_footpath(broken, SCOTT_MONUMENT)
    nursery.cancel_scope.cancel()
