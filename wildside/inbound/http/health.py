"""How the process is: alive, ready, counted, and its actors for operators."""

from __future__ import annotations

from typing import Literal

import msgspec

from wildside.inbound.http.endpoint import Auth, Endpoint, Shape
from wildside.inbound.http.house import House
from wildside.inbound.http.message import Answer, Request

PLAIN_TEXT = "text/plain; charset=utf-8"


class AliveShape(msgspec.Struct):
    """The process answers."""

    status: Literal["alive"]


class ReadyShape(msgspec.Struct):
    """Whether walkers can be served, and what is in the way by name."""

    status: Literal["ready", "not_ready"]
    reasons: dict[str, str]


async def healthz(house: House, request: Request) -> Answer:  # noqa: ARG001 - a handler's signature
    """Alive: the event loop turns."""
    return Answer(200, msgspec.json.encode(AliveShape("alive")))


async def health_live(house: House, request: Request) -> Answer:
    """The same under Kubernetes's usual name."""
    return await healthz(house, request)


async def health_ready(house: House, request: Request) -> Answer:  # noqa: ARG001
    """Ready: storage, queue and engine answer, and nobody has asked the server to go."""
    reasons = dict(await house.vitals.not_ready_because())
    if reasons:
        return Answer(503, msgspec.json.encode(ReadyShape("not_ready", reasons)))
    return Answer(200, msgspec.json.encode(ReadyShape("ready", {})))


async def metrics(house: House, request: Request) -> Answer:  # noqa: ARG001 - a handler's signature
    """Prometheus's exposition."""
    text, content_type = house.vitals.metrics()
    return Answer(200, text, content_type.encode())


async def debug_actors(house: House, request: Request) -> Answer:
    """The living tree of actors, as text or, where asked for, as JSON."""
    if b"application/json" in request.headers.get(b"accept", b""):
        return Answer(200, house.vitals.actors_as_json())
    return Answer(200, house.vitals.actors_as_text().encode(), PLAIN_TEXT.encode())


_ALIVE = {200: Shape("Alive", AliveShape)}
HEALTH_ENDPOINTS = (
    Endpoint("GET", "/healthz", healthz, "Alive", "health", _ALIVE),
    Endpoint("GET", "/health/live", health_live, "Alive", "health", _ALIVE),
    Endpoint(
        "GET",
        "/health/ready",
        health_ready,
        "Ready",
        "health",
        {200: Shape("Ready", ReadyShape), 503: Shape("Not ready, and why", ReadyShape)},
    ),
)
METRICS_ENDPOINTS = (
    Endpoint(
        "GET",
        "/metrics",
        metrics,
        "Metrics",
        "health",
        {200: Shape("Prometheus's text format", media_types=("text/plain",))},
    ),
)
DEBUG_ENDPOINTS = (
    Endpoint(
        "GET",
        "/debug/actors",
        debug_actors,
        "The tree of actors",
        "health",
        {200: Shape("The tree", media_types=("text/plain", "application/json"))},
        auth=Auth.ADMIN,
    ),
)
