"""A bounded number of connections, lent one unit of work at a time, mended when the server was away."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psycopg
import structlog
import trio
from psycopg import pq

from wildside.domain.errors import Unavailable
from wildside.outbound.persistence.postgres.errors import NO_ANSWER
from wildside.outbound.persistence.postgres.session import Line, Session
from wildside.outbound.persistence.postgres.trio_connection import TrioConnection

# A firewall may have forgotten a line that was silent for so long, and tells nobody.
DOUBTFUL_SECONDS = 60.0
IDLE_SECONDS = 300.0  # what was not needed for five minutes is given back to the server
LONGEST_LIFE_SECONDS = 3600.0  # a server's process grows with what its caches have seen
UNDO_SECONDS = 1.0
# What was sent and is not even acknowledged by then was sent into a void: a machine that is gone.
TCP_USER_TIMEOUT_MILLISECONDS = 5000
RETRY_AFTER_SECONDS = 2  # what a walker without a connection is told: units of work are short

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reach:
    """Which database, how many connections at most, and how patient to be."""

    url: str
    most_connections: int = 10
    acquire_seconds: float = 5.0
    statement_seconds: float = 10.0
    connect_seconds: float = 3.0


class Pool:
    """Lends connections with a transaction begun on them; the last given back is lent first.

    `hear` is told of each statement that ran.
    """

    def __init__(self, reach: Reach, hear: Callable[[object], None]) -> None:
        self._reach = reach
        self.hear = hear
        self._room = trio.Semaphore(reach.most_connections)
        self._idle: deque[Line] = deque()
        self._lent = 0
        self._is_closed = False
        self._is_away = False

    @property
    def lent(self) -> int:
        """How many connections work right now."""
        return self._lent

    @property
    def idle(self) -> int:
        """How many connections wait for work."""
        return len(self._idle)

    @asynccontextmanager
    async def transaction(self, begin: str | None) -> AsyncIterator[Session]:
        """A session within a transaction; what is not committed by the end is undone.

        `begin` None: one question is asked, without a transaction.

        Raises Unavailable where no connection is free in time or the server does not answer.
        """
        await self._take_room()
        self._lent += 1
        try:
            line = await self._idle_line() or await self._new_line()
            session = Session(
                line, begin, self._reach.statement_seconds, self.hear, self._instead_of
            )
            try:
                yield session
            finally:
                await self._give_back(session.line)
        finally:
            self._lent -= 1
            self._room.release()

    def tidy(self) -> None:
        """Closes what nobody has needed for long."""
        now = trio.current_time()
        while self._idle and now - (self._idle[0].given_back_at or 0.0) > IDLE_SECONDS:
            self._idle.popleft().connection.pgconn.finish()

    def close(self) -> None:
        """Closes what is idle; what is lent is closed when it comes back."""
        self._is_closed = True
        self._forget_idle()

    async def _take_room(self) -> None:
        try:
            # Whoever waits is served by whoever gives back: nobody is overtaken here.
            self._room.acquire_nowait()
        except trio.WouldBlock:
            await self._wait_for_room()

    async def _wait_for_room(self) -> None:
        with trio.move_on_after(self._reach.acquire_seconds):
            await self._room.acquire()
            return
        raise Unavailable(
            f"all {self._reach.most_connections} connections to the database are in use",
            retry_after_seconds=RETRY_AFTER_SECONDS,
        )

    async def _instead_of(self, dead: Line) -> Line:
        """A new line; where one has died the idle ones have too, and would each cost a try."""
        dead.connection.pgconn.finish()
        self._forget_idle()
        return await self._new_line()

    async def _idle_line(self) -> Line | None:
        while self._idle:
            line = self._idle.pop()
            is_alive = False
            try:
                is_alive = await self._is_alive(line)
            finally:
                # Also where its asker hung up meanwhile: it is in nobody's hands then.
                if not is_alive:
                    line.connection.pgconn.finish()
            if is_alive:
                return line
        return None

    async def _is_alive(self, line: Line) -> bool:
        connection = line.connection
        try:
            if connection.owes_answer:
                await self._within_a_moment(connection.settle())
            if connection.closed or connection.has_news:
                return False
            if trio.current_time() - (line.given_back_at or 0.0) >= DOUBTFUL_SECONDS:
                await self._within_a_moment(connection.script("SELECT 1"))
        except (psycopg.Error, trio.TooSlowError):
            return False
        return True

    async def _within_a_moment(self, running: Awaitable[object]) -> None:
        with trio.fail_after(UNDO_SECONDS):
            await running

    async def _new_line(self) -> Line:
        try:
            with trio.fail_after(self._reach.connect_seconds):
                line = Line(await self._connected(), trio.current_time())
        except trio.TooSlowError as error:
            self._tell_that_it_is_away("no answer in time")
            raise Unavailable(NO_ANSWER) from error
        except psycopg.Error as error:
            self._tell_that_it_is_away(str(error))
            raise
        if self._is_away:
            self._is_away = False
            log.info("the database is back")
        return line

    async def _connected(self) -> TrioConnection:
        connection = await TrioConnection.open(
            self._reach.url,
            application_name="wildside",
            keepalives_idle=15,
            keepalives_interval=5,
            keepalives_count=3,
            tcp_user_timeout=TCP_USER_TIMEOUT_MILLISECONDS,
        )
        try:
            await connection.script(_settings(self._reach.statement_seconds))
        except BaseException:
            connection.pgconn.finish()
            raise
        return connection

    def _tell_that_it_is_away(self, why: str) -> None:
        # Once, not for every walker who is turned away meanwhile.
        if not self._is_away:
            self._is_away = True
            log.error("the database is away", why=why)

    async def _give_back(self, line: Line) -> None:
        connection, now = line.connection, trio.current_time()
        if _status(connection) in _UNDONE_BY_ROLLBACK:
            await self._undo(connection)
        is_old = now - line.made_at > LONGEST_LIFE_SECONDS
        is_clean = connection.owes_answer or _status(connection) == pq.TransactionStatus.IDLE
        if self._is_closed or is_old or not is_clean:
            connection.pgconn.finish()
            return
        line.given_back_at = now
        self._idle.append(line)

    async def _undo(self, connection: TrioConnection) -> None:
        with trio.move_on_after(UNDO_SECONDS, shield=True):
            try:
                await connection.script("ROLLBACK")
            except psycopg.Error as error:
                log.warning("rolling back failed; closing the connection", why=str(error))

    def _forget_idle(self) -> None:
        while self._idle:
            self._idle.pop().connection.pgconn.finish()


_UNDONE_BY_ROLLBACK = (pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR)


def _status(connection: TrioConnection) -> int:
    return connection.pgconn.transaction_status


def _settings(statement_seconds: float) -> str:
    """What every connection asks of the server, in one go."""
    milliseconds = int(statement_seconds * 1000)
    return (
        "SET timezone TO 'UTC';"
        f"SET statement_timeout TO {milliseconds};"
        # A server of ours that froze in the middle of a write must not hold its locks for ever.
        f"SET idle_in_transaction_session_timeout TO {2 * milliseconds};"
        # Our statements read few rows of big tables: compiling them costs more than it saves.
        "SET jit TO off"
    )
