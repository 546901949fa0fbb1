"""Statements run on one connection: each has a deadline, is timed, and is told of."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import psycopg
import trio
from psycopg.rows import DictRow

from wildside.domain.errors import Unavailable
from wildside.domain.events import StatementRan
from wildside.outbound.persistence.postgres.statements import Statement
from wildside.outbound.persistence.postgres.trio_connection import TrioConnection

# The server ends a statement at its deadline by itself; what is heard nothing of is cut a little later.
GRACE_SECONDS = 1.0
_GOING = "57P"  # SQLSTATEs of a server that ends our connection
Result = TypeVar("Result")


@dataclass(slots=True)
class Line:
    """A connection, when it was made and when it was given back last, on trio's clock."""

    connection: TrioConnection
    made_at: float
    given_back_at: float | None = None


class Session:
    """A connection lent to one unit of work; its transaction begins with its first statement.

    `statement_seconds` is what a statement may take, on the server and on the way. `renew` gives
    another line for one that turned out to be dead. Where `begin` is None there is no transaction,
    and one question may be asked.
    """

    def __init__(
        self,
        line: Line,
        begin: str | None,
        statement_seconds: float,
        hear: Callable[[object], None],
        renew: Callable[[Line], Awaitable[Line]],
    ) -> None:
        self.line = line
        self._begin = begin
        self._has_begun = False
        self._waiting: list[tuple[Statement, Sequence[object]]] = []
        self._patience_seconds = statement_seconds + GRACE_SECONDS
        self._hear = hear
        self._renew = renew

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

    async def run_later(self, statement: Statement, *parameters: object) -> None:
        """Runs it on the way to the next statement or the commit, which raises what is wrong with it."""
        if self._has_begun:
            self._waiting.append((statement, parameters))
        else:
            # The journey that begins the work is made at once: a dead line is found out before a commit.
            await self._run(statement, parameters)

    async def copy_in(self, statement: Statement, rows: Iterable[Sequence[object]]) -> None:
        """COPY … FROM STDIN; an error of `rows` undoes it, and the transaction with it."""

        async def copy_all() -> None:
            async with self.line.connection.cursor().copy(statement.sql) as copy:
                for row in rows:
                    await copy.write_row(row)

        if not self._has_begun or self._waiting:
            raise psycopg.InterfaceError(
                "a copy is never the first of a work, nor sent with others"
            )
        await self._timed(statement.name, copy_all())

    def end_reading(self) -> None:
        """Lets the snapshot go. By a COMMIT: psycopg forgets every prepared statement at a ROLLBACK."""
        connection = self.line.connection
        if not self._has_begun or self._begin is None:
            return
        try:
            connection.commit_later()
        except psycopg.Error:
            # What was read was read; the line is of no more use.
            connection.pgconn.finish()

    async def commit(self) -> None:
        """Commits, whoever hangs up meanwhile; Unavailable where nothing could be stored.

        The answer to COMMIT is the only word on whether things are stored, so it is waited for.
        """
        if not self._has_begun:
            return
        with trio.CancelScope(shield=True):
            cursor = await self._sent("commit", (b"COMMIT", None))
        if cursor.statusmessage != "COMMIT":
            # Somebody went on after a statement had failed: the server has undone everything.
            raise psycopg.InternalError("a failed transaction cannot be committed")

    async def _run(
        self, statement: Statement, parameters: Sequence[object]
    ) -> psycopg.AsyncCursor[DictRow]:
        if self._begin is None:
            if self._has_begun:
                raise psycopg.InterfaceError("a glance asks one question")
            if not statement.sql.lstrip().startswith("SELECT"):
                raise psycopg.InterfaceError("a glance changes nothing")
        if self._has_begun:
            return await self._sent(statement.name, (statement.sql.encode(), parameters))
        self._has_begun = True
        return await self._timed(statement.name, self._run_first(statement, parameters))

    async def _run_first(
        self, statement: Statement, parameters: Sequence[object]
    ) -> psycopg.AsyncCursor[DictRow]:
        packet: list[tuple[bytes, Sequence[object] | None]] = []
        if self._begin is not None:
            packet.append((self._begin.encode(), None))
        packet.append((statement.sql.encode(), parameters))
        try:
            return await self.line.connection.run(packet)
        except psycopg.OperationalError as error:
            was_idle = self.line.given_back_at is not None
            if not (was_idle and _is_dead(self.line, error)):
                raise
        # Nothing of this work has been committed, nor anything been heard of it: it begins anew.
        self.line = await self._renew(self.line)
        return await self.line.connection.run(packet)

    async def _sent(
        self, name: str, last: tuple[bytes, Sequence[object] | None]
    ) -> psycopg.AsyncCursor[DictRow]:
        """The answer to the last of what has waited and this."""
        waiting, self._waiting = self._waiting, []
        before = [(statement.sql.encode(), parameters) for statement, parameters in waiting]
        return await self._timed(name, self.line.connection.run([*before, last]), waiting)

    async def _timed(
        self,
        name: str,
        running: Awaitable[Result],
        waiting: Sequence[tuple[Statement, Sequence[object]]] = (),
    ) -> Result:
        began_at = time.perf_counter()
        try:
            with trio.fail_after(self._patience_seconds):
                return await running
        except trio.TooSlowError as error:
            raise Unavailable("the database took too long") from error
        finally:
            seconds = time.perf_counter() - began_at
            for statement, _ in waiting:
                self._hear(StatementRan(statement.name, seconds))
            self._hear(StatementRan(name, seconds))


def _is_dead(line: Line, error: psycopg.OperationalError) -> bool:
    return line.connection.closed or (error.sqlstate or "").startswith(_GOING)
