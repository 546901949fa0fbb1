"""What `wildside users` needs of the house: the store and the use cases of accounts, and nothing that runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from wildside.app_storage import opened_storage
from wildside.inbound.cli.users import OpenPeople, People
from wildside.outbound.machine import RandomIds, SystemClock
from wildside.outbound.passwords import Argon2Passwords
from wildside.outbound.persistence.postgres.pool import Reach
from wildside.outbound.sign_outs.memory import MemorySignOuts
from wildside.use_cases.administer import Administer
from wildside.use_cases.sign_in import SignIn


def open_people(folder: Path, reach: Reach | None = None) -> OpenPeople:
    """Opens the store for one command.

    Sockets belong to servers, which find out by themselves whom the command has signed out.
    """

    @asynccontextmanager
    async def opened() -> AsyncIterator[People]:
        clock, sign_outs = SystemClock(), MemorySignOuts()
        async with opened_storage(folder, reach) as storage:
            yield People(
                SignIn(storage, Argon2Passwords(), sign_outs, clock, RandomIds()),
                Administer(storage, sign_outs, clock),
            )

    return opened
