"""The AsyncAPI document as one plain page of HTML: every message with its fields and an example."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from wildside.inbound.http.schema_words import STYLE, field_rows

_PRE = "pre { overflow-x: auto; padding: .5rem .75rem; background: #8882; border-radius: .5rem; }"


def socket_page(document: Mapping[str, Any]) -> str:
    """What is heard and what may be said, in the document's order."""
    return "\n".join(_page(document)) + "\n"


def _page(document: Mapping[str, Any]) -> Iterator[str]:
    info = document["info"]
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(info['title'])}</title><style>{STYLE}{_PRE}</style></head><body>"
    yield f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>"
    yield f"<p>{escape(info['description'])}</p>"
    yield from _channels(document)
    for operation in document["operations"].values():
        yield f"<h2>{escape(operation['summary'])}</h2>"
        for reference in operation["messages"]:
            yield from _message(document, reference["$ref"].rsplit("/", 1)[1])
    named = {message["payload"]["$ref"] for message in document["components"]["messages"].values()}
    yield "<h2>What messages are made of</h2>"
    for name, schema in document["components"]["schemas"].items():
        if f"#/components/schemas/{name}" not in named:
            yield f'<h3 id="{escape(name)}">{escape(name)}</h3>'
            yield f"<p>{escape(schema.get('description', ''))}</p>"
            yield from field_rows(schema)
    yield "</body></html>"


def _channels(document: Mapping[str, Any]) -> Iterator[str]:
    for channel in document["channels"].values():
        query = channel["bindings"]["ws"]["query"]["properties"]
        asked = "&amp;".join(f"{escape(name)}=" for name in query)
        yield f"<p>Opened with <code>GET {escape(channel['address'])}?{asked}</code>.</p>"
    closings = document["info"].get("x-close-codes", {})
    if closings:
        yield "<table><tr><th>closed with</th><th>because</th></tr>"
        for code, reason in closings.items():
            yield f"<tr><td>{escape(code)}</td><td>{escape(reason)}</td></tr>"
        yield "</table>"


def _message(document: Mapping[str, Any], name: str) -> Iterator[str]:
    message = document["components"]["messages"][name]
    schema = document["components"]["schemas"][message["payload"]["$ref"].rsplit("/", 1)[1]]
    yield f'<h3 id="{escape(name)}"><code>{escape(message["name"])}</code></h3>'
    yield f"<p>{escape(message['summary'])}</p>"
    yield from field_rows(schema)
    for example in message.get("examples", ()):
        text = json.dumps(example["payload"], indent=2, ensure_ascii=False)
        yield f"<pre>{escape(text)}</pre>"
