"""One walker's open socket: an actor whose mailbox is the socket's outbox."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Hashable, MutableMapping
from dataclasses import dataclass
from typing import Any

import msgspec
import trio

from actors import Actor, MailboxRule, Overflow
from wildside.domain.errors import WildsideError
from wildside.domain.identifiers import TraceId
from wildside.domain.moments import microseconds
from wildside.domain.traffic import SocketMessage
from wildside.inbound.http.shapes import timestamp
from wildside.inbound.ws.messages import ErrorMessage, RouteGenerationStatus, status_message
from wildside.ports import Clock, Journal, Told

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
# Words that wait for a reader who is slow; each request has one place, so this many requests.
OUTBOX_ROOM = 64
GOING_AWAY = 1001
TRY_AGAIN_LATER = 1013


@dataclass(frozen=True, slots=True)
class Refused:
    """The walker's own message could not be used."""

    error: WildsideError
    trace_id: TraceId


@dataclass(frozen=True, slots=True)
class Leave:
    """Say goodbye and end."""

    code: int
    reason: str


Word = Told | Refused | Leave
_numbers = itertools.count()


def place_in_outbox(word: object) -> Hashable:
    """A newer word about a request takes the place of one that still waits."""
    return word.progress.request_id if isinstance(word, Told) else next(_numbers)


OUTBOX = MailboxRule(capacity=OUTBOX_ROOM * 2, overflow=Overflow.COALESCE, key=place_in_outbox)


class Session(Actor[Word]):
    """Says each word in turn; waits for the reader, who may be slow, while newer words replace older.

    `goodbye` is set once the closing frame is out: a session that ends without it has crashed.
    """

    def __init__(
        self, send: Send, clock: Clock, journal: Journal, heard_until: int, goodbye: trio.Event
    ) -> None:
        self._send = send
        self._clock = clock
        self._journal = journal
        self._last_id = heard_until
        self._goodbye = goodbye

    async def receive(self, message: Word) -> None:
        """One message over the wire."""
        match message:
            case Told():
                await self._say(status_message(message), "route_generation_status")
            case Refused(error, trace_id):
                now = self._clock.now()
                said = ErrorMessage(
                    microseconds(now), timestamp(now), trace_id, error.code, error.message
                )
                await self._say(said, "error")
            case Leave(code, reason):
                await self._send({"type": "websocket.close", "code": code, "reason": reason})
                self._goodbye.set()
                self.context.stop()

    async def _say(self, message: RouteGenerationStatus | ErrorMessage, kind: str) -> None:
        # A word that took an older one's place may have overtaken others: ids grow all the same.
        self._last_id = max(self._last_id + 1, message.id)
        message.id = self._last_id
        text = msgspec.json.encode(message).decode()
        await self._send({"type": "websocket.send", "text": text})
        self._journal.note(SocketMessage("out", kind))
