"""The edge: one error shape, the order of checks, what every answer wears."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest
import trio.testing

from tests.http.doors import Doors, the_doors, wish
from wildside.domain.traffic import RequestAnswered
from wildside.inbound.http.endpoint import Endpoint, Shape
from wildside.inbound.http.house import House
from wildside.inbound.http.message import Answer, Request


async def test_every_refusal_has_the_one_shape_and_names_its_trace(doors: Doors) -> None:
    """404, 405, 401, 413, 415 and malformed JSON: code, message, trace_id, and the header alike."""
    walker = await doors.walker()
    stranger = doors.client()
    replies = {
        "not_found": await stranger.get("/api/v1/nothing"),
        "method_not_allowed": await stranger.ask("TRACE", "/api/v1/routes"),
        "unauthorized": await stranger.post("/api/v1/routes", wish()),
        "unsupported_media_type": await walker.ask("POST", "/api/v1/routes", raw=b"a=b"),
        "invalid_request": await walker.ask(
            "POST", "/api/v1/routes", raw=b"{", headers={"content-type": "application/json"}
        ),
        "payload_too_large": await walker.post("/api/v1/routes", {"x": "y" * 70_000}),
    }
    expected = {
        "not_found": 404,
        "method_not_allowed": 405,
        "unauthorized": 401,
        "unsupported_media_type": 415,
        "invalid_request": 400,
        "payload_too_large": 413,
    }
    for code, reply in replies.items():
        assert reply.status == expected[code], code
        problem = reply.json()
        assert problem["code"] == code
        assert set(problem) <= {"code", "message", "trace_id", "details"}
        assert problem["trace_id"] == reply.header("trace-id")
        assert UUID(problem["trace_id"]).version == 4
    assert replies["method_not_allowed"].header("allow") == "OPTIONS, POST"
    assert replies["payload_too_large"].header("connection") == "close"


async def test_nobody_learns_what_a_body_should_be_before_saying_who_they_are(
    doors: Doors,
) -> None:
    """401 comes before 415, 413 and 400."""
    stranger = doors.client()
    for raw in (b"not json", b"x" * 70_000, b"{}"):
        assert (await stranger.ask("POST", "/api/v1/routes", raw=raw)).status == 401


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "start_location", "required"),
        (wish(14), "duration_minutes", "out_of_range"),
        (wish(60.5), "duration_minutes", "invalid_type"),  # type: ignore[arg-type]
        (wish(mood="good"), "mood", "unknown_field"),
        (wish(accessibility={"stairs": 1}), "accessibility.stairs", "unknown_field"),
        (wish(interest_theme_ids=["x"]), "interest_theme_ids[0]", "invalid"),
        (wish(popularity_bias=1.5), "popularity_bias", "out_of_range"),
        (wish(must_visit_poi_ids=[-1]), "must_visit_poi_ids[0]", "out_of_range"),
        (wish(depart_at="2026-05-04T12:00:00"), "depart_at", "invalid"),
        (
            wish(start_location={"type": "Point", "coordinates": [0, 91]}),
            "start_location.coordinates",
            "out_of_range",
        ),
        (
            wish(start_location={"type": "Point", "coordinates": [0]}),
            "start_location.coordinates",
            "out_of_range",
        ),
        (wish(end_location={"type": "Point"}), "end_location.coordinates", "required"),
        (
            wish(must_visit_poi_ids=[4], avoid_poi_ids=[4]),
            "avoid_poi_ids",
            "contradiction",
        ),
        ([], "body", "invalid_type"),
    ],
)
async def test_a_fault_names_its_field(doors: Doors, body: object, field: str, code: str) -> None:
    """Whatever is wrong with a wish, `details` says where, and a code says what."""
    reply = await (await doors.walker()).post("/api/v1/routes", body)
    assert reply.status == 400
    assert reply.json()["details"][0]["field"] == field
    assert reply.json()["details"][0]["code"] == code


async def test_json_that_is_nested_a_thousand_deep_is_refused(doors: Doors) -> None:
    """No recursion brings the server down."""
    walker = await doors.walker()
    raw = b'{"start_location":' + b"[" * 30_000 + b"]" * 30_000 + b"}"
    reply = await walker.ask(
        "POST", "/api/v1/routes", raw=raw, headers={"content-type": "application/json"}
    )
    assert reply.status == 400


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("limit=0", "limit", "out_of_range"),
        ("limit=101", "limit", "out_of_range"),
        ("limit=ten", "limit", "invalid_type"),
        ("cursor=nonsense", "cursor", "invalid_cursor"),
        ("colour=red", "colour", "unknown_field"),
        ("limit=1&limit=2", "limit", "repeated"),
        ("bbox=1,2,3", "bbox", "invalid"),
        ("bbox=3,2,1,4", "bbox", "out_of_range"),
        ("bbox=nan,nan,nan,nan", "bbox", "out_of_range"),
        ("theme_ids=red", "theme_ids", "invalid"),
    ],
)
async def test_a_fault_in_a_query_names_its_parameter(
    doors: Doors, query: str, field: str, code: str
) -> None:
    """The same shape for query parameters."""
    reply = await doors.client().get(f"/api/v1/pois?{query}")
    assert (reply.status, reply.json()["details"][0]["field"]) == (400, field)
    assert reply.json()["details"][0]["code"] == code


async def test_a_fault_of_ours_leaks_nothing(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    """A handler that fails answers 500 with an id to look for, and nothing of the exception."""

    async def fail(house: House, request: Request) -> Answer:
        raise ZeroDivisionError("the secret of the house")

    broken = Endpoint("GET", "/api/v1/broken", fail, "Fails", "walkers", {200: Shape("never")})
    async with the_doors(tmp_path, extra_endpoints=[broken]) as doors:
        reply = await doors.client().get("/api/v1/broken")
    assert reply.status == 500
    assert b"secret" not in reply.body
    assert reply.json()["code"] == "internal_error"
    assert reply.header("trace-id") == reply.json()["trace_id"]


async def test_every_answer_wears_the_security_headers(doors: Doors) -> None:
    """Pages, tiles, errors and the API alike; nothing may be loaded from elsewhere."""
    for target in ("/", "/api/v1/regions", "/tiles/base.json", "/nothing.js", "/api/none"):
        reply = await doors.client().get(target)
        assert reply.header("x-content-type-options") == "nosniff", target
        policy = reply.header("content-security-policy") or ""
        assert "default-src 'none'" in policy
        assert re.search("https?:", policy) is None
        assert UUID(reply.header("trace-id") or "").version == 4


async def test_a_trace_is_made_anew_for_each_request(doors: Doors) -> None:
    """Even for the same caller's `traceparent`, which is only the parent."""
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    client = doors.client()
    traces = {
        (await client.get("/healthz", traceparent=parent)).header("trace-id") for _ in range(3)
    }
    assert len(traces) == 3


