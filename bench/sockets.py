"""Idle sockets held by one process: what each costs, and how late statuses are when many are told.

python -m bench.sockets [--quick] [--json FILE]

Ten thousand sockets of ten thousand walkers, each pinged as ever; a thousand statuses a second go to
one walker after the other. A status's delay runs from being told to being read by the other process.
Needs a limit of open files above the number of sockets (`ulimit -n`); takes what the limit allows.
"""

import json
import os
import resource
import select
import socket
import subprocess
import sys
import time
from typing import Any

from bench.harness import Row, arguments, report

SOCKETS, RATE = 10_000, 1_000
SPARE_FILES = 200
HELD_SECONDS = 11.0
PONG = b"\x8a\x80\x00\x00\x00\x00"
SERVERS_CORE, READERS_CORE = 0, 1


class Server:
    """The other process, asked over its pipes."""

    def __init__(self, walkers: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.sockets_ours", str(walkers)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if (os.cpu_count() or 1) > READERS_CORE:
            os.sched_setaffinity(self._process.pid, {SERVERS_CORE})
            os.sched_setaffinity(0, {READERS_CORE})

    def say(self, command: str) -> None:
        """A command; the answer comes by `hear`."""
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """The answer to the oldest command."""
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    @property
    def pipe(self) -> int:
        """Where an answer shows."""
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    def end(self) -> None:
        """Stdin ends, and so does it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


class Reader:
    """Every socket's client: answers pings, notes how old statuses are."""

    def __init__(self) -> None:
        self.delays: list[float] = []
        self._poll = select.epoll()
        self._sockets: dict[int, tuple[socket.socket, bytearray]] = {}

    def open(self, port: int, cookie: str) -> None:
        """One more socket, upgraded."""
        plain = socket.create_connection(("127.0.0.1", port))
        plain.sendall(
            f"GET /ws HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        data = bytearray()
        while b"\r\n\r\n" not in data:
            data += plain.recv(4096)
        if not data.startswith(b"HTTP/1.1 101"):
            raise RuntimeError(data.decode())
        plain.setblocking(False)
        del data[: data.index(b"\r\n\r\n") + 4]
        self._sockets[plain.fileno()] = (plain, data)
        self._poll.register(plain, select.EPOLLIN)

    def read(self, seconds: float, until_readable: int | None = None) -> None:
        """Whatever comes in this time, or until the pipe has something to say."""
        if until_readable is not None:
            self._poll.register(until_readable, select.EPOLLIN)
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            ready = self._poll.poll(left, len(self._sockets) + 1)
            now = time.monotonic_ns()
            for number, _ in ready:
                if number == until_readable:
                    self._poll.unregister(until_readable)
                    return
                self._take(number, now)

    def answer_pings(self) -> None:
        """Whatever is there already."""
        now = time.monotonic_ns()
        for number, _ in self._poll.poll(0, len(self._sockets)):
            self._take(number, now)

    def _take(self, number: int, now: int) -> None:
        plain, data = self._sockets[number]
        part = plain.recv(65536)
        if not part:
            raise RuntimeError("a connection ended without a word")
        data += part
        while len(data) >= 2:
            length, head = data[1], 2
            if length == 126:
                length, head = int.from_bytes(data[2:4], "big"), 4
            if len(data) < head + length:
                return
            if data[0] == 0x88:
                raise RuntimeError(f"a socket was closed: {bytes(data[head:])!r}")
            if data[0] == 0x89:
                plain.send(PONG)
            elif data[0] == 0x81:
                told = int(json.loads(data[head : head + length])["trace_id"])
                self.delays.append((now - told) / 1e9)
            del data[: head + length]


def main() -> None:
    """Opens, weighs, tells, weighs again."""
    options = arguments(__doc__ or "")
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    count = min(1_000 if options.quick else SOCKETS, limit - SPARE_FILES)
    seconds = 3.0 if options.quick else 15.0
    server, reader = Server(count), Reader()
    server.say("begin")
    begun = server.hear()
    server.say("rss")
    empty = server.hear()["rss"]
    for number, cookie in enumerate(begun["cookies"]):
        reader.open(begun["port"], cookie)
        if number % 10 == 0:
            reader.answer_pings()
    # Two rounds of pings before anything is weighed.
    server.say("rss")
    began = server.hear()
    reader.read(HELD_SECONDS)
    server.say("rss")
    held = server.hear()
    idle_share = (held["cpu"] - began["cpu"]) / HELD_SECONDS
    if held["open"] != count:
        raise RuntimeError(f"{held['open']} of {count} sockets are open")
    server.say(f"publish {RATE} {seconds}")
    reader.read(seconds + 30, until_readable=server.pipe)
    told = server.hear()
    for _ in range(20):
        if len(reader.delays) < told["told"]:
            reader.read(0.5)
    delays = sorted(reader.delays)
    server.end()
    if len(delays) != told["told"]:
        raise RuntimeError(f"{told['told']} were told, {len(delays)} were heard")
    p50, p99 = (delays[len(delays) * share // 100] * 1000 for share in (50, 99))
    what = f"{count:,} idle sockets"
    each = (held["rss"] - empty) / count
    rows = [
        Row(f"{what}: memory of each", "bytes", each, target="<= 65536", met=each <= 65_536),
        Row(f"{what}: heartbeats, of one core", "share", idle_share),
        Row(f"{what}, {RATE:,} statuses/s: p50 delay", "ms", p50),
        Row(f"{what}, {RATE:,} statuses/s: p99 delay", "ms", p99, target="<= 250", met=p99 <= 250),
        Row(f"{what}, {RATE:,} statuses/s: of one core", "share", told["cpu_share"]),
    ]
    sys.exit(0 if report("sockets", rows, options) else 1)


if __name__ == "__main__":
    main()
