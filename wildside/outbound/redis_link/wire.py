"""One connection: commands go out together as they come, answers come back in the same order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import outcome
import trio
from hiredis import ProtocolError, PushNotification, Reader

from wildside.outbound.redis_link.errors import RedisAway
from wildside.outbound.redis_link.speech import pack

MOST_UNDERWAY = 10_000  # commands sent and not answered; whoever asks beyond them waits for room
MOST_UNSENT_BYTES = 4 * 1024 * 1024  # a Redis that does not read must not fill our memory
RECEIVE_BYTES = 65_536
_PING = pack(("PING",))
_BROKEN = (trio.BrokenResourceError, trio.ClosedResourceError, ProtocolError)

Heard = Callable[[list[bytes]], None]


class _Slot:
    """Where one answer goes: nowhere, once its asker has gone."""

    __slots__ = ("asked_at", "asker")

    def __init__(self, asker: trio.lowlevel.Task | None, asked_at: float) -> None:
        self.asker = asker
        self.asked_at = asked_at


class Wire:
    """A connection after its handshake.

    Redis answers in order, so the oldest unanswered command stands for all: one that waits longer
    than `answer_seconds` breaks the connection, and everybody who waits on it is told. An asker who
    is cancelled leaves their slot behind; the answer falls into it and reaches nobody else.
    """

    def __init__(
        self,
        stream: trio.abc.Stream,
        reader: Reader,
        *,
        answer_seconds: float,
        hear: Heard | None = None,
    ) -> None:
        self._stream = stream
        self._reader = reader
        self._answer_seconds = answer_seconds
        self._hear = hear
        self._slots: deque[_Slot] = deque()
        self._unsent: list[bytes] = []
        self._unsent_bytes = 0
        self._something_unsent = trio.Event()
        self._room = trio.Event()
        self._heard_at = trio.current_time()
        self._broken: str | None = None
        self._scope = trio.CancelScope()

    async def run(self) -> str:
        """Carries commands and answers until the connection breaks; says why it did."""
        try:
            with self._scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._write)
                    nursery.start_soon(self._read)
                    nursery.start_soon(self._watch)
        finally:
            self.break_off("the connection was closed")
            # Whatever was sent in part cannot be taken back: nothing may follow it.
            await trio.aclose_forcefully(self._stream)
        return self._broken or ""

    def break_off(self, why: str) -> None:
        """Ends the connection; whoever waits for an answer hears RedisAway."""
        if self._broken is None:
            self._broken = why
        while self._slots:
            slot = self._slots.popleft()
            if slot.asker is not None:
                asker, slot.asker = slot.asker, None
                away = RedisAway(self._broken, maybe_done=True)
                trio.lowlevel.reschedule(asker, outcome.Error(away))
        self._room.set()
        self._scope.cancel()

    async def ask(self, packed: bytes) -> object:
        """Redis's answer as the parser gives it, refusals included.

        Raises RedisAway where the connection broke.
        """
        await trio.lowlevel.checkpoint_if_cancelled()
        while self._is_full() and self._broken is None:
            await self._room.wait()
        if self._broken is not None:
            raise RedisAway(self._broken)
        slot = _Slot(trio.lowlevel.current_task(), trio.current_time())

        def leave(_: object) -> trio.lowlevel.Abort:
            slot.asker = None
            return trio.lowlevel.Abort.SUCCEEDED

        self._put(slot, packed)
        return await trio.lowlevel.wait_task_rescheduled(leave)

    def tell(self, packed: bytes) -> None:
        """Sends a command that is not answered in order, such as SUBSCRIBE under RESP3."""
        if self._broken is None:
            self._send(packed)

    def _is_full(self) -> bool:
        return len(self._slots) >= MOST_UNDERWAY or self._unsent_bytes >= MOST_UNSENT_BYTES

    def _put(self, slot: _Slot, packed: bytes) -> None:
        self._slots.append(slot)
        self._send(packed)

    def _send(self, packed: bytes) -> None:
        self._unsent.append(packed)
        self._unsent_bytes += len(packed)
        self._something_unsent.set()

    async def _write(self) -> None:
        while True:
            if not self._unsent:
                self._something_unsent = trio.Event()
                await self._something_unsent.wait()
            batch = b"".join(self._unsent)
            self._unsent.clear()
            try:
                await self._stream.send_all(batch)
            except _BROKEN as error:
                self.break_off(f"sending failed: {in_words(error)}")
                return
            self._unsent_bytes -= len(batch)
            self._tell_room()

    async def _read(self) -> None:
        reader, receive = self._reader, self._stream.receive_some
        try:
            while True:
                # The handshake may have received more than its own answers.
                while (answer := reader.gets()) is not False:
                    self._hand_out(answer)
                self._tell_room()
                received = await receive(RECEIVE_BYTES)
                if not received:
                    self.break_off("Redis closed the connection")
                    return
                self._heard_at = trio.current_time()
                reader.feed(bytes(received))
        except _BROKEN as error:
            self.break_off(f"receiving failed: {in_words(error)}")

    def _hand_out(self, answer: object) -> None:
        if answer.__class__ is PushNotification:
            if self._hear is not None and isinstance(answer, list):
                self._hear(answer)
            return
        slot = self._slots.popleft()
        if slot.asker is not None:
            asker, slot.asker = slot.asker, None
            trio.lowlevel.reschedule(asker, outcome.Value(answer))

    def _tell_room(self) -> None:
        if not self._is_full() and not self._room.is_set():
            self._room.set()
            self._room = trio.Event()

    async def _watch(self) -> None:
        while True:
            await trio.sleep(self._answer_seconds / 4)
            now = trio.current_time()
            if self._slots:
                if now - self._slots[0].asked_at >= self._answer_seconds:
                    self.break_off(f"no answer within {self._answer_seconds:g} s")
                    return
            elif now - self._heard_at >= self._answer_seconds:
                # A peer that vanished without a word is noticed by asking it something.
                self._put(_Slot(None, now), _PING)


def in_words(error: BaseException) -> str:
    """What to tell operators; trio keeps the reason in the cause."""
    return str(error.__cause__ or error) or type(error).__name__
