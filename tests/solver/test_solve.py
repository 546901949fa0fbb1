"""Whole walks: budgets, times that add up, places visited once, and paths that can be walked."""

from __future__ import annotations

import contextlib
import functools
import itertools
import resource
import statistics
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver import (
    Answer,
    Candidate,
    EndOutOfReach,
    OpenWindow,
    OutsideCoverage,
    Question,
    reaches_footpath,
    solve,
    travel_times,
)
from solver.walk_graph import WalkGraph
from tests.data_folder import data_file
from tests.end_to_end.raw_map import RawMap
from tests.solver.towns import (
    EDINBURGH,
    MONACO,
    PORTO,
    Way,
    random_town,
    real_graph,
    sights,
    town,
)

SCOTT_MONUMENT = (-3.1932571, 55.9523600)
HOLYROOD_PALACE = (-3.1723966, 55.9526916)


@functools.cache
def raw_map(name: str) -> RawMap:
    """The independent judge of where one may walk."""
    return RawMap.read(data_file(name))


def asked(name: str, seed: int, minutes: int, **wishes: object) -> Question:
    """A reproducible question in a real town."""
    dice = np.random.default_rng(seed)
    all_sights = sights(name)
    chosen = dice.choice(len(all_sights), min(150, len(all_sights)), replace=False)
    start = all_sights[int(dice.integers(0, len(all_sights)))].doors[0]
    candidates = tuple(all_sights[index] for index in sorted(chosen))
    values = {"seed": seed, "iterations": 600, "group_decay": 0.85} | wishes
    return Question(start=start, budget_seconds=minutes * 60, candidates=candidates, **values)  # type: ignore[arg-type]


def check(question: Question, answer: Answer) -> None:
    """Whatever must hold of every walk."""
    spent = answer.walking_seconds + answer.visiting_seconds + answer.waiting_seconds
    assert spent <= question.budget_seconds + 1e-6
    assert len(answer.legs) == len(answer.stops) + 1
    keys = [stop.key for stop in answer.stops]
    assert len(set(keys)) == len(keys)
    if question.most_stops is not None:
        assert len(keys) <= question.most_stops
    windows = {candidate.key: candidate.windows for candidate in question.candidates}
    clock = 0.0
    for stop, leg in zip(answer.stops, answer.legs, strict=False):
        clock += leg.walking_seconds
        assert stop.arrival_seconds == pytest.approx(clock, abs=1e-6)
        clock += stop.waiting_seconds
        if windows[stop.key]:
            assert any(
                window.opens_seconds - 0.1 <= clock
                and clock + stop.visit_seconds <= window.closes_seconds + 0.1
                for window in windows[stop.key]
            )
        clock += stop.visit_seconds
    assert clock + answer.legs[-1].walking_seconds == pytest.approx(spent, abs=1e-6)
    assert sum(leg.walking_seconds for leg in answer.legs) == pytest.approx(answer.walking_seconds)
    for before, after in itertools.pairwise(answer.legs):
        assert before.path[-1] == pytest.approx(after.path[0], abs=2e-7)
    if question.end is None:
        assert answer.legs[0].path[0] == pytest.approx(answer.legs[-1].path[-1], abs=2e-7)
    for leg in answer.legs:
        assert len(leg.path) >= 2
        told = sum(instruction.distance_metres for instruction in leg.instructions)
        assert told == pytest.approx(leg.distance_metres, abs=0.1 * len(leg.instructions))
        assert leg.instructions[-1].manoeuvre == "arrive"
        # Nobody walks faster than downhill at the wanted pace.
        assert leg.distance_metres <= leg.walking_seconds * question.metres_per_second * 1.2 + 0.5
    assert answer.score == pytest.approx(sum(stop.score for stop in answer.stops))


@pytest.mark.parametrize("name", [EDINBURGH, PORTO, MONACO])
def test_walks_in_real_towns_can_be_walked(name: str) -> None:
    """Twelve walks a town: all that must hold, and every vertex lies where the raw map lets walk."""
    graph, judge = real_graph(name, elevation=True), raw_map(name)
    for seed, minutes in itertools.product(range(4), (20, 60, 120)):
        question = asked(name, seed, minutes, avoid_stairs=seed == 1, prefer_well_lit=seed == 2)
        answer = solve(question, graph)
        check(question, answer)
        for leg in answer.legs:
            assert max(judge.metres_off(*point) for point in leg.path) < 0.3
            metres = sum(
                111_195 * float(np.hypot((b[0] - a[0]) * np.cos(np.radians(a[1])), b[1] - a[1]))
                for a, b in itertools.pairwise(leg.path)
            )
            assert metres == pytest.approx(leg.distance_metres, rel=0.005, abs=0.5)