async def test_metrics_know_templates_never_paths(doors: Doors) -> None:
    """A thousand places are one line."""
    client = doors.client()
    await client.get("/api/v1/pois/4")
    await client.get("/api/v1/pois/8")
    await client.ask("BREW", "/api/v1/pois/8")
    text = (await client.get("/metrics")).body.decode()
    line = 'http_requests_total{method="GET",route="/api/v1/pois/{poi_id}",status="200"} 2.0'
    assert line in text
    assert 'method="other"' in text
    answered = [event for event in doors.town.diary.events if isinstance(event, RequestAnswered)]
    assert {event.route for event in answered} >= {"/api/v1/pois/{poi_id}"}


async def test_head_is_answered_by_get_and_options_say_what_is_possible(doors: Doors) -> None:
    """The head of a GET, and `Allow`."""
    client = doors.client()
    head = await client.ask("HEAD", "/api/v1/regions")
    assert head.status == 200
    options = await client.ask("OPTIONS", "/api/v1/users/me")
    assert (options.status, options.header("allow")) == (204, "DELETE, GET, HEAD, OPTIONS, PATCH")


async def test_pages_never_answer_below_the_api(doors: Doors) -> None:
    """The page's fallback serves the page's own paths; below /api, /tiles and /ws are errors."""
    client = doors.client()
    for target in ("/api", "/api/x", "/tiles/x", "/ws", "/ws/x", "/health/x", "/debug/x"):
        reply = await client.get(target)
        assert (reply.status, reply.json()["code"]) == (404, "not_found"), target
    for target in ("/", "/walk/some-token", "/walk/some-token/"):
        reply = await client.get(target)
        assert reply.status == 200
        assert b"<title>Wildside" in reply.body
        assert reply.header("cache-control") == "no-cache"
    asset = await client.get("/assets/app-4f9c2d1e.js")
    assert asset.header("cache-control") == "public, max-age=31536000, immutable"
    assert (await client.get("/assets/gone-4f9c2d1e.js")).json()["code"] == "not_found"
    assert (await client.get("/../spec/openapi.json")).status == 404
    assert (await client.get("/%2e%2e/spec/openapi.json")).status == 404
    assert (await client.post("/walk/some-token", {})).status == 405


async def test_a_path_that_the_page_does_not_know_is_not_found(doors: Doors) -> None:
    """A person gets the page, a program the error; a crawler files neither under 200."""
    client = doors.client()
    for target in ("/saved", "/walk", "/walk/", "/walk/a/b", "/index", "/wp-admin/"):
        seen = await client.get(target, accept="text/html,application/xhtml+xml,*/*;q=0.8")
        assert (seen.status, b"<title>Wildside" in seen.body) == (404, True), target
        told = await client.get(target)
        assert (told.status, told.json()["code"]) == (404, "not_found"), target
