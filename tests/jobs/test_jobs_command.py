"""`wildside jobs`, as an operator types it, over a queue in Redis."""

from __future__ import annotations

import io
import json
from argparse import ArgumentParser
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from tests.end_to_end.server_process import wildside
from tests.redis_server import RedisServer, linked
from wildside.domain.jobs import Job, JobKind
from wildside.inbound.cli import jobs
from wildside.inbound.cli.jobs import JobsDesk
from wildside.outbound.machine import SystemClock
from wildside.outbound.queue.redis_streams.office import RedisOffice
from wildside.outbound.queue.redis_streams.queue import RedisQueue

NOWHERE = "redis://127.0.0.1:1"


class Operator:
    """Somebody at a terminal, and the queue they look after."""

    def __init__(self, queue: RedisQueue, desk: JobsDesk) -> None:
        self.queue = queue
        self._desk = desk

    async def types(self, *words: str, code: int = 0) -> str:
        """What the command prints; its errors where it is to fail."""
        parser = ArgumentParser()
        jobs.add_command(parser.add_subparsers())
        out, err = io.StringIO(), io.StringIO()

        @asynccontextmanager
        async def opened() -> AsyncIterator[JobsDesk]:
            yield self._desk

        assert await jobs.run(parser.parse_args(["jobs", *words]), opened, out, err) == code
        return out.getvalue() + err.getvalue()

    async def dies(self, *keys: str, kind: JobKind = JobKind.GENERATE_ROUTE) -> None:
        """Jobs that stumbled once and then fell."""
        for key in keys:
            await self.queue.put(Job(key, kind, {"fingerprint": key}))
            await self.queue.retry(await self.queue.claim(), 0.0, "a stumble")
            await self.queue.bury(await self.queue.claim(), "a fall")


@pytest.fixture
async def operator(redis_server: RedisServer) -> AsyncIterator[Operator]:
    async with linked(redis_server.url) as link, linked(redis_server.url) as waits:
        queue = RedisQueue(link, waits)
        desk = JobsDesk(queue, RedisOffice(link, queue), SystemClock())
        async with trio.open_nursery() as nursery:
            await nursery.start(queue.run)
            yield Operator(queue, desk)
            nursery.cancel_scope.cancel()


def keys(listed: str) -> Sequence[str]:
    return [each["key"] for each in json.loads(listed)]


async def test_dead_letters_are_listed_first_of_all(operator: Operator) -> None:
    """A table for people, JSON for programs, by state and type."""
    await operator.dies("a", "b")
    await operator.dies("story", kind=JobKind.ENRICHMENT)
    table = await operator.types("list")
    assert "a fall" in table
    assert table.splitlines()[0].split()[:3] == ["id", "type", "state"]
    assert keys(await operator.types("list", "--json")) == ["story", "b", "a"]
    assert keys(await operator.types("list", "--json", "--type", "Enrichment")) == ["story"]
    assert keys(await operator.types("list", "--json", "--limit", "2")) == ["story", "b"]
    await operator.queue.put(Job("later", JobKind.MAINTENANCE), after_seconds=100)
    assert keys(await operator.types("list", "--json", "--state", "delayed")) == ["later"]
    assert "no waiting jobs" in await operator.types("list", "--state", "waiting")


async def test_a_job_is_shown_with_its_whole_history(operator: Operator) -> None:
    """By its key, its id or the beginning of it."""
    await operator.dies("a")
    told = json.loads(await operator.types("show", "a", "--json"))
    assert [past["error"] for past in told["history"]] == ["a stumble", "a fall"]
    assert told["payload"] == {"fingerprint": "a"}
    for word in (told["id"], told["id"][:8]):
        shown = await operator.types("show", word)
        assert "a stumble" in shown
        assert "a fall" in shown
    assert "no job" in await operator.types("show", "nothing", code=1)


async def test_letters_are_put_once_more_or_thrown_away(operator: Operator) -> None:
    """One or all, or all of a type."""
    await operator.dies("a", "b", "c")
    await operator.dies("story", kind=JobKind.ENRICHMENT)
    assert "1 put" in await operator.types("requeue", "a")
    assert (await operator.queue.claim()).key == "a"
    assert "1 thrown" in await operator.types("purge", "b")
    assert "1 thrown" in await operator.types("purge", "--all", "--type", "Enrichment")
    assert "1 put" in await operator.types("requeue", "--all")
    assert keys(await operator.types("list", "--json")) == []


async def test_a_waiting_job_is_taken_away_and_a_running_one_stopped(operator: Operator) -> None:
    """The dead are neither."""
    await operator.queue.put(Job("a", JobKind.GENERATE_ROUTE))
    job = await operator.queue.claim()
    heard = trio.Event()
    operator.queue.when_cancelled(job, heard.set)
    assert "told" in await operator.types("cancel", "a")
    with trio.fail_after(5):
        await heard.wait()
    await operator.queue.put(Job("b", JobKind.GENERATE_ROUTE), after_seconds=100)
    assert "taken away" in await operator.types("cancel", "b")
    await operator.dies("c")
    assert "dead already" in await operator.types("cancel", "c", code=1)


async def test_the_standing_is_told_in_numbers(operator: Operator) -> None:
    """What a person scales by, and a program."""
    await operator.queue.put(Job("later", JobKind.GENERATE_ROUTE), after_seconds=100)
    told = json.loads(await operator.types("stats", "--json"))
    assert told["GenerateRoute"]["delayed"] == 1
    line = next(
        line for line in (await operator.types("stats")).splitlines() if "GenerateRoute" in line
    )
    assert line.split()[1:4] == ["0", "1", "0"]


def test_a_redis_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    """Nurseries wrap errors in groups; the operator sees the error and no traceback."""
    told = wildside("jobs", "stats", data_dir=tmp_path, settings={"REDIS_URL": NOWHERE})
    assert told.returncode == 1
    assert "Traceback" not in told.stderr
    assert told.stderr.splitlines()[-1] == "wildside jobs: the queue does not answer"
