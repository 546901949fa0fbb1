"""A thousand posts at once with a hundred idempotency keys, against the real server."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
import trio

from tests.end_to_end.server_process import server

KEYS, TWINS = 100, 10
AT_ONCE = 100  # connections; as many of the thousand are on their way at any moment
SETTINGS = {"ROUTES_PER_MINUTE": "1000000", "SOLVER_PROCESSES": "1"}


@pytest.mark.timeout(120)
async def test_a_hundred_keys_in_a_thousand_posts_make_a_hundred_requests(
    town_folder: Path, town_settings: Mapping[str, str]
) -> None:
    """Ten twins of each key, shuffled: one of them works, the others wait and hear the same words."""
    with server(town_folder, settings={**SETTINGS, **town_settings}) as running:
        limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
        async with httpx.AsyncClient(base_url=running.url, timeout=60, limits=limits) as client:
            await client.post("/api/v1/users", json={})
            region = (await client.get("/api/v1/regions")).json()["data"][0]
            wish = {"start_location": region["centre"], "duration_minutes": 30}
            answers: dict[UUID, list[httpx.Response]] = defaultdict(list)

            async def post(key: UUID) -> None:
                headers = {"Idempotency-Key": str(key)}
                answers[key].append(await client.post("/api/v1/routes", json=wish, headers=headers))

            order = [uuid4() for _ in range(KEYS)] * TWINS
            random.Random(5).shuffle(order)
            async with trio.open_nursery() as nursery:
                for key in order:
                    nursery.start_soon(post, key)

            made = set()
            for twins in answers.values():
                assert {answer.status_code for answer in twins} == {202}
                assert len({answer.content for answer in twins}) == 1
                assert len({answer.headers["location"] for answer in twins}) == 1
                replayed = [answer for answer in twins if "idempotent-replayed" in answer.headers]
                assert len(replayed) == TWINS - 1
                made.add(twins[0].json()["request_id"])
            assert len(made) == KEYS
            told = (await client.get("/metrics")).text
            scope = 'scope="POST /api/v1/routes"'
            missed = f'idempotency_checks_total{{age="none",outcome="miss",{scope}}} {KEYS}.0'
            assert missed in told
            counted = [
                float(line.rpartition(" ")[2])
                for line in told.splitlines()
                if line.startswith("idempotency_checks_total{") and 'outcome="hit"' in line
            ]
            assert sum(counted) == KEYS * (TWINS - 1)
            other = await client.post(
                "/api/v1/routes",
                json={**wish, "duration_minutes": 31},
                headers={"Idempotency-Key": str(order[0])},
            )
            assert (other.status_code, other.json()["code"]) == (409, "conflict")
            export = (await client.get("/api/v1/users/me/export")).json()
            assert len(export["requests"]) == KEYS