@pytest.mark.parametrize("name", [EDINBURGH, PORTO, MONACO])
def test_budgets_are_used_and_streets_are_not_walked_twice(name: str) -> None:
    """In the median: at least 90 % of the time, at most 15 % of the way walked before."""
    graph = real_graph(name)
    used, overlaps = [], []
    for seed in range(10):
        question = asked(name, seed, 60)
        answer = solve(question, graph)
        overlaps.append(answer.overlap_ratio)
        if answer.reachable_candidates >= 30:
            spent = answer.walking_seconds + answer.visiting_seconds + answer.waiting_seconds
            used.append(spent / question.budget_seconds)
    assert statistics.median(used) >= 0.9
    assert statistics.median(overlaps) <= 0.15


def test_from_the_scott_monument_to_holyrood_palace() -> None:
    """1,903 m on foot, within 3 %."""
    question = Question(SCOTT_MONUMENT, 3600, (), end=HOLYROOD_PALACE)
    answer = solve(question, real_graph(EDINBURGH))
    assert answer.distance_metres == pytest.approx(1903, rel=0.03)
    times = travel_times(real_graph(EDINBURGH), [SCOTT_MONUMENT, HOLYROOD_PALACE])
    # The walk may leave by the other pavement, which the matrix does not look at.
    assert answer.walking_seconds <= times[0, 1] + 0.1
    assert answer.walking_seconds == pytest.approx(times[0, 1], rel=0.01)
    assert answer.legs[0].instructions[0].manoeuvre == "depart"
    assert any(i.street == "Calton Road" for i in answer.legs[0].instructions)


def test_one_question_has_one_answer() -> None:
    """Asked twice, on two mappings of the file, the walk is the same to the last word."""
    question = asked(EDINBURGH, 3, 60)
    assert solve(question, real_graph(EDINBURGH)) == solve(
        question, WalkGraph(real_graph(EDINBURGH)._arrays, real_graph(EDINBURGH).facts)
    )


def test_far_from_every_path_is_outside_coverage() -> None:
    """The North Sea has no footpath, neither for the start nor for the end."""
    graph = real_graph(EDINBURGH)
    with pytest.raises(OutsideCoverage):
        solve(Question((0.0, 56.0), 3600, ()), graph)
    with pytest.raises(OutsideCoverage):
        solve(Question(SCOTT_MONUMENT, 3600, (), end=(0.0, 56.0)), graph)
    assert not reaches_footpath(graph, (0.0, 56.0))
    assert reaches_footpath(graph, SCOTT_MONUMENT)


def test_an_end_beyond_the_budget_is_told() -> None:
    """Holyrood in five minutes is a run."""
    with pytest.raises(EndOutOfReach):
        solve(Question(SCOTT_MONUMENT, 300, (), end=HOLYROOD_PALACE), real_graph(EDINBURGH))


def test_no_place_in_reach_is_an_empty_walk() -> None:
    """No stops, a path of two points, nothing raised."""
    answer = solve(Question(SCOTT_MONUMENT, 3600, ()), real_graph(EDINBURGH))
    assert answer.stops == ()
    assert answer.walking_seconds == 0
    assert len(answer.legs) == 1
    assert len(answer.legs[0].path) == 2
    assert answer.reachable_candidates == 0


def test_must_visits_are_visited_or_missed_aloud() -> None:
    """A worthless must-visit is on the walk; one in the North Sea is warned about."""
    near = Candidate(1, (HOLYROOD_PALACE,), 0.0, visit_seconds=60, must_visit=True)
    drowned = Candidate(2, ((0.0, 56.0),), 5.0, must_visit=True)
    answer = solve(Question(SCOTT_MONUMENT, 5400, (near, drowned)), real_graph(EDINBURGH))
    assert [stop.key for stop in answer.stops] == [1]
    assert answer.warnings == ("must_visit_unreachable",)


