"""A walker who keeps asking for walks and keeps a socket open, whatever falls meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import trio
from trio_websocket import ConnectionClosed, HandshakeError, WebSocketConnection

from tests.end_to_end.walker import Walker

COME_BACK_SECONDS = 0.05  # between two tries of a client whose connection was cut
FINAL = ("complete", "failed")


@dataclass(eq=False)
class Stroller:
    """Notes which requests were accepted and what was heard of each on the socket."""

    walker: Walker
    wishes: Iterator[dict[str, Any]]
    accepted: list[str] = field(default_factory=list)
    heard: dict[str, dict[str, Any]] = field(default_factory=dict)
    percents: dict[str, list[int]] = field(default_factory=dict)
    sockets: int = 0
    going_home: bool = False
    at_home: trio.Event = field(default_factory=trio.Event)
    _last_id: int = 0
    _news: trio.Event = field(default_factory=trio.Event)

    async def stroll(self) -> None:
        """One wish after the other, each when the last has ended, until told to go home."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._listen)
            while not self.going_home:
                await self.one_walk()
            self.at_home.set()

    async def one_walk(self) -> None:
        """Asks until a wish is accepted, then waits for its end."""
        request_id = await self._ask(next(self.wishes))
        self.accepted.append(request_id)
        while not self._ended(request_id):
            await self._news.wait()

    async def hears_endings(self, count: int) -> None:
        """Waits until so many of the accepted requests have ended, as heard on the socket."""
        while self.endings < count:
            await self._news.wait()

    @property
    def under_way(self) -> bool:
        """Whether the last accepted request is being worked on, as far as it has been heard."""
        if not self.accepted:
            return False
        word = self.heard.get(self.accepted[-1])
        return word is not None and word["status"] == "in_progress"

    @property
    def endings(self) -> int:
        """How many accepted requests have ended, as heard on the socket."""
        return sum(self._ended(request_id) for request_id in self.accepted)

    def _ended(self, request_id: str) -> bool:
        word = self.heard.get(request_id)
        return word is not None and word["status"] in FINAL

    async def _ask(self, wish: dict[str, Any]) -> str:
        # The key makes the second try the same request, should only the answer have been lost.
        key = {"Idempotency-Key": str(uuid4())}
        while True:
            try:
                answer = await self.walker.http.post("/api/v1/routes", json=wish, headers=key)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 202:
                request_id: str = answer.json()["request_id"]
                return request_id
            assert answer is None or answer.status_code in {409, 503}, answer.text
            await trio.sleep(COME_BACK_SECONDS)

    async def fetch(self, path: str) -> dict[str, Any]:
        """What lies at the path, asked for again where a connection is cut."""
        while True:
            try:
                answer = await self.walker.http.get(path)
            except httpx.TransportError:
                await trio.sleep(COME_BACK_SECONDS)
                continue
            assert answer.status_code == 200, answer.text
            fetched: dict[str, Any] = answer.json()
            return fetched

    async def _listen(self) -> None:
        while True:
            try:
                async with trio.open_nursery() as nursery:
                    socket = await self.walker.socket(nursery, f"?since={self._last_id}")
                    self.sockets += 1
                    await self._hear(socket)
            except* (ConnectionClosed, HandshakeError, OSError):
                pass
            await trio.sleep(COME_BACK_SECONDS)

    async def _hear(self, socket: WebSocketConnection) -> None:
        while True:
            word = json.loads(await socket.get_message())
            assert word["type"] == "route_generation_status", word
            self._last_id = word["id"]
            request_id = word["request_id"]
            self.percents.setdefault(request_id, []).append(word["progress"])
            self.heard[request_id] = word
            self._news.set()
            self._news = trio.Event()
