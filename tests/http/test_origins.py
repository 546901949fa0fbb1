"""Whose page asks, from where: foreign origins, proxies, CORS."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest
import trio
import trio.testing

from tests.http.doors import Doors, the_doors, wish
from wildside.inbound.http.origins import Origins, counted_address

FRIEND = "https://friend.example"


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://town.example:81", "https://town.example", "x", ""],
)
async def test_another_site_s_page_may_change_nothing(doors: Doors, origin: str) -> None:
    """Unsafe methods with a foreign Origin are refused before anything else is looked at."""
    walker = await doors.walker()
    for method, target in (("POST", "/api/v1/routes"), ("PATCH", "/api/v1/users/me")):
        reply = await walker.ask(method, target, wish(), {"origin": origin})
        assert (reply.status, reply.json()["code"]) == (403, "forbidden")
        assert reply.header("access-control-allow-origin") is None
    assert (await walker.get("/api/v1/users/me", origin=origin)).status == 200


@pytest.mark.parametrize("origin", ["http://town.example", "http://TOWN.example:80"])
async def test_our_own_page_may(doors: Doors, origin: str) -> None:
    """The same origin in other words is the same origin; no Origin at all is accepted too."""
    walker = await doors.walker()
    reply = await walker.ask("PATCH", "/api/v1/users/me", {}, {"origin": origin})
    assert reply.status == 200
    assert (await walker.ask("PATCH", "/api/v1/users/me", {})).status == 200


async def test_a_friend_s_page_may_with_credentials(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    """An allowed origin passes the preflight and reads answers, errors included."""
    async with the_doors(tmp_path, allowed_origins=[FRIEND]) as doors:
        walker = await doors.walker()
        before = await walker.ask(
            "OPTIONS",
            "/api/v1/routes",
            headers={"origin": FRIEND, "access-control-request-method": "POST"},
        )
        assert before.status == 204
        assert before.header("access-control-allow-methods") == "OPTIONS, POST"
        assert before.header("access-control-allow-credentials") == "true"
        refused = await walker.ask("POST", "/api/v1/routes", {}, {"origin": FRIEND})
        assert refused.status == 400
        assert refused.header("access-control-allow-origin") == FRIEND
        assert refused.header("vary") == "Origin"
        foreign = await walker.ask("OPTIONS", "/api/v1/routes", headers={"origin": "https://x.y"})
        assert foreign.header("access-control-allow-methods") is None


def test_forwarded_headers_count_from_trusted_proxies_only() -> None:
    """Anybody else's are lies."""
    origins = Origins((), (ip_network("10.0.0.0/8"),))
    said = {
        b"x-forwarded-for": b"203.0.113.9, 198.51.100.4, 10.1.1.1",
        b"x-forwarded-proto": b"https",
        b"x-forwarded-host": b"walks.example",
    }
    through_proxy = origins.asker("http", "10.0.0.2", said, "inside:8080")
    assert through_proxy.origin == "https://walks.example"
    # What stands left of the first untrusted hop, seen from us, anybody may have written.
    assert through_proxy.address == "198.51.100.4"
    liar = origins.asker("http", "198.51.100.4", said, "inside:8080")
    assert (liar.origin, liar.address) == ("http://inside:8080", "198.51.100.4")
    garbled = origins.asker("http", "10.0.0.2", {b"x-forwarded-for": b"<script>"}, "h")
    assert garbled.address == "10.0.0.2"


def test_an_ipv6_household_is_one_address() -> None:
    """/64, and IPv4 in IPv6's clothes is IPv4."""
    assert counted_address("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64"
    assert counted_address("2001:db8:1:2::") == counted_address("2001:db8:1:2:ffff::1")
    assert counted_address("::ffff:192.0.2.1") == counted_address("192.0.2.1") == "192.0.2.1"
    assert counted_address(None) == counted_address("nowhere") == "unknown"


async def test_newcomers_are_counted_by_address(
    doors: Doors, autojump_clock: trio.testing.MockClock
) -> None:
    """Five in this town; the sixth waits, from another address one may, a minute later too."""
    crowd = doors.client("192.0.2.50")
    told = [await crowd.post("/api/v1/users", {}) for _ in range(6)]
    assert [reply.status for reply in told] == [201] * 5 + [429]
    assert [reply.header("ratelimit-remaining") for reply in told] == ["4", "3", "2", "1", "0", "0"]
    assert told[5].json()["code"] == "rate_limited"
    assert told[5].header("retry-after") == told[5].header("ratelimit-reset") == "60"
    assert (await doors.client("192.0.2.51").post("/api/v1/users", {})).status == 201
    await trio.sleep(60)
    assert (await crowd.post("/api/v1/users", {})).status == 201
