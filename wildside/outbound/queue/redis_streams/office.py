"""The queue in Redis as operators see it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from wildside.domain.jobs import Job, JobKind, JobRecord, JobState, place_of
from wildside.domain.paging import Page, PageRequest, page_of_all
from wildside.outbound.queue.envelope import (
    UnreadableEnvelope,
    decode,
    decode_history,
    from_milliseconds,
)
from wildside.outbound.queue.redis_streams.keys import KINDS, OUR_KEYS, Keys
from wildside.outbound.queue.redis_streams.queue import RedisQueue, translated
from wildside.outbound.redis_link.link import RedisLink

MOST_LISTED = 10_000  # of each kind: beyond, an operator needs numbers, not a list


class RedisOffice:
    """Lists jobs by state, and takes dead letters up again."""

    def __init__(
        self,
        link: RedisLink,
        queue: RedisQueue,
        keys: Keys = OUR_KEYS,
        shift_milliseconds: Callable[[], int] = lambda: 0,
    ) -> None:
        self._link = link
        self._queue = queue
        self._keys = keys
        self._shift = shift_milliseconds

    async def page(
        self, state: JobState, kind: JobKind | None, page: PageRequest
    ) -> Page[JobRecord]:
        """Jobs in that state by (since, id), the newest first; `kind` None means every kind."""
        kinds = KINDS if kind is None else (kind,)
        list_state = {
            JobState.WAITING: self._waiting,
            JobState.RUNNING: self._running,
            JobState.DELAYED: self._delayed,
            JobState.DEAD: self._dead,
        }[state]
        with translated():
            found = [record for record in await list_state() if record.job.kind in kinds]
        return page_of_all(found, page, place_of)

    async def requeue(self, job_id: UUID) -> JobRecord | None:
        """Takes the dead letter out and puts its job, as a first attempt; gives the letter."""
        name = str(job_id)
        with translated():
            letter = self._letter(await self._fields(self._keys.letter(name)))
        if letter is None:
            return None
        # Put first: a letter that is still there does no harm, a job that is nowhere does.
        await self._queue.put(replace(letter.job, attempt=1, history=()))
        await self._forget(name)
        return letter

    async def purge(self, job_id: UUID) -> bool:
        """Throws a dead letter away; False where there is none."""
        with translated():
            return await self._forget(str(job_id))

    async def _forget(self, name: str) -> bool:
        with translated():
            await self._link.ask("DEL", self._keys.letter(name))
            return bool(await self._link.ask("ZREM", self._keys.letters, name))

    async def _waiting(self) -> list[JobRecord]:
        found: list[JobRecord] = []
        for stream in self._keys.streams:
            groups = await self._groups(stream)
            last = groups[0][b"last-delivered-id"] if groups else b"0-0"
            rows = await self._link.ask("XRANGE", stream, b"(" + last, "+", "COUNT", MOST_LISTED)
            found += _records(JobState.WAITING, ((dict(_pairs(row)), None) for _, row in rows))
        return found

    async def _running(self) -> list[JobRecord]:
        found: list[JobRecord] = []
        now_ms = self._now_ms()
        for stream in self._keys.streams:
            if not await self._groups(stream):
                continue
            claims = await self._link.ask("XPENDING", stream, "g", "-", "+", MOST_LISTED)
            for entry, _, idle_ms, _ in claims:
                rows = await self._link.ask("XRANGE", stream, entry, entry)
                fields = ((dict(_pairs(row)), now_ms - idle_ms) for _, row in rows)
                found += _records(JobState.RUNNING, fields)
        return found

    async def _delayed(self) -> list[JobRecord]:
        found: list[JobRecord] = []
        for kind in KINDS:
            keys = await self._link.ask("ZRANGE", self._keys.later(kind), 0, MOST_LISTED)
            for key in keys:
                fields = await self._fields(self._keys.record(key.decode()))
                found += _records(JobState.DELAYED, [({**fields, b"k": key}, None)])
        return found

    async def _dead(self) -> list[JobRecord]:
        names = await self._link.ask("ZRANGE", self._keys.letters, 0, -1)
        letters = [
            self._letter(await self._fields(self._keys.letter(name.decode()))) for name in names
        ]
        return [letter for letter in letters if letter is not None]

    async def _fields(self, key: str) -> Mapping[bytes, bytes]:
        fields: Mapping[bytes, bytes] = await self._link.ask("HGETALL", key)
        return fields

    async def _groups(self, stream: str) -> Any:
        if not await self._link.ask("EXISTS", stream):
            return []
        return await self._link.ask("XINFO", "GROUPS", stream)

    def _letter(self, fields: Mapping[bytes, bytes]) -> JobRecord | None:
        return next(iter(_records(JobState.DEAD, [(fields, None)])), None)

    def _now_ms(self) -> int:
        return int(time.time() * 1000) + self._shift()


def _records(
    state: JobState, found: Iterable[tuple[Mapping[bytes, bytes], int | None]]
) -> list[JobRecord]:
    records = []
    for fields, since_ms in found:
        if b"b" not in fields:
            continue
        job = _job(fields)
        error = job.history[-1].error if job.history else None
        since = from_milliseconds(int(fields[b"s"]) if since_ms is None else since_ms)
        records.append(JobRecord(job, state, since, error))
    return records


def _job(fields: Mapping[bytes, bytes]) -> Job:
    try:
        return decode(fields[b"b"], int(fields[b"a"]), 0, fields[b"h"])
    except (UnreadableEnvelope, ValueError):
        # An envelope of another version: it is listed all the same.
        kind = fields[b"t"].decode(errors="replace")
        known = JobKind(kind) if kind in tuple(JobKind) else JobKind.MAINTENANCE
        key = fields[b"k"].decode(errors="replace")
        return Job(key, known, history=decode_history(fields[b"h"]))


def _pairs(row: list[bytes]) -> Iterable[tuple[bytes, bytes]]:
    return zip(row[::2], row[1::2], strict=True)