def test_opening_hours_are_waited_for_and_missed() -> None:
    """A door that opens late is waited for; one that has closed is not visited."""
    late = Candidate(1, (SCOTT_MONUMENT,), 5.0, 60, windows=(OpenWindow(600, 1200),))
    closed = Candidate(2, (HOLYROOD_PALACE,), 5.0, 60, windows=(OpenWindow(-600, 30),))
    over = Candidate(3, (HOLYROOD_PALACE,), 5.0, 60, windows=(OpenWindow(-600, -30),))
    question = Question(SCOTT_MONUMENT, 7200, (late, closed, over))
    answer = solve(question, real_graph(EDINBURGH))
    check(question, answer)
    assert [stop.key for stop in answer.stops] == [1]
    assert answer.stops[0].waiting_seconds == pytest.approx(600)


def test_a_slower_walker_takes_longer() -> None:
    """Half the pace, twice the time, the same street."""
    times = []
    for pace in (1.4, 0.7):
        question = Question(SCOTT_MONUMENT, 9000, (), end=HOLYROOD_PALACE, metres_per_second=pace)
        times.append(solve(question, real_graph(EDINBURGH)).walking_seconds)
    assert times[1] == pytest.approx(2 * times[0], rel=0.001)


def test_progress_rises_to_the_end_and_a_cancel_is_obeyed() -> None:
    """At least five reports; a cancelled walk is the best so far, and valid."""
    told: list[float] = []
    question = asked(EDINBURGH, 1, 120)
    solve(question, real_graph(EDINBURGH), report=lambda share, _score: told.append(share))
    assert told == sorted(told)
    assert len(told) >= 5
    assert told[-1] == 1.0
    cancelled = solve(question, real_graph(EDINBURGH), cancelled=lambda: True)
    check(question, cancelled)
    assert cancelled.truncated


