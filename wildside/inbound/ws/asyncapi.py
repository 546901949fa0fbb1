"""The AsyncAPI 3 document of the socket, made from its messages' structs."""

from __future__ import annotations

from typing import Any

import msgspec

from wildside.inbound.ws.messages import FROM_SERVER, FROM_WALKER

VERSION = "1.0.0"


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


def _on_channel(struct: type[msgspec.Struct]) -> dict[str, str]:
    return {"$ref": f"#/channels/socket/messages/{struct.__name__}"}
