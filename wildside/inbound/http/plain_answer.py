"""The answer to a plain request: ASGI's messages made into bytes, head and body in one write."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import trio
from hypercorn.config import Config

from wildside.inbound.http.asgi import Message
from wildside.inbound.http.plain_request import PlainRequest

_BODILESS = frozenset({204, 304})


class _ServerHeaders:
    """What hypercorn adds to every answer, such as the date; it changes once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._lines = b""

    def lines(self, config: Config) -> bytes:
        second = int(time.time())
        if second != self._second:
            self._lines = _header_lines(config.response_headers("h11"))
            self._second = second
        return self._lines


_server_headers = _ServerHeaders()


class PlainAnswer:
    """One answer under way; `is_last` says whether the connection ends with it."""

    def __init__(
        self,
        request: PlainRequest,
        write: Callable[[bytes], Awaitable[None]],
        config: Config,
        ends: Callable[[], bool],
    ) -> None:
        self.is_last = False
        self._ends = ends
        self._request = request
        self._write = write
        self._config = config
        self._start: Message | None = None
        self._has_body = True
        self._is_chunked = False
        self._is_given = False

    async def receive(self) -> Message:
        """The body, whole; nothing more comes, since the reader itself runs the application."""
        if self._is_given:
            await trio.sleep_forever()
        self._is_given = True
        return {"type": "http.request", "body": self._request.body, "more_body": False}

    async def send(self, message: Message) -> None:
        """Takes ASGI's messages; the first part of the body takes the head along."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        more = message.get("more_body", False)
        head = b""
        if self._start is not None:
            head = self._head(self._start, is_whole=not more)
            self._start = None
        body = message.get("body", b"") if self._has_body else b""
        if self._is_chunked:
            body = (b"%x\r\n%b\r\n" % (len(body), body)) if body else b""
            if not more:
                body += b"0\r\n\r\n"
        if head or body:
            await self._write(head + body)

    def _head(self, start: Message, *, is_whole: bool) -> bytes:
        status: int = start["status"]
        headers: list[tuple[bytes, bytes]] = list(start["headers"])
        self._has_body = self._request.method != "HEAD" and status not in _BODILESS
        names = {name for name, _ in headers}
        self.is_last = (b"connection", b"close") in headers
        if not self.is_last and self._ends():
            self.is_last = True
            headers.append((b"connection", b"close"))
        if b"content-length" not in names and self._has_body:
            if is_whole:
                raise ValueError("an answer in one piece says how long it is")
            self._is_chunked = True
            headers.append((b"transfer-encoding", b"chunked"))
        own = _header_lines(headers)
        return b"HTTP/1.1 %d \r\n%b%b\r\n" % (status, own, _server_headers.lines(self._config))


def _header_lines(headers: list[tuple[bytes, bytes]]) -> bytes:
    """The headers as lines; one that holds a line's end would say something we did not."""
    lines = b"".join([b"%b: %b\r\n" % header for header in headers])
    if lines.count(b"\n") != len(headers) or lines.count(b"\r") != len(headers) or b"\0" in lines:
        raise ValueError("a header holds the end of a line")
    return lines
