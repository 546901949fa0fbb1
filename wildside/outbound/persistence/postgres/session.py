"""Statements run on one connection: each has a deadline, is timed, and is told of."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

import psycopg
import trio
from psycopg.rows import DictRow

from wildside.domain.errors import Unavailable
from wildside.domain.events import StatementRan
from wildside.outbound.persistence.postgres.errors import NO_ANSWER
from wildside.outbound.persistence.postgres.statements import Statement
from wildside.outbound.persistence.postgres.trio_connection import TrioConnection

# The server ends a statement at its deadline by itself; what is heard nothing of is cut a little later.
GRACE_SECONDS = 1.0
BEGIN_SECONDS = 2.0
Result = TypeVar("Result")


class Session:
    """A connection lent to one unit of work.

    `statement_seconds` is what a statement may take, on the server and on the way.
    """

    def __init__(
        self, connection: TrioConnection, statement_seconds: float, hear: Callable[[object], None]
    ) -> None:
        self.connection = connection
        self._patience_seconds = statement_seconds + GRACE_SECONDS
        self._hear = hear

    async def rows(self, statement: Statement, *parameters: object) -> list[DictRow]:
        """What the statement finds."""
        cursor = await self._run(statement, parameters)
        return await cursor.fetchall()

    async def row(self, statement: Statement, *parameters: object) -> DictRow | None:
        """The first row of what the statement finds."""
        cursor = await self._run(statement, parameters)
        return await cursor.fetchone()

    async def run(self, statement: Statement, *parameters: object) -> int:
        """How many rows the statement changed."""
        cursor = await self._run(statement, parameters)
        return cursor.rowcount

    async def copy_in(self, statement: Statement, rows: Iterable[Sequence[object]]) -> None:
        """COPY … FROM STDIN; an error of `rows` undoes it, and the transaction with it."""

        async def copy_all() -> None:
            async with self.connection.cursor().copy(statement.sql) as copy:
                for row in rows:
                    await copy.write_row(row)

        await self._timed(statement.name, copy_all())

    async def begin(self, how: str) -> None:
        """Begins a transaction, which takes no time: a line on which it does is dead."""
        try:
            with trio.fail_after(BEGIN_SECONDS):
                await self.connection.script(how)
        except trio.TooSlowError as error:
            raise Unavailable(NO_ANSWER) from error

    async def end_reading(self) -> None:
        """Lets the snapshot go. By a COMMIT: psycopg forgets every prepared statement at a ROLLBACK."""
        await self._within_patience(self.connection.script("COMMIT"))

    async def commit(self) -> None:
        """Commits, whoever hangs up meanwhile; Unavailable where nothing could be stored.

        The answer to COMMIT is the only word on whether things are stored, so it is waited for.
        """
        with trio.CancelScope(shield=True):
            cursor = await self._timed("commit", self.connection.script("COMMIT"))
        if cursor.statusmessage != "COMMIT":
            # Somebody went on after a statement had failed: the server has undone everything.
            raise psycopg.InternalError("a failed transaction cannot be committed")

    async def _run(
        self, statement: Statement, parameters: Sequence[object]
    ) -> psycopg.AsyncCursor[DictRow]:
        running = self.connection.execute(statement.sql, parameters, binary=True)
        return await self._timed(statement.name, running)

    async def _timed(self, name: str, running: Awaitable[Result]) -> Result:
        began_at = time.perf_counter()
        try:
            return await self._within_patience(running)
        finally:
            self._hear(StatementRan(name, time.perf_counter() - began_at))

    async def _within_patience(self, running: Awaitable[Result]) -> Result:
        try:
            with trio.fail_after(self._patience_seconds):
                return await running
        except trio.TooSlowError as error:
            raise Unavailable("the database took too long") from error
