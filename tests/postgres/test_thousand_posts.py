"""A thousand concurrent posts with a hundred keys, through the real doors on PostgreSQL."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from uuid import uuid4

import trio

from tests.http.doors import the_doors, wish
from tests.postgres_server import PostgresServer
from wildside.outbound.persistence.postgres.pool import Reach

KEYS, TIMES = 100, 10


async def test_a_hundred_requests_are_made_and_everybody_is_answered_alike(
    postgres: PostgresServer, database_url: str, tmp_path: Path
) -> None:
    """Ten connections serve them all: twins that wait for each other starve nobody."""
    answers: dict[str, set[bytes]] = {}
    told: Counter[tuple[int, bool]] = Counter()
    # Patient: how quickly a busy machine gets through all of them is not the subject.
    patient = Reach(database_url, acquire_seconds=60.0)
    async with the_doors(tmp_path, routes_a_minute=10_000, reach=patient) as doors:
        doors.town.engine.search_seconds = 0.01
        walker = await doors.walker()

        async def post(key: str, minutes: int) -> None:
            reply = await walker.post("/api/v1/routes", wish(minutes), idempotency_key=key)
            told[reply.status, reply.header("idempotent-replayed") == "true"] += 1
            answers.setdefault(key, set()).add(reply.body)

        async with trio.open_nursery() as nursery:
            for number in range(KEYS):
                key = str(uuid4())
                for _ in range(TIMES):
                    nursery.start_soon(post, key, 15 + number % 60)
    assert told == {(202, False): KEYS, (202, True): KEYS * (TIMES - 1)}
    assert [len(bodies) for bodies in answers.values()] == [1] * KEYS
    rows = postgres.execute("SELECT count(*) FROM route_requests", "wildside")
    assert rows == [(KEYS,)]
