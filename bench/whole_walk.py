"""A whole walk in the child: 200 candidates, 60 to 180 minutes, from question to footpath and words.

CPU time of one core, on a graph file as ingest leaves it. Real sights of central Edinburgh, once
always open and once with hours: half of them open or shut while the walk is under way.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import osmium

from bench.harness import Row, arguments, report
from solver import Answer, Candidate, OpenWindow, Question, WalkGraph, build_walk_graph, solve

EXTRACT = "osm/edinburgh-centre-2025-06.osm.pbf"
MINUTES = (60, 90, 120, 180)
DAY_SECONDS = 86_400.0


def data_folder() -> Path:
    """`WILDSIDE_TEST_DATA` or `../shared/data` beside the checkout."""
    named = os.environ.get("WILDSIDE_TEST_DATA")
    return Path(named) if named else Path(__file__).parents[2] / "shared" / "data"


def sights(extract: Path) -> list[Candidate]:
    """Named nodes worth a look, with fixed scores and five kinds of theme."""
    found: list[Candidate] = []
    for thing in osmium.FileProcessor(str(extract)).with_locations():
        if not isinstance(thing, osmium.osm.Node) or "name" not in thing.tags:
            continue
        if any(key in thing.tags for key in ("tourism", "historic", "amenity", "leisure")):
            number = len(found)
            door = (thing.location.lon, thing.location.lat)
            score = 1.0 + (number * 7919) % 97 / 10
            found.append(Candidate(number, (door,), score, 300.0, group=number % 5))
    return found


def main() -> int:
    """Measure, print the table, say whether all promises were kept."""
    options = arguments(__doc__ or "")
    extract = data_folder() / EXTRACT
    if not extract.is_file():
        print(f"needs {EXTRACT} in ../shared/data (or WILDSIDE_TEST_DATA)", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "edinburgh.walk"
        build_walk_graph(extract, path)
        graph = WalkGraph.open(path)
        places = sights(extract)
        starts = 5 if options.quick else 20
        rows = [
            *measured(graph, places, starts, "whole walk"),
            *measured(graph, with_hours(places), starts, "walk with hours"),
        ]
    return 0 if report("whole_walk", rows, options) else 1


def with_hours(places: list[Candidate]) -> list[Candidate]:
    """Every other place opens or shuts at some moment of the three hours after departure."""
    dice = np.random.default_rng(11)
    found: list[Candidate] = []
    for number, place in enumerate(places):
        moment = float(dice.uniform(0, 60 * max(MINUTES)))
        window = OpenWindow(0.0, moment) if number % 4 == 0 else OpenWindow(moment, DAY_SECONDS)
        found.append(replace(place, windows=(window,)) if number % 2 == 0 else place)
    return found


def measured(graph: WalkGraph, places: list[Candidate], starts: int, what: str) -> list[Row]:
    """Times and what the walks are like, over starts and lengths."""
    dice = np.random.default_rng(5)
    seconds: list[float] = []
    answers: list[tuple[Question, Answer]] = []
    for number in range(starts):
        start = places[int(dice.integers(0, len(places)))].doors[0]
        for minutes in MINUTES:
            chosen = dice.choice(len(places), 200, replace=False)
            question = Question(
                start,
                60.0 * minutes,
                tuple(places[index] for index in chosen),
                group_decay=0.85,
                seed=number,
            )
            began = time.process_time()
            answers.append((question, solve(question, graph)))
            seconds.append(time.process_time() - began)
    median, late = np.percentile(seconds, (50, 95))
    overlap = float(np.median([answer.overlap_ratio for _, answer in answers]))
    used = float(
        np.median(
            [
                (answer.walking_seconds + answer.visiting_seconds) / question.budget_seconds
                for question, answer in answers
            ]
        )
    )
    return [
        Row(f"{what}, median", "ms", 1000 * float(median), {}, "<= 50", bool(median <= 0.050)),
        Row(f"{what}, 95 of 100", "ms", 1000 * float(late), {}, "<= 120", bool(late <= 0.120)),
        Row(f"{what}: walked before, median", "share", overlap, {}, "<= 0.15", overlap <= 0.15),
        Row(f"{what}: budget used, median", "share", used, {}, ">= 0.90", used >= 0.90),
    ]


if __name__ == "__main__":
    sys.exit(main())
