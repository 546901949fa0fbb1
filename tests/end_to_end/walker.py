"""A walker over plain HTTP and a real socket: what the page does, without the page."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Self

import httpx
import trio
from trio_websocket import WebSocketConnection, connect_websocket_url

WORD_SECONDS = 30


@dataclass
class Walker:
    """One anonymous walker with their cookies."""

    http: httpx.AsyncClient
    user: dict[str, Any] = field(default_factory=dict)

    @classmethod
    async def arrive(cls, url: str) -> Self:
        """Somebody new opens the page."""
        http = httpx.AsyncClient(base_url=url, timeout=30)
        answer = await http.post("/api/v1/users", json={})
        assert answer.status_code == 201, answer.text
        return cls(http, answer.json())

    async def leave(self) -> None:
        """Closes the connections."""
        await self.http.aclose()

    @property
    def cookie(self) -> str:
        """What a browser would send."""
        return "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())

    async def socket(self, nursery: trio.Nursery, query: str = "") -> WebSocketConnection:
        """An open socket with this walker's session."""
        url = str(self.http.base_url).replace("http://", "ws://").rstrip("/") + "/ws" + query
        return await connect_websocket_url(
            nursery, url, extra_headers=[(b"cookie", self.cookie.encode())]
        )

    async def walk(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Asks for a walk, waits on the socket for its end, and fetches it."""
        async with trio.open_nursery() as nursery:
            socket = await self.socket(nursery)
            accepted = await self.http.post("/api/v1/routes", json=wish)
            assert accepted.status_code == 202, accepted.text
            last = await last_word(socket, accepted.json()["request_id"])
            await socket.aclose()
            nursery.cancel_scope.cancel()
        assert last["status"] == "complete", last
        answer = await self.http.get(f"/api/v1/routes/{last['route_id']}")
        assert answer.status_code == 200, answer.text
        route: dict[str, Any] = answer.json()
        return route


async def last_word(socket: WebSocketConnection, request_id: str) -> dict[str, Any]:
    """The status that ends the request, as told on the socket."""
    with trio.fail_after(WORD_SECONDS):
        while True:
            message: dict[str, Any] = json.loads(await socket.get_message())
            if message.get("request_id") == request_id and message["status"] in {
                "complete",
                "failed",
            }:
                return message