@settings(max_examples=120, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    count=st.sampled_from([0, 1, 2, 12, 40]),
    minutes=st.integers(1, 90),
    avoid_stairs=st.booleans(),
    prefer_well_lit=st.booleans(),
    loop=st.booleans(),
    one_way=st.booleans(),
    hours=st.booleans(),
    most_stops=st.sampled_from([None, 0, 1, 4]),
    pleasure=st.sampled_from([0.0, 0.05, 0.5]),
)
def test_walks_in_random_towns_keep_every_promise(
    seed: int,
    count: int,
    minutes: int,
    avoid_stairs: bool,
    prefer_well_lit: bool,
    loop: bool,
    one_way: bool,
    hours: bool,
    most_stops: int | None,
    pleasure: float,
) -> None:
    """Islands, stairs, dark and one-way paths, duplicate places, zero scores, tiny budgets, hours."""
    graph = random_town(seed % 40, 6, one_way=one_way)
    dice = np.random.default_rng(seed)

    def somewhere() -> tuple[float, float]:
        return float(dice.uniform(0, 0.006)), float(dice.uniform(55.0, 55.006))

    spots = [somewhere() for _ in range(max(1, count // 2))]
    candidates = tuple(
        Candidate(
            key,
            (spots[key % len(spots)],),
            float(dice.integers(0, 5)),
            visit_seconds=float(dice.integers(0, 300)),
            must_visit=bool(dice.random() < 0.1),
            group=int(dice.integers(-1, 3)),
            windows=random_windows(dice) if hours else (),
        )
        for key in range(count)
    )
    question = Question(
        spots[0],
        minutes * 60,
        candidates,
        end=None if loop else somewhere(),
        avoid_stairs=avoid_stairs,
        prefer_well_lit=prefer_well_lit,
        group_decay=0.8,
        most_stops=most_stops,
        pleasure_share=pleasure,
        iterations=200,
        seed=seed,
    )
    try:
        answer = solve(question, graph)
    except (OutsideCoverage, EndOutOfReach):
        assert not loop or graph.nearest(spots[0], 500, only_sizeable=False) is None
        return
    check(question, answer)
    climbs = any(leg.steps_metres for leg in answer.legs)
    assert ("stairs_unavoidable" in answer.warnings) == (avoid_stairs and climbs)
    if avoid_stairs and loop and not any(c.must_visit for c in candidates) and climbs:
        start = graph.nearest(spots[0], 500, avoid_stairs=True)
        assert start is None, "steps were climbed though the start lies on step-free ground"


def random_windows(dice: np.random.Generator) -> tuple[OpenWindow, ...]:
    """None, one or two windows, some of them over before the walk begins or after it ends."""
    windows, clock = [], float(dice.integers(-3000, 3000))
    for _ in range(int(dice.integers(0, 3))):
        closes = clock + float(dice.integers(1, 2500))
        windows.append(OpenWindow(clock, closes))
        clock = closes + float(dice.integers(1, 1500))
    return tuple(windows)


def test_five_thousand_places_are_pruned_to_those_worth_it() -> None:
    """A crowd of candidates costs no more than a search over the best of them."""
    dice = np.random.default_rng(4)
    west, south, east, north = real_graph(EDINBURGH).bounds
    crowd = tuple(
        Candidate(
            key,
            ((float(dice.uniform(west, east)), float(dice.uniform(south, north))),),
            float(dice.uniform(0.1, 9)),
            visit_seconds=120,
        )
        for key in range(5000)
    )
    question = Question(SCOTT_MONUMENT, 3600, crowd, iterations=300)
    answer = solve(question, real_graph(EDINBURGH))
    check(question, answer)
    assert answer.reachable_candidates > 400
    assert answer.stops


# A loop of two ways between two corners at 55° north: the short one by stairs or in the dark.
FORK = {
    1: (0, 550_000_000),
    2: (10_000, 550_000_000),
    3: (20_000, 550_000_000),
    5: (-100_000, 550_000_000),
    6: (120_000, 550_000_000),
}


def fork(short_cut: tuple[tuple[str, str], ...], bulge_e7: int) -> WalkGraph:
    """A street that forks: straight on by a way of this kind, or round by a footway."""
    footway = (("highway", "footway"),)
    ways = [
        Way((5, 1), footway),
        Way((1, 2, 3), short_cut),
        Way((1, 4, 3), footway),
        Way((3, 6), footway),
    ]
    return town(ways, FORK | {4: (10_000, 550_000_000 + bulge_e7)})


def through(graph: WalkGraph, **wishes: bool) -> Answer:
    """Straight from one end of the street to the other."""
    return solve(Question((-0.01, 55.0), 7200, (), end=(0.012, 55.0), **wishes), graph)


def test_stairs_are_walked_round_or_told() -> None:
    """With another way there are no steps and no warning; without one there are both."""
    stairs = fork((("highway", "steps"),), 15_000)
    assert through(stairs).legs[0].steps_metres > 100
    level = through(stairs, avoid_stairs=True)
    assert level.legs[0].steps_metres == 0
    assert level.warnings == ()
    only_stairs = town(
        [
            Way((5, 1), (("highway", "footway"),)),
            Way((1, 2, 3), (("highway", "steps"),)),
            Way((3, 6), (("highway", "footway"),)),
        ],
        FORK,
    )
    told = through(only_stairs, avoid_stairs=True)
    assert told.legs[0].steps_metres > 100
    assert "stairs_unavoidable" in told.warnings


def test_a_dark_way_must_be_a_third_shorter_and_its_time_is_real() -> None:
    """Unlit ways weigh half as much again; the seconds told are those really walked."""
    dark = fork((("highway", "footway"), ("lit", "no")), 4_000)
    assert through(dark).legs[0].unlit_metres > 100
    bright = through(dark, prefer_well_lit=True)
    assert bright.legs[0].unlit_metres == 0
    assert bright.distance_metres > through(dark).distance_metres
    assert bright.warnings == ()
    night = town([Way((5, 1, 2, 3, 6), (("highway", "footway"), ("lit", "no")))], FORK)
    walked = through(night, prefer_well_lit=True)
    assert walked.warnings == ("unlit_sections",)
    assert walked.legs[0].unlit_metres == pytest.approx(walked.distance_metres)
    assert walked.walking_seconds == pytest.approx(walked.distance_metres / (4.8 / 3.6), abs=0.2)


def test_a_place_up_the_stairs_is_not_for_those_who_avoid_them() -> None:
    """Optional places behind stairs are left out, must-visits are visited with a warning."""
    graph = town(
        [
            Way((5, 1), (("highway", "footway"),)),
            Way((1, 2, 3), (("highway", "steps"),)),
            Way((3, 6), (("highway", "footway"),)),
        ],
        FORK,
    )
    for must, stops, warnings in ((False, 0, ()), (True, 1, ("stairs_unavoidable",))):
        tower = Candidate(1, ((0.012, 55.0),), 5.0, 60, must_visit=must)
        answer = solve(Question((-0.01, 55.0), 7200, (tower,), avoid_stairs=True), graph)
        assert len(answer.stops) == stops
        assert tuple(code for code in answer.warnings if code != "start_on_island") == warnings


def test_a_start_on_a_scrap_of_the_map_is_said() -> None:
    """Nothing but a short isolated path within reach: a walk there, and a word about it."""
    places = {
        1: (0, 550_000_000),
        2: (10_000, 550_000_000),
        3: (3_000_000, 550_000_000),
        4: (4_000_000, 550_000_000),
    }
    footway = (("highway", "footway"),)
    graph = town([Way((1, 2), footway), Way((3, 4), footway)], places)
    candidates = (
        Candidate(1, ((0.0005, 55.0),), 1.0, 10),
        Candidate(2, ((0.35, 55.0),), 9.0, 10, must_visit=True),
    )
    answer = solve(Question((0.0, 55.0), 3600 * 24, candidates), graph)
    assert [stop.key for stop in answer.stops] == [1]
    assert set(answer.warnings) == {"start_on_island", "must_visit_unreachable"}


def test_time_held_back_is_spent_on_pleasanter_ways() -> None:
    """A twentieth kept from the search: less is walked twice over a panel, and no time is exceeded."""
    overlaps: dict[float, list[float]] = {0.0: [], 0.05: []}
    for name, seed in itertools.product((EDINBURGH, PORTO, MONACO), range(6)):
        for share, found in overlaps.items():
            question = replace(asked(name, seed, 60), pleasure_share=share)
            answer = solve(question, real_graph(name))
            spent = answer.walking_seconds + answer.visiting_seconds + answer.waiting_seconds
            assert spent <= question.budget_seconds + 1e-6
            found.append(answer.overlap_ratio)
    assert statistics.mean(overlaps[0.05]) < 0.9 * statistics.mean(overlaps[0.0])


def test_a_must_may_use_the_time_held_back() -> None:
    """What fits into all of the time is visited, though it does not fit into what the search had."""
    graph = real_graph(EDINBURGH)
    there = Question(
        SCOTT_MONUMENT, 7200, (Candidate(1, (HOLYROOD_PALACE,), 1.0, must_visit=True),)
    )
    needed = solve(there, graph).walking_seconds
    tight = replace(there, budget_seconds=needed + 1.0, pleasure_share=0.3)
    answer = solve(tight, graph)
    assert [stop.key for stop in answer.stops] == [1]
    assert answer.warnings == ()


def test_the_straight_way_may_use_the_time_held_back() -> None:
    """An end that is just in reach is reached."""
    graph = real_graph(EDINBURGH)
    straight = solve(Question(SCOTT_MONUMENT, 7200, (), end=HOLYROOD_PALACE), graph)
    tight = Question(
        SCOTT_MONUMENT,
        straight.walking_seconds + 1.0,
        (),
        end=HOLYROOD_PALACE,
        pleasure_share=0.5,
    )
    assert solve(tight, graph).distance_metres == straight.distance_metres


def grown_kilobytes_by_walks(warm_up: int, solves: int) -> int:
    """How much the process's peak grows over so many whole walks of every kind, on three towns."""
    towns = [random_town(seed, 5, one_way=seed == 1) for seed in range(3)]

    def walk(number: int) -> None:
        dice = np.random.default_rng(number)
        spots = [(dice.uniform(0, 0.005), dice.uniform(55.0, 55.005)) for _ in range(6)]
        candidates = tuple(
            Candidate(key, (spot,), 1.0 + key, visit_seconds=60.0, group=key % 2)
            for key, spot in enumerate(spots)
        )
        question = Question(
            spots[0],
            1500.0,
            candidates,
            end=spots[1] if number % 3 == 0 else None,
            avoid_stairs=number % 2 == 0,
            prefer_well_lit=number % 5 == 0,
            group_decay=0.9,
            pleasure_share=0.05,
            iterations=20,
            seed=number,
        )
        with contextlib.suppress(OutsideCoverage, EndOutOfReach):
            solve(question, towns[number % 3])

    for number in range(warm_up):
        walk(number)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(warm_up, warm_up + solves):
        walk(number)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before


def test_five_hundred_walks_leave_no_memory_behind() -> None:
    """The arrays of one matrix or one tour lost in each would be seen."""
    assert grown_kilobytes_by_walks(400, 500) < 4_000


@pytest.mark.soak
def test_a_hundred_thousand_walks_leave_no_memory_behind() -> None:
    """Other doors in each: the memory for them is full after 12,000 and grows no more."""
    assert grown_kilobytes_by_walks(12_000, 100_000) < 10_000
