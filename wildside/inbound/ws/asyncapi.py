"""The AsyncAPI 3 document of the socket, made from its messages' structs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from wildside.inbound.ws.messages import FROM_SERVER, FROM_WALKER

VERSION = "1.0.0"
_REQUEST, _TRACE = "5b0e8c9a-6a0c-4c39-8a1b-7d5f3a9c1e22", "3f0d7a0e-8a55-4b5e-9c0f-0d5d8d8d0a11"
_ROUTE = "0c9f6f3d-7a1b-4b6e-8f1d-2f6a4c8e9b33"
_SENT: Mapping[str, Any] = {
    "id": 1772357400000000,
    "timestamp": "2026-03-01T09:30:00.000000Z",
    "trace_id": _TRACE,
}
# Every message has one, by its `type`.
EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "route_generation_status": {
        **_SENT,
        "request_id": _REQUEST,
        "status": "complete",
        "progress": 100,
        "route_id": _ROUTE,
    },
    "error": {
        **_SENT,
        "code": "invalid_request",
        "message": "Object missing required field `location`",
    },
    "update_location": {
        "route_id": _ROUTE,
        "location": {"type": "Point", "coordinates": [-3.1883, 55.9533]},
        "accuracy_metres": 8.0,
    },
}
CLOSE_CODES: Mapping[str, str] = {
    "1000": "heartbeat timeout: no frame came for ten seconds",
    "1001": "the server is going down; come back with ?since=",
    "1008": "a frame was malformed, or the session has ended",
    "1009": "a message was longer than 16 KiB",
    "1011": "a fault of ours; come back with ?since=",
    "1013": "read too slowly; come back with ?since=",
}


def asyncapi_document() -> dict[str, Any]:
    """The whole document."""
    structs = [*FROM_SERVER, *FROM_WALKER]
    _, components = msgspec.json.schema_components(
        structs, ref_template="#/components/schemas/{name}"
    )
    messages = {
        struct.__name__: {
            "name": struct.__struct_config__.tag,
            "summary": (struct.__doc__ or "").strip(),
            "contentType": "application/json",
            "payload": {"$ref": f"#/components/schemas/{struct.__name__}"},
            "examples": [_example(struct)],
        }
        for struct in structs
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Wildside's socket",
            "version": VERSION,
            "description": "One socket a device, opened with the session cookie: 401 without one, "
            "403 from another site's page. On connecting, the walker hears the latest word on each "
            "unfinished request and on those ended within ten minutes; `?since=<id>` resumes after "
            "a message. The server pings every five seconds and closes after ten of silence.",
            "license": {"name": "ISC"},
            "x-close-codes": dict(CLOSE_CODES),
        },
        "defaultContentType": "application/json",
        "servers": {
            "own": {"host": "localhost:8080", "protocol": "ws", "description": "this server"}
        },
        "channels": {
            "socket": {
                "address": "/ws",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
                "bindings": {
                    "ws": {
                        "method": "GET",
                        "query": {
                            "type": "object",
                            "properties": {"since": {"type": "integer", "minimum": 0}},
                        },
                    }
                },
            }
        },
        "operations": {
            "hear": {
                "action": "send",
                "summary": "What the walker hears",
                "channel": {"$ref": "#/channels/socket"},
                "messages": [_on_channel(struct) for struct in FROM_SERVER],
            },
            "say": {
                "action": "receive",
                "summary": "What the walker says",
                "channel": {"$ref": "#/channels/socket"},
                "messages": [_on_channel(struct) for struct in FROM_WALKER],
            },
        },
        "components": {"messages": messages, "schemas": dict(sorted(components.items()))},
    }


def _example(struct: type[msgspec.Struct]) -> dict[str, Any]:
    kind = str(struct.__struct_config__.tag)
    return {"name": kind, "payload": {"type": kind, **EXAMPLES[kind]}}


def _on_channel(struct: type[msgspec.Struct]) -> dict[str, str]:
    return {"$ref": f"#/channels/socket/messages/{struct.__name__}"}
