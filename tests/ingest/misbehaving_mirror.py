"""A real HTTP server on this machine that misbehaves on demand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast


@dataclass
class Mirror:
    """What is served, how the next requests go wrong, and what was asked for."""

    content: bytes
    etag: str = '"one"'
    faults: list[str] = field(default_factory=list)  # one for each request, in order; then none
    ranges: list[str | None] = field(default_factory=list)
    address: str = ""
    silence: threading.Event = field(default_factory=threading.Event)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    mirror: Mirror


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Nobody reads it."""

    def do_GET(self) -> None:
        """One answer, faulty if so ordered."""
        mirror = cast("_Server", self.server).mirror
        asked = self.headers.get("Range")
        mirror.ranges.append(asked)
        fault = mirror.faults.pop(0) if mirror.faults else ""
        begin = 0
        if asked and self.headers.get("If-Range") == mirror.etag:
            begin = int(asked.removeprefix("bytes=").removesuffix("-"))
        if fault.isdigit():
            self._answer(int(fault), b"")
        elif fault == "silent":
            mirror.silence.wait(30)
        elif begin >= len(mirror.content) and begin:
            self._answer(416, b"", **{"Content-Range": f"bytes */{len(mirror.content)}"})
        else:
            self._send(mirror, begin, fault)

    def _send(self, mirror: Mirror, begin: int, fault: str) -> None:
        body = mirror.content[begin:]
        headers = {"ETag": mirror.etag, "Content-Length": str(len(body))}
        if begin:
            shown = 0 if fault == "wrong range" else begin
            headers["Content-Range"] = (
                f"bytes {shown}-{len(mirror.content) - 1}/{len(mirror.content)}"
            )
        self.send_response(206 if begin else 200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if fault == "drop":
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.connection.close()
        elif fault == "stall":
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            mirror.silence.wait(30)
        elif fault == "trickle":
            while not mirror.silence.wait(0.02):
                self.wfile.write(b".")
        else:
            self.wfile.write(body)

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(mirror: Mirror) -> Iterator[Mirror]:
    """The mirror, listening on a free port until the block ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.mirror = mirror
    mirror.address = f"http://127.0.0.1:{server.server_port}/city.osm.pbf"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield mirror
    finally:
        mirror.silence.set()
        server.shutdown()
        thread.join()
        server.server_close()
