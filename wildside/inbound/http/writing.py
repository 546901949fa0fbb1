"""Writes through the use case that remembers answers, and says on the wire when one was remembered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from wildside.inbound.http.house import House
from wildside.inbound.http.message import Answer
from wildside.ports import Work
from wildside.use_cases import idempotency

Written = TypeVar("Written")
Prepared = TypeVar("Prepared")


async def kept(house: House, write: Callable[[Work], Awaitable[Written]]) -> Written:
    """What the write gives, committed; nothing is remembered under a key."""
    written: list[Written] = []

    async def act(work: Work) -> idempotency.Answer:
        written.append(await write(work))
        return idempotency.Answer(200)

    await house.answer_once.changing(None, act)
    return written[-1]


async def to_http(
    house: House, claim: idempotency.Claim | None, write: Callable[[Work], Awaitable[Answer]]
) -> Answer:
    """The write's answer, or the one remembered for its key."""

    async def act(work: Work) -> idempotency.Answer:
        return _remembered(await write(work))

    return _said(await house.answer_once.changing(claim, act))


async def prepared_to_http(
    house: House,
    claim: idempotency.Claim | None,
    prepare: Callable[[], Awaitable[Prepared]],
    write: Callable[[Work, Prepared], Awaitable[Answer]],
) -> Answer:
    """As `to_http`, with the slow part done before the store is locked."""

    async def act(work: Work, prepared: Prepared) -> idempotency.Answer:
        return _remembered(await write(work, prepared))

    return _said(await house.answer_once(claim, act, prepare))


def _remembered(answer: Answer) -> idempotency.Answer:
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    return idempotency.Answer(answer.status, answer.body, headers)


def _said(answer: idempotency.Answer) -> Answer:
    headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
    if answer.replayed:
        headers.append((b"idempotent-replayed", b"true"))
    return Answer(answer.status, answer.body, headers=tuple(headers))
