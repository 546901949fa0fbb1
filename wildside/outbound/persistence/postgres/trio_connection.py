"""A psycopg connection that waits on trio: the one file that touches psycopg's private names.

psycopg does all its work in generators that yield "wait until this socket can be read (or written)"
and its AsyncConnection lets asyncio do the waiting. Here trio waits. What is private and could change
with a minor version: `_connect_gen`, `_cancel_gen`, `_conninfo_attempts`, the steps of
`Cursor._execute_gen`, and that every operation goes through `wait`; hence psycopg is pinned below 3.4.
"""

from __future__ import annotations

import ipaddress
import select
from collections.abc import Callable, Generator, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import psycopg
import trio
from psycopg import generators, pq
from psycopg._conninfo_attempts import conninfo_attempts
from psycopg._preparing import Prepare
from psycopg.abc import Buffer, ConnDict
from psycopg.adapt import AdaptersMap, Loader
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import AsyncRowFactory, DictRow, dict_row
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import TextBinaryLoader, TextLoader
from psycopg.waiting import Ready, Wait

# A cancelled statement is told to the server and waited for this long; then the line is cut instead.
CANCEL_SECONDS = 1.0
MOST_PREPARED = 400  # a statement of ours has one plan a connection, and there are not so many
_READABLE = select.POLLIN | select.POLLHUP | select.POLLERR

Result = TypeVar("Result")


class _BinaryJsonb(Loader):
    """JSONB as text: the first byte tells the version of the form."""

    format = pq.Format.BINARY

    def load(self, data: Buffer) -> str:
        return bytes(data[1:]).decode()


_ADAPTERS = AdaptersMap(psycopg.adapters)
# One type for all whole numbers: else 1 and 100,000 would make two plans of one statement.
_ADAPTERS.register_dumper(int, Int8Dumper)
for _loader in (TextLoader, TextBinaryLoader):
    _ADAPTERS.register_loader("json", _loader)
_ADAPTERS.register_loader("jsonb", TextLoader)
_ADAPTERS.register_loader("jsonb", _BinaryJsonb)
_AS_DICTS = cast("AsyncRowFactory[DictRow]", dict_row)


class OneAtATime:
    """psycopg's lock, without the waiting: one task owns a connection, one statement runs on it."""

    def __init__(self) -> None:
        self._is_taken = False

    async def __aenter__(self) -> None:
        if self._is_taken:
            raise psycopg.InterfaceError("another statement is under way on this connection")
        self._is_taken = True

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_taken = False


# Statements with their parameters, or None for those that have none and need no plan: BEGIN, COMMIT.
Packet = Sequence[tuple[bytes, Sequence[object] | None]]


class TrioCursor(psycopg.AsyncRawCursor[DictRow]):
    """A cursor that sends several statements at once and keeps the answer to the last."""

    def run_gen(self, packet: Packet) -> Generator[Any, Any, None]:
        """The statements in one packet, their answers in another; what fails keeps the later ones from running."""
        yield from self._start_query(packet[-1][0])
        if len(packet) == 1 or not self._send_together(packet):
            # The first time on this connection: each statement is prepared, step by step.
            yield from self._one_by_one(packet)
            return
        line = self._pgconn
        yield from generators.send(line)
        answers: list[list[pq.abc.PGresult]] = [[] for _ in packet]
        for number in range(len(packet)):
            answers[number] = yield from generators.fetch_many(line)
        yield from generators.fetch_many(line)  # the end of the packet
        line.exit_pipeline_mode()
        for answer in answers:
            self._check_results(answer)
        self._set_results(answers[-1])

    def _send_together(self, packet: Packet) -> bool:
        """Makes the packet; False, and nothing is done, where one statement has no plan here yet."""
        sends: list[Callable[[], None]] = []
        line = self._pgconn
        for query, parameters in packet:
            if parameters is None:
                sends.append(partial(line.send_query_params, query, None))
                continue
            planned = self._convert_query(query, parameters)
            prepared, name = self._get_prepared(planned, True)
            if prepared is not Prepare.YES:
                return False
            sends.append(
                partial(
                    line.send_query_prepared,
                    name,
                    planned.params,
                    param_formats=planned.formats,
                    result_format=pq.Format.BINARY,
                )
            )
        line.enter_pipeline_mode()
        for send in sends:
            send()
        line.pipeline_sync()
        return True

    def _one_by_one(self, packet: Packet) -> Generator[Any, Any, None]:
        for query, parameters in packet:
            if parameters is None:
                yield from self._start_query(query)
                self._pgconn.send_query(query)
                answers = yield from generators.execute(self._pgconn)
                self._check_results(answers)
                self._set_results(answers)
            else:
                yield from self._execute_gen(query, parameters, prepare=True, binary=True)


