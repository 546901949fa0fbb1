"""The OpenAPI 3.1 document, made from the endpoint table and its structs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import msgspec

from wildside.inbound.http.endpoint import Auth, Endpoint, Shape
from wildside.inbound.http.examples import EXAMPLES
from wildside.inbound.http.problems import CODE_OF_STATUS, Problem

VERSION = "1.0.0"
# What the `id` in these answers is called where a path asks for it; other names are the same in both.
_ID_OF: Mapping[str, str] = {
    "JobShape": "job_id",
    "PersonShape": "user_id",
    "PlaceShape": "poi_id",
    "RouteShape": "route_id",
    "RouteSummaryShape": "route_id",
}
_REF = "#/components/schemas/{name}"
_TAGS = {
    "walkers": "Who walks",
    "catalogue": "What there is to see",
    "routes": "Walks asked for and found",
    "admin": "For administrators",
    "tiles": "The map",
    "health": "How the server is",
    "documents": "The API's own documents",
}
_SECURITY: Mapping[Auth, list[dict[str, list[str]]]] = {
    Auth.ANYBODY: [],
    Auth.WALKER: [{"session": []}],
    Auth.RETURNING: [{"walker": []}],
    Auth.ADMIN: [{"session": []}],
    # Nothing, where the query carries a token.
    Auth.BEARER: [{"session": []}, {}],
}


def openapi_document(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The whole document, in the table's order."""
    documented = [endpoint for endpoint in endpoints if endpoint.documented]
    schemas = _Schemas(documented)
    refused = {status for endpoint in documented for status in refused_statuses(endpoint)}
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in documented:
        paths.setdefault(endpoint.route, {})[endpoint.method.lower()] = _operation(
            endpoint, schemas
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Wildside",
            "version": VERSION,
            "summary": "The most interesting walk you can take right now",
            "description": "Every error has the shape `Problem`; a path asked with a method it does not "
            "have answers 405 and `Allow`. Coordinates are GeoJSON (longitude, latitude, WGS 84), distances metres, "
            "durations seconds, a wish's duration minutes. Every answer carries `Trace-Id`. "
            "Unsafe requests from another site's page are refused.",
            "license": {"name": "ISC", "identifier": "ISC"},
        },
        "servers": [{"url": "/", "description": "the server that serves this document"}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "responses": {
                _problem_name(status): _problem_response(code, status)
                for status, code in CODE_OF_STATUS.items()
                if status in refused
            },
            "headers": {
                "Trace-Id": {
                    "description": "names this request in the logs",
                    "schema": {"type": "string", "format": "uuid"},
                }
            },
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "session"},
                "walker": {"type": "apiKey", "in": "cookie", "name": "walker"},
            },
        },
    }


class _Schemas:
    """Named components of every struct in use."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        types: dict[Any, None] = {Problem: None}
        for endpoint in endpoints:
            types.update(
                {shape.struct: None for shape in endpoint.answers.values() if shape.struct}
            )
            types.update({struct: None for struct in (endpoint.body, endpoint.query) if struct})
        self._types = list(types)
        self._asking_for: dict[str, list[str]] = {}
        for endpoint in endpoints:
            for name, _ in endpoint.parameters:
                if name.endswith("_id"):
                    self._asking_for.setdefault(name, []).append(endpoint.operation_id)
        found, components = msgspec.json.schema_components(self._types, ref_template=_REF)
        self._schemas = dict(zip(map(_key, self._types), found, strict=True))
        # A query's struct is spread over parameters; it is no component of its own.
        queries = {endpoint.query.__name__ for endpoint in endpoints if endpoint.query}
        self._query_components = {name: components[name] for name in queries}
        self.components = {
            name: _with_example(name, schema)
            for name, schema in sorted(components.items())
            if name not in queries
        }

    def of(self, struct: Any) -> Any:
        return self._schemas[_key(struct)]

    def query_parameters(self, query: type[msgspec.Struct]) -> list[dict[str, Any]]:
        properties: Mapping[str, Any] = self._query_components[query.__name__]["properties"]
        return [
            {
                "name": name,
                "in": "query",
                "required": False,
                "schema": _not_null(schema),
            }
            for name, schema in properties.items()
        ]

    def links_from(self, endpoint: Endpoint, struct: Any) -> dict[str, Any]:
        """Where the ids in this answer lead: every operation that has a parameter of that name."""
        found: dict[str, Any] = {}
        for name, place in _ids_in(struct):
            for operation in self._asking_for.get(name, ()):
                if operation != endpoint.operation_id:
                    parameters = {name: f"$response.body#/{place}"}
                    found[operation] = {"operationId": operation, "parameters": parameters}
        return found


def _ids_in(struct: Any) -> Sequence[tuple[str, str]]:
    """The ids that an answer names, and where in its body."""
    if struct is None:
        return ()
    items = get_args(struct)
    if items:
        return [(name, f"data/0/{place}") for name, place in _ids_in(items[0])]
    own = _ID_OF.get(struct.__name__)
    named = [(name, name) for name in struct.__struct_fields__ if name.endswith("_id")]
    return named if own is None else [(own, "id"), *named]


def _key(struct: Any) -> str:
    return repr(struct)


def _with_example(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    example = EXAMPLES.get(name)
    return dict(schema) if example is None else {**schema, "examples": [example]}


def _not_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A query parameter is absent or has a value: it is never null."""
    options = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    plain = {key: value for key, value in schema.items() if key != "anyOf"}
    if plain.get("default", ...) is None:
        del plain["default"]
    return {**plain, **options[0]} if len(options) == 1 else dict(schema)


