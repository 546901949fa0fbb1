"""Peers of the tour benchmark, each in its own environment: `tours_peers.py NAME FILE SECONDS`.

A peer is given loops only: FILE holds a list of {"arcs", "scores", "budget"} with node 0 as the
start and symmetric whole-number arcs. It answers a list of {"order", "cpu_seconds"} with the stops
in order; the benchmark itself walks and scores them. SECONDS are CPU time for all, as for ours: on a
busy machine the wall clock would favour whoever is asked when others rest.
"""

import json
import math
import sys
import time
from collections.abc import Callable
from typing import Any

Problem = dict[str, Any]
MOST_TRIES = 4
ENOUGH = 0.9  # of the CPU time a peer is to have
FINE = 1000  # fractions of a score that whole-number peers are told


def _spent(seconds: float) -> Callable[..., bool]:
    """Says when so much CPU time is over."""
    until = time.process_time() + seconds
    return lambda *_: time.process_time() >= until


def pyvrp(problem: Problem, seconds: float) -> list[int]:
    """PyVRP: optional clients with prizes, one vehicle with a longest distance."""
    import numpy as np
    from pyvrp import Client, Depot, Location, ProblemData, VehicleType, solve  # type: ignore[import-not-found,unused-ignore]

    count = len(problem["scores"])
    # An average prize outweighs the whole way, so that distance hardly counts; much larger ones
    # would outweigh the penalty on too long a way, and most tours would be too long.
    worth = problem["budget"] * (count - 1) / sum(problem["scores"])
    clients = [
        Client(node, prize=round(problem["scores"][node] * worth), required=False)
        for node in range(1, count)
    ]
    data = ProblemData(
        locations=[Location(0, 0) for _ in range(count)],
        clients=clients,
        depots=[Depot(0)],
        vehicle_types=[VehicleType(1, max_distance=problem["budget"])],
        distance_matrices=[np.array(problem["arcs"])],
        duration_matrices=[np.zeros((count, count), dtype=np.int64)],
    )
    best = solve(data, _spent(seconds), seed=1, display=False).best
    if not best.is_feasible():
        return []
    steps = [step for route in best.routes() for step in route.schedule()]
    return [step.idx + 1 for step in steps if step.is_client()]


def ortools(problem: Problem, seconds: float) -> list[int]:
    """OR-Tools routing with guided local search: a penalty for every place left out."""
    from ortools.constraint_solver import (  # type: ignore[import-not-found,unused-ignore]
        pywrapcp,
        routing_enums_pb2,
    )

    arcs, count = problem["arcs"], len(problem["scores"])
    manager = pywrapcp.RoutingIndexManager(count, 1, 0)
    routing = pywrapcp.RoutingModel(manager)
    transit = routing.RegisterTransitMatrix(arcs)
    routing.SetArcCostEvaluatorOfAllVehicles(transit)
    routing.AddDimension(transit, 0, problem["budget"], True, "length")
    worth = problem["budget"] / FINE
    for node in range(1, count):
        penalty = round(problem["scores"][node] * FINE * worth)
        routing.AddDisjunction([manager.NodeToIndex(node)], penalty)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    parameters.time_limit.FromSeconds(int(60 + 20 * seconds))  # by the wall, in case of need
    routing.AddSearchMonitor(routing.solver().CustomLimit(_spent(seconds)))
    found = routing.SolveWithParameters(parameters)
    order = []
    index = routing.Start(0)
    while found is not None and not routing.IsEnd(index):
        order.append(manager.IndexToNode(index))
        index = found.Value(routing.NextVar(index))
    return order[1:]


def vrp_cli(problem: Problem, seconds: float) -> list[int]:
    """The Rust engine's solver (vrp-core) through its Python package: jobs of value, one vehicle."""
    import vrp_cli as vrp  # type: ignore[import-not-found,unused-ignore]

    arcs, count = problem["arcs"], len(problem["scores"])
    jobs = [
        {
            "id": str(node),
            "value": problem["scores"][node] * FINE,
            "services": [{"places": [{"location": {"index": node}, "duration": 0.0}]}],
        }
        for node in range(1, count)
    ]
    day = {"earliest": "2026-01-01T00:00:00Z", "location": {"index": 0}}
    vehicle = {
        "typeId": "walker",
        "vehicleIds": ["walker"],
        "profile": {"matrix": "foot"},
        "costs": {"fixed": 0.0, "distance": 1.0, "time": 0.0},
        "shifts": [
            {"start": day, "end": {"latest": "2036-01-01T00:00:00Z", "location": {"index": 0}}}
        ],
        "capacity": [count],
        "limits": {"maxDistance": float(problem["budget"])},
    }
    whole = {
        "plan": {"jobs": jobs},
        "fleet": {"vehicles": [vehicle], "profiles": [{"name": "foot"}]},
        "objectives": [[{"type": "maximize-value"}], [{"type": "minimize-cost"}]],
    }
    flat = [length for row in arcs for length in row]
    matrix = {"profile": "foot", "travelTimes": flat, "distances": flat}
    config: dict[str, dict[str, Any]] = {
        "termination": {"maxTime": max(1, round(seconds)), "maxGenerations": 10**9},
        "environment": {"parallelism": {"numThreadPools": 1, "threadsPerPool": 1}},
    }
    for _ in range(MOST_TRIES):
        began = time.process_time()
        answer = json.loads(
            vrp.solve_pragmatic(
                problem=json.dumps(whole), matrices=[json.dumps(matrix)], config=json.dumps(config)
            )
        )
        spent = time.process_time() - began
        if spent >= ENOUGH * seconds:
            break
        # It knows the wall clock only, in whole seconds: others had the processor meanwhile.
        config["termination"]["maxTime"] = math.ceil(
            config["termination"]["maxTime"] * seconds / max(spent, 0.05)
        )
    stops = [stop for tour in answer.get("tours", []) for stop in tour["stops"]]
    return [
        int(activity["jobId"])
        for stop in stops
        for activity in stop["activities"]
        if activity["jobId"].isdigit()
    ]


PEERS: dict[str, Callable[[Problem, float], list[int]]] = {
    "pyvrp": pyvrp,
    "ortools": ortools,
    "vrp-cli": vrp_cli,
}


def main() -> None:
    """Solve every problem of the file and print the answers as one line."""
    name, file, seconds = sys.argv[1:4]
    answers = []
    with open(file, encoding="utf-8") as handle:  # noqa: PTH123
        problems = json.load(handle)
    for problem in problems:
        began = time.process_time()
        order = PEERS[name](problem, float(seconds))
        answers.append({"order": order, "cpu_seconds": time.process_time() - began})
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
