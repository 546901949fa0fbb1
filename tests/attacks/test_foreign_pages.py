"""Pages of other sites that ask in a walker's name."""

from __future__ import annotations

import pytest
import trio
from trio_websocket import ConnectionRejected, open_websocket_url

from tests.attacks.surface import UNSAFE, fullest_body, named, target
from tests.http.doors import Doors
from wildside.inbound.http.endpoint import Endpoint

FOREIGN = (
    "https://evil.example",
    "http://town.example.evil.example",
    "http://evil.example/town.example",
    "http://town.example:81",
    "https://town.example",
    "http://town.example@evil.example",
    "http://town.example\t.evil.example",
    "null",
    "",
    "file://",
    "http://[::1",
)


@pytest.mark.parametrize("endpoint", UNSAFE, ids=named)
async def test_no_foreign_page_changes_anything(doors: Doors, endpoint: Endpoint) -> None:
    """403 with a good cookie and a good body, whatever the origin looks like; no CORS header helps."""
    walker = await doors.walker()
    body = None if endpoint.body is None else fullest_body(endpoint)
    for origin in FOREIGN:
        reply = await walker.ask(endpoint.method, target(endpoint), body, {"origin": origin})
        assert (reply.status, reply.json()["code"]) == (403, "forbidden"), origin
        assert reply.header("access-control-allow-origin") is None
        asked_before = await walker.ask("OPTIONS", target(endpoint), headers={"origin": origin})
        assert asked_before.header("access-control-allow-origin") is None


async def test_no_foreign_page_opens_a_socket(doors: Doors) -> None:
    """The walker's cookie travels along with a socket's handshake; the origin gives the page away."""
    walker = await doors.walker()
    cookie = (b"cookie", f"session={walker.cookies['session']}".encode())
    async with doors.served() as running:
        for origin in FOREIGN:
            headers = [cookie, (b"origin", origin.encode())]
            url = f"ws://127.0.0.1:{running.port}/ws"
            with trio.fail_after(5), pytest.raises(ConnectionRejected) as refused:
                async with open_websocket_url(url, extra_headers=headers):
                    pass
            assert refused.value.status_code == 403, origin