class TrioConnection(psycopg.AsyncConnection[DictRow]):
    """One connection in autocommit mode; rows are dicts, JSON comes as text, whole numbers go as int8.

    A statement that is cancelled is cancelled on the server too. The connection is of use
    afterwards unless the server did not answer in time: then it is closed.
    """

    def __init__(
        self,
        pgconn: pq.abc.PGconn,
        row_factory: AsyncRowFactory[DictRow] = _AS_DICTS,
    ) -> None:
        super().__init__(pgconn, row_factory)
        self.lock = cast("Any", OneAtATime())
        self.cursor_factory = TrioCursor
        self._autocommit = True
        # Ours are few and all worth a plan: the first use prepares.
        self.prepare_threshold = 0
        self.prepared_max = MOST_PREPARED
        self.owes_answer = False
        self._poll = select.poll()
        self._poll.register(pgconn.socket, select.POLLIN)
        self._adapters = AdaptersMap(_ADAPTERS)
        # Making one costs as much as a short statement.
        self._cursor = TrioCursor(self)

    @classmethod
    async def open(cls, conninfo: str, **more: str | int) -> Self:
        """A new connection; psycopg.OperationalError where none of its hosts can be reached."""
        parameters = conninfo_to_dict(conninfo, **more)
        find_attempts = partial(conninfo_attempts, parameters)
        if _names_hosts(parameters):
            # The resolver blocks.
            attempts = await trio.to_thread.run_sync(find_attempts, abandon_on_cancel=True)
        else:
            attempts = find_attempts()
        failure: psycopg.Error | None = None
        for attempt in attempts:
            try:
                return await _wait_for_changing(cls._connect_gen(make_conninfo("", **attempt)))
            except psycopg.Error as error:
                failure = error
        raise failure or psycopg.OperationalError("there is no host to connect to")

    async def script(self, sql: str) -> psycopg.AsyncCursor[DictRow]:
        """Statements without parameters, as many as you like, sent once and not prepared."""
        return await self.execute(sql.encode(), prepare=False)

    async def run(self, packet: Packet) -> psycopg.AsyncCursor[DictRow]:
        """Statements in one journey to the server; the answer to the last, until the next packet."""
        async with self.lock:
            await self.wait(self._cursor.run_gen(packet))
        return self._cursor

    def commit_later(self) -> None:
        """Sends a COMMIT and does not wait for the answer, which says nothing after mere reading."""
        self.pgconn.send_query(b"COMMIT")
        self.pgconn.flush()
        self.owes_answer = True

    async def settle(self) -> None:
        """Hears the answer that is still owed; an error where the line died meanwhile."""
        if self.owes_answer:
            self.owes_answer = False
            # Usually it has arrived long ago, and nothing needs to be waited for.
            self.pgconn.consume_input()
            async with self.lock:
                results = await self.wait(generators.execute(self.pgconn))
            for result in results:
                if result.status == pq.ExecStatus.FATAL_ERROR:
                    raise psycopg.errors.error_from_result(result)

    @property
    def has_news(self) -> bool:
        """Whether the server has sent something unasked: on an idle connection that is its farewell."""
        return bool(self._poll.poll(0))

    async def wait(
        self,
        gen: Generator[Any, Any, Result],
        interval: float = 0.0,  # noqa: ARG002 - psycopg's signature; deadlines are trio's business
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - likewise
    ) -> Result:
        """Runs one of psycopg's generators."""
        try:
            return await _wait_for(gen, self.pgconn.socket)
        except trio.Cancelled:
            if self.pgconn.transaction_status == pq.TransactionStatus.ACTIVE:
                await self._stop(gen)
            raise

    async def cancel_safe(
        self,
        *,
        timeout: float = CANCEL_SECONDS,  # noqa: ASYNC109 - psycopg's signature
    ) -> None:
        """Asks the server, over a connection of its own, to stop what it does for this one."""
        if self.closed:
            return
        with trio.fail_after(timeout):
            await _wait_for_changing(self._cancel_gen())

    async def _stop(self, gen: Generator[Any, Any, Any]) -> None:
        """Cancels on the server and hears its last word; a server that does not answer is left."""
        heard = False
        with trio.move_on_after(CANCEL_SECONDS, shield=True):
            try:
                await self.cancel_safe()
                await _wait_for(gen, self.pgconn.socket)
                heard = True
            except psycopg.errors.QueryCanceled:
                heard = True
            except (psycopg.Error, trio.TooSlowError):
                heard = False
        if not heard or self.pgconn.transaction_status == pq.TransactionStatus.ACTIVE:
            self.pgconn.finish()


