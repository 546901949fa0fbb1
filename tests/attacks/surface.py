"""Every endpoint of the table as something to attack: its path, its fullest body, each of its fields.

The table itself is read, so an endpoint that is added tomorrow is attacked tomorrow.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.town import PUBS
from wildside.inbound.http.endpoint import Auth, Endpoint
from wildside.inbound.http.openapi import openapi_document, refused_statuses
from wildside.inbound.http.table import API_ENDPOINTS

NOBODYS = "00000000-0000-4000-8000-000000000000"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
ENDPOINTS: Sequence[Endpoint] = API_ENDPOINTS
GUARDED = tuple(endpoint for endpoint in ENDPOINTS if endpoint.auth is not Auth.ANYBODY)
UNSAFE = tuple(endpoint for endpoint in ENDPOINTS if endpoint.method not in SAFE)
WITH_BODY = tuple(endpoint for endpoint in ENDPOINTS if endpoint.body is not None)
_DOCUMENT = openapi_document(ENDPOINTS)
_SCHEMAS: Mapping[str, Any] = _DOCUMENT["components"]["schemas"]
# Where a schema cannot say what the test town has.
_OF_THE_TOWN: Mapping[str, Any] = {
    "coordinates": [-3.19, 55.95],
    "interest_theme_ids": [str(PUBS.id)],
    "must_visit_poi_ids": [4],
    "avoid_poi_ids": [8],
    "duration_minutes": 60,
    "expected_revision": 1,
}
# Good only for some: an anonymous walker has no password to give.
_LEFT_OUT = frozenset({"current_password"})
_LONGEST_INSTANCE = 6  # levels; a schema that holds itself ends here


def named(endpoint: Endpoint) -> str:
    """How a test of this endpoint is called."""
    return f"{endpoint.method} {endpoint.route}"


def target(endpoint: Endpoint, values: Mapping[str, str] | None = None) -> str:
    """The path with these values in its parameters, and harmless ones in the others."""
    path = endpoint.route
    for name, kind in endpoint.parameters:
        usual = {"uuid": NOBODYS}.get(kind.schema.get("format", ""), "3")
        if kind.schema["type"] == "string" and kind.schema.get("format") != "uuid":
            usual = {"style": "light", "source": "base"}.get(name, "word")
        path = path.replace(f"{{{name}}}", (values or {}).get(name, usual))
    return path


def documented(endpoint: Endpoint) -> set[int]:
    """The statuses its document names; 304 belongs to every ETag."""
    return {*endpoint.answers, *refused_statuses(endpoint), 304}


def fullest_body(endpoint: Endpoint) -> Any:
    """A body with every field there is, each of its type."""
    operation = _DOCUMENT["paths"][endpoint.route][endpoint.method.lower()]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return _instance(schema, 0)


def query_names(endpoint: Endpoint) -> list[str]:
    """The query parameters it knows."""
    return [] if endpoint.query is None else list(endpoint.query.__struct_fields__)


def _instance(schema: Mapping[str, Any], depth: int) -> Any:
    if "$ref" in schema:
        return _instance(_SCHEMAS[schema["$ref"].rsplit("/", 1)[1]], depth)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        options = [option for option in schema["anyOf"] if option != {"type": "null"}]
        return _instance(options[0], depth)
    if depth > _LONGEST_INSTANCE:
        return None
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {
                name: copy.deepcopy(_OF_THE_TOWN.get(name)) or _instance(field, depth + 1)
                for name, field in fields.items()
                if name not in _LEFT_OUT
            }
        case "array":
            count = max(1, schema.get("minItems", 0))
            return [_instance(schema.get("items", {}), depth + 1) for _ in range(count)]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    return _text(schema)


def _text(schema: Mapping[str, Any]) -> str:
    usual = {"uuid": NOBODYS, "date-time": "2026-03-01T09:30:00.000000Z"}
    text = usual.get(schema.get("format", ""), "walker")
    return text.ljust(schema.get("minLength", 0), "x")


@dataclass(frozen=True)
class Field:
    """One leaf of a body: the way to it."""

    way: tuple[str | int, ...]

    def holding(self, body: Any, value: object) -> Any:
        """The body with this value in the leaf."""
        changed = copy.deepcopy(body)
        node = changed
        for step in self.way[:-1]:
            node = node[step]
        node[self.way[-1]] = value
        return changed


def fields_of(body: Any, way: tuple[str | int, ...] = ()) -> Iterator[Field]:
    """Every leaf of the body, and every list and object but the whole."""
    if way:
        yield Field(way)
    steps: Sequence[Any] = ()
    if isinstance(body, dict):
        steps = tuple(body)
    elif isinstance(body, list):
        steps = range(len(body))
    for step in steps:
        yield from fields_of(body[step], (*way, step))
