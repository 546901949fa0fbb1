"""Hostile words in every field, parameter and header: SQL, JSON, paths, markup, endless nesting."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest

from tests.attacks.surface import (
    ENDPOINTS,
    WITH_BODY,
    documented,
    fields_of,
    fullest_body,
    named,
    query_names,
    target,
)
from tests.http.doors import Doors, Reply
from wildside.inbound.http.endpoint import Endpoint

HOSTILE = (
    "' OR '1'='1",
    "'; DROP TABLE users; --",
    '" OR ""="',
    "1); DELETE FROM routes WHERE (1=1",
    "x' UNION SELECT payload_hash FROM idempotency_keys --",
    "%' ESCAPE '\\",
    '{"$gt": ""}',
    '","role":"admin","x":"',
    "$ref",
    "__proto__",
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "<script>alert(1)</script>",
    "{{7*7}}${7*7}#{7*7}%{7*7}",
    "%s%s%s%n",
    "\r\nSet-Cookie: session=stolen",
    "a\x00b",
    "\u202egpj.exe",
    "🏴󠁧󠁢󠁳󠁣󠁴󠁿" * 20,
    "null",
    "9" * 400,
    "-1",
    "NaN",
    "1e999",
)
WRONG: tuple[object, ...] = (
    *HOSTILE,
    10**400,
    -(10**30),
    1e308,
    True,
    None,
    [],
    {},
    [[[]]],
    {"type": "Point"},
)
# What handlers must not keep from us: a handler that fails says internal_error, and we fail here.
FAULTS = frozenset({500, 503})
# Signing out and erasing oneself end the attack; they are attacked in test_cookies.
ENDING = frozenset({"logout", "erase_me"})


def believable(endpoint: Endpoint, reply: Reply, said: object) -> None:
    """A status that is documented and no fault; an error in the one shape; nothing of ours in it."""
    assert reply.status in documented(endpoint) - FAULTS, (said, reply.status, reply.body[:300])
    assert reply.header("trace-id"), said
    if reply.status >= 400:
        problem = reply.json()
        assert problem["trace_id"] == reply.header("trace-id")
        for ours in (b"sqlite", b"psycopg", b"Traceback", b"SELECT ", b"syntax"):
            assert ours not in reply.body.replace(json.dumps(said).strip('"').encode(), b""), said
    for name, value in reply.headers:
        assert "\r" not in value, name
        assert "\n" not in value, name
        assert "stolen" not in value


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=named)
async def test_the_body_that_is_attacked_is_a_good_one(doors: Doors, endpoint: Endpoint) -> None:
    """Without a hostile word in it the fullest body passes; else the attacks would end at the first check."""
    client = await doors.walker()
    reply = await client.ask(endpoint.method, target(endpoint), fullest_body(endpoint))
    assert reply.status in {*endpoint.answers, 401, 403, 404}, reply.body


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=named)
async def test_no_word_in_any_field_of_a_body_does_harm(doors: Doors, endpoint: Endpoint) -> None:
    """Every leaf, list and object of the fullest body, replaced by each hostile value in turn."""
    client = await doors.walker()
    body = fullest_body(endpoint)
    for number, field in enumerate(fields_of(body)):
        for value in WRONG:
            client.address = f"198.51.{number % 250}.{abs(hash(str(value))) % 250}"
            reply = await client.ask(endpoint.method, target(endpoint), field.holding(body, value))
            if reply.status != 429:
                believable(endpoint, reply, value)
    await still_whole(doors)


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=named)
async def test_no_name_that_nobody_knows_is_taken(doors: Doors, endpoint: Endpoint) -> None:
    """Fields beyond the contract are refused, wherever they are put: no role, no id, no epoch slips in."""
    client = await doors.walker()
    body = fullest_body(endpoint)
    for number, name in enumerate(
        ("role", "id", "user_id", "session_epoch", "__proto__", "constructor", "$where")
    ):
        client.address = f"198.51.100.{number}"
        reply = await client.ask(endpoint.method, target(endpoint), {**body, name: "admin"})
        assert reply.status in {400, 403}, (name, reply.body)


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=named)
async def test_no_shape_of_json_does_harm(doors: Doors, endpoint: Endpoint) -> None:
    """Nested thousands deep, doubled keys, other encodings, half a text, no JSON at all."""
    client = await doors.walker()
    shapes = (
        b"[" * 30_000,
        b'{"a":' * 10_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"[" * 30_000 + b"]" * 30_000,
        b"{",
        b"",
        b" " * 60_000,
        b"null",
        b"1e400",
        b"NaN",
        b'"\\ud800"',
        b'{"\\ud800":1}',
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b"\x00",
        b'{"type":1,"type":2}',
        b"9" * 60_000,
        b'{"' + b"k" * 60_000 + b'":1}',
        b"[1," * 1000,
    )
    for raw in shapes:
        headers = {"content-type": "application/json"}
        reply = await client.ask(endpoint.method, target(endpoint), headers=headers, raw=raw)
        fine = {400, 403, 404, 429, *(endpoint.answers if endpoint.body_may_be_absent else ())}
        assert reply.status in fine, (raw[:40], reply.status, reply.body[:200])


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
async def test_no_word_in_a_path_or_a_query_does_harm(doors: Doors, endpoint: Endpoint) -> None:
    """Encoded and plain, in every parameter of the path, the query and the headers that are read."""
    if endpoint.operation_id in ENDING:
        return
    client = await doors.walker()
    body = None if endpoint.body is None else fullest_body(endpoint)

    async def ask(path: str, said: object, headers: Mapping[str, str] | None = None) -> None:
        client.address = f"198.51.100.{abs(hash((path, said))) % 250}"
        reply = await client.ask(endpoint.method, path, body, headers)
        assert reply.status not in FAULTS, (path, reply.body)
        if reply.status not in {404, 405, 429} and not 200 <= reply.status < 300:
            believable(endpoint, reply, said)

    for text in HOSTILE:
        for name, _ in endpoint.parameters:
            await ask(target(endpoint, {name: quote(text, safe="")}), text)
        for name in (*query_names(endpoint), "unknown"):
            await ask(f"{target(endpoint)}?{name}={quote(text)}", text)
        header = text.encode("ascii", "ignore").decode().replace("\r\n", " ").replace("\x00", "")
        for name in (
            "idempotency-key",
            "accept",
            "if-none-match",
            "traceparent",
            "x-forwarded-for",
        ):
            await ask(target(endpoint), text, {name: header})
    await still_whole(doors)


async def test_what_somebody_calls_themselves_comes_back_letter_by_letter(doors: Doors) -> None:
    """Hostile names are names, kept as they are; those that steer the screen they stand on are none."""
    walker = await doors.walker()
    for text in HOSTILE:
        name = text[:100]
        reply = await walker.ask("PATCH", "/api/v1/users/me", {"display_name": name})
        if any(ord(character) < 32 or character == "\u202e" for character in name):
            assert reply.status == 400, name
            continue
        assert reply.status == 200, reply.body
        assert (await walker.get("/api/v1/users/me")).json()["display_name"] == name


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\\\x00"])
async def test_text_that_no_store_can_keep_is_refused_at_the_door(doors: Doors, text: str) -> None:
    """The character NUL, which PostgreSQL's text does not know: 400 in a body and in a query."""
    walker = await doors.walker()
    reply = await walker.ask("PATCH", "/api/v1/users/me", {"display_name": text})
    assert (reply.status, reply.json()["code"]) == (400, "invalid_request")
    reply = await walker.get(f"/api/v1/pois?bbox={quote(text)}")
    assert reply.status == 400
    harmless = await walker.ask("PATCH", "/api/v1/users/me", {"display_name": "\\u0000"})
    assert (harmless.status, harmless.json()["display_name"]) == (200, "\\u0000")


async def still_whole(doors: Doors) -> None:
    """The town is as it was, and another walker is served as ever."""
    other = await doors.walker("203.0.113.77")
    me: dict[str, Any] = (await other.get("/api/v1/users/me")).json()
    assert me["display_name"] == "Walker"
    assert "role" not in me
    assert len((await other.get("/api/v1/interest-themes")).json()["data"]) == 2
    places = (await other.get("/api/v1/pois?bbox=-3.25,55.90,-3.13,56.00")).json()
    assert len(places["data"]) == 3