def _names_hosts(parameters: ConnDict) -> bool:
    """Whether one of the hosts is a name, neither an address nor the folder of a socket."""
    if parameters.get("hostaddr"):
        return False
    hosts = str(parameters.get("host") or "").split(",")
    return any(host and not host.startswith("/") and not _is_address(host) for host in hosts)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def _wait_for(gen: Generator[Any, Any, Result], descriptor: int) -> Result:
    """Runs a generator that yields what it waits for on one socket."""
    waited = False
    try:
        wanted = next(gen)
        while True:
            waited = True
            wanted = gen.send(await _ready(descriptor, wanted))
    except StopIteration as done:
        if not waited:
            # A COPY whose socket takes all it is given never waits; others want to run too.
            await trio.lowlevel.cancel_shielded_checkpoint()
        return cast("Result", done.value)
    except OSError as error:
        raise psycopg.OperationalError("the connection was closed meanwhile") from error


async def _wait_for_changing(gen: Generator[Any, Any, Result]) -> Result:
    """The same for connecting, which goes from socket to socket."""
    try:
        descriptor, wanted = next(gen)
        while True:
            descriptor, wanted = gen.send(await _ready(descriptor, wanted))
    except StopIteration as done:
        return cast("Result", done.value)
    except OSError as error:
        raise psycopg.OperationalError("the connection was closed meanwhile") from error


async def _ready(descriptor: int, wanted: Wait) -> Ready:
    """What the socket is ready for, as soon as it is ready for something wanted."""
    if wanted == Wait.R:
        await trio.lowlevel.wait_readable(descriptor)
        return Ready.R
    if wanted == Wait.W:
        await trio.lowlevel.wait_writable(descriptor)
        return Ready.W
    at_once = _ready_now(descriptor)
    if at_once:
        # A long COPY finds its socket ready every time; others want to run too.
        await trio.lowlevel.checkpoint()
        return at_once
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_first, trio.lowlevel.wait_readable, descriptor, nursery.cancel_scope)
        nursery.start_soon(_first, trio.lowlevel.wait_writable, descriptor, nursery.cancel_scope)
    return _ready_now(descriptor)


async def _first(wait: Any, descriptor: int, others: trio.CancelScope) -> None:
    await wait(descriptor)
    others.cancel()


def _ready_now(descriptor: int) -> Ready:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN | select.POLLOUT)
    ready = Ready.NONE
    for _, events in poll.poll(0):
        if events & _READABLE:
            ready = Ready(ready | Ready.R)
        if events & select.POLLOUT:
            ready = Ready(ready | Ready.W)
    return ready
