"""Does small chores again and again: owed jobs, old answers, the storage's own tidying."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import trio

from wildside.domain.events import ChoreFaulted
from wildside.ports import Journal


@dataclass(frozen=True, slots=True)
class Chore:
    """Something done every so often; the first time at start."""

    name: str
    every_seconds: float
    act: Callable[[], Awaitable[object]]


async def do_chores(
    chores: tuple[Chore, ...],
    journal: Journal,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Runs until cancelled; the chores do not wait for each other."""
    async with trio.open_nursery() as nursery:
        for chore in chores:
            nursery.start_soon(_repeat, chore, journal)
        task_status.started()


async def _repeat(chore: Chore, journal: Journal) -> None:
    while True:
        # Supervised: a chore that fails is tried again at its next time.
        try:
            await chore.act()
        except Exception as error:  # noqa: BLE001 - supervised here
            journal.note(ChoreFaulted(chore.name, error))
        await trio.sleep(chore.every_seconds)