def _operation(endpoint: Endpoint, schemas: _Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.operation_id,
        "summary": endpoint.summary,
        "description": (endpoint.handler.__doc__ or endpoint.summary).strip(),
        "tags": [endpoint.tag],
        "security": _SECURITY[endpoint.auth],
    }
    parameters = _parameters(endpoint, schemas)
    if parameters:
        operation["parameters"] = parameters
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": not endpoint.body_may_be_absent,
            "content": {"application/json": {"schema": schemas.of(endpoint.body)}},
        }
    good = {
        str(status): _good(endpoint, shape, schemas) for status, shape in endpoint.answers.items()
    }
    bad = {
        str(status): {"$ref": f"#/components/responses/{_problem_name(status)}"}
        for status in refused_statuses(endpoint)
        if str(status) not in good
    }
    operation["responses"] = {**good, **bad}
    return operation


def refused_statuses(endpoint: Endpoint) -> list[int]:
    """Every status of a refusal that the endpoint can answer."""
    statuses = {500, 503, *endpoint.refusals}
    if endpoint.method not in {"GET", "HEAD"}:
        statuses |= {403, 413}
    if endpoint.auth is not Auth.ANYBODY:
        statuses.add(401)
    if endpoint.auth is Auth.ADMIN:
        statuses.add(403)
    if endpoint.body is not None:
        statuses |= {400, 415}
    if endpoint.query is not None or endpoint.replayable:
        statuses.add(400)
    if endpoint.parameters:
        statuses.add(404)
    if endpoint.allowance is not None:
        statuses.add(429)
    if endpoint.replayable:
        statuses.add(409)
    return sorted(statuses)


def _parameters(endpoint: Endpoint, schemas: _Schemas) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": dict(kind.schema)}
        for name, kind in endpoint.parameters
    ]
    if endpoint.query is not None:
        found += schemas.query_parameters(endpoint.query)
    if endpoint.replayable:
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "the same key and payload within 24 hours replay the first answer",
                "schema": {"type": "string", "format": "uuid"},
            }
        )
    return found


def _good(endpoint: Endpoint, shape: Shape, schemas: _Schemas) -> dict[str, Any]:
    headers: dict[str, Any] = {"Trace-Id": {"$ref": "#/components/headers/Trace-Id"}}
    headers |= {
        name: {"description": text, "schema": {"type": "string"}}
        for name, text in shape.headers.items()
    }
    if endpoint.allowance is not None:
        for name in ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"):
            headers[name] = {"description": "the rate limit", "schema": {"type": "integer"}}
    content: dict[str, Any] = {}
    if shape.struct is not None:
        content["application/json"] = {"schema": schemas.of(shape.struct)}
    for media_type in shape.media_types:
        content[media_type] = {"schema": _schema_of_media(media_type)}
    response: dict[str, Any] = {"description": shape.description, "headers": headers}
    if content:
        response["content"] = content
    links = schemas.links_from(endpoint, shape.struct)
    if links:
        response["links"] = links
    return response


def _schema_of_media(media_type: str) -> dict[str, Any]:
    if media_type.endswith(("json", "yaml")):
        return {"type": "object"}
    return {"type": "string"}


def _problem_name(status: int) -> str:
    return "".join(word.capitalize() for word in CODE_OF_STATUS[status].split("_"))


def _problem_response(code: str, status: int) -> dict[str, Any]:
    headers: dict[str, Any] = {"Trace-Id": {"$ref": "#/components/headers/Trace-Id"}}
    if status in {429, 503}:
        headers["Retry-After"] = {
            "description": "seconds to wait",
            "schema": {"type": "integer", "minimum": 1},
        }
    example = {
        "code": code,
        "message": "what is wrong, in a sentence",
        "trace_id": "3f0d7a0e-8a55-4b5e-9c0f-0d5d8d8d0a11",
    }
    return {
        "description": code.replace("_", " "),
        "headers": headers,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {code: {"value": example}},
            }
        },
    }
