"""The OpenAPI document as one plain page of HTML: no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from wildside.inbound.http.schema_words import STYLE, field_rows, kind_of, linked


def reading_page(document: Mapping[str, Any]) -> str:
    """Every operation and every schema, foldable, in the document's order."""
    return "\n".join(_page(document)) + "\n"


def _page(document: Mapping[str, Any]) -> Iterator[str]:
    info = document["info"]
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(info['title'])} API</title><style>{STYLE}</style></head><body>"
    yield f"<h1>{escape(info['title'])} API {escape(info['version'])}</h1>"
    yield f"<p>{escape(info['description'])}</p>"
    yield '<p><a href="/api-docs/openapi.json">OpenAPI</a> · '
    yield '<a href="/api-docs/asyncapi.yaml">AsyncAPI</a></p>'
    for tag in document["tags"]:
        yield f"<h2>{escape(tag['description'])}</h2>"
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if tag["name"] in operation["tags"]:
                    yield from _operation(method, path, operation)
    yield "<h2>Schemas</h2>"
    for name, schema in document["components"]["schemas"].items():
        yield f'<details id="{escape(name)}"><summary><code>{escape(name)}</code>'
        yield f" {escape(schema.get('description', ''))}</summary>"
        yield from field_rows(schema)
        yield "</details>"
    yield "</body></html>"


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f'<details><summary><span class="method">{escape(method.upper())}</span>'
    yield f"<code>{escape(path)}</code> {escape(operation['summary'])}</summary>"
    yield f"<p>{escape(operation['description'])}</p><table>"
    for parameter in operation.get("parameters", ()):
        kind = escape(kind_of(parameter["schema"]))
        yield f"<tr><td><code>{escape(parameter['name'])}</code></td>"
        yield f"<td>{escape(parameter['in'])}</td><td>{kind}</td></tr>"
    body = operation.get("requestBody")
    if body is not None:
        kind = kind_of(body["content"]["application/json"]["schema"])
        yield f"<tr><td>body</td><td></td><td>{linked(kind)}</td></tr>"
    for status, response in operation["responses"].items():
        yield f"<tr><td>{escape(status)}</td><td></td><td>{_response(response)}</td></tr>"
    yield "</table></details>"


def _response(response: Mapping[str, Any]) -> str:
    if "$ref" in response:
        return escape(response["$ref"].rsplit("/", 1)[1])
    kinds = [
        f"{escape(media_type)} {linked(kind_of(content['schema']))}"
        for media_type, content in response.get("content", {}).items()
    ]
    return "<br>".join([escape(response["description"]), *kinds])
