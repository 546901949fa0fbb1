"""Asks one server the same questions over and over from many connections, and times every answer.

python -m bench.http_load PORT SECONDS CONNECTIONS < REQUESTS    prints one JSON object

The requests are raw bytes with a NUL between them; the connections take turns through them.

A process of its own on a core of its own: what asks must not take time from what answers.
"""

import itertools
import json
import select
import socket
import sys
import time
from collections.abc import Iterator

READ_BYTES = 262_144


class Asker:
    """One kept connection: asks again as soon as the answer is whole."""

    def __init__(self, port: int, requests: Iterator[bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self._requests = requests
        self.asked_at = 0.0
        self._read = bytearray()
        self._wanted = 0  # bytes of the whole answer, once its head is there

    def ask(self) -> None:
        """Sends the request."""
        self.asked_at = time.perf_counter()
        self.socket.send(next(self._requests))

    def take(self) -> int:
        """What has come; the status once the answer is whole, else 0."""
        part = self.socket.recv(READ_BYTES)
        if not part:
            raise ConnectionError("the server hung up")
        self._read += part
        if not self._wanted:
            end = self._read.find(b"\r\n\r\n")
            if end < 0:
                return 0
            head = bytes(self._read[:end]).lower()
            self._wanted = end + 4 + int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        if len(self._read) < self._wanted:
            return 0
        status = int(self._read[9:12])
        self._read.clear()
        self._wanted = 0
        return status


def measure(port: int, seconds: float, connections: int, requests: bytes) -> dict[str, object]:
    """Answers a second, the time of each, and how many of each status."""
    askers = {}
    in_turns = itertools.cycle(requests.split(b"\0"))
    poll = select.epoll()
    for _ in range(connections):
        asker = Asker(port, in_turns)
        askers[asker.socket.fileno()] = asker
        poll.register(asker.socket, select.EPOLLIN)
    took: list[float] = []
    statuses: dict[int, int] = {}
    began = time.perf_counter()
    until = began + seconds
    for asker in askers.values():
        asker.ask()
    waiting = len(askers)
    while waiting:
        for number, _ in poll.poll(10):
            asker = askers[number]
            status = asker.take()
            if not status:
                continue
            now = time.perf_counter()
            took.append(now - asker.asked_at)
            statuses[status] = statuses.get(status, 0) + 1
            if now < until:
                asker.ask()
            else:
                waiting -= 1
    lasted = time.perf_counter() - began
    took.sort()
    return {
        "per_second": len(took) / lasted,
        "count": len(took),
        "p50_ms": took[len(took) // 2] * 1000,
        "p99_ms": took[len(took) * 99 // 100] * 1000,
        "statuses": statuses,
    }


if __name__ == "__main__":
    port, seconds, connections = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    print(json.dumps(measure(port, seconds, connections, sys.stdin.buffer.read())))
