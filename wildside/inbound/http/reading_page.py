"""The OpenAPI document as one plain page of HTML: no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
details { border: 1px solid #8886; border-radius: .5rem; margin: .5rem 0; padding: .25rem .75rem; }
summary { cursor: pointer; } code { font-size: .95em; } table { border-collapse: collapse; }
td, th { text-align: left; vertical-align: top; padding: .1rem 1rem .1rem 0; }
.method { display: inline-block; width: 4.5rem; font-weight: 600; }
"""


def reading_page(document: Mapping[str, Any]) -> str:
    """Every operation and every schema, foldable, in the document's order."""
    return "\n".join(_page(document)) + "\n"


def _page(document: Mapping[str, Any]) -> Iterator[str]:
    info = document["info"]
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(info['title'])} API</title><style>{_STYLE}</style></head><body>"
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
        yield from _fields(schema)
        yield "</details>"
    yield "</body></html>"


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f'<details><summary><span class="method">{escape(method.upper())}</span>'
    yield f"<code>{escape(path)}</code> {escape(operation['summary'])}</summary>"
    yield f"<p>{escape(operation['description'])}</p><table>"
    for parameter in operation.get("parameters", ()):
        kind = escape(_type(parameter["schema"]))
        yield f"<tr><td><code>{escape(parameter['name'])}</code></td>"
        yield f"<td>{escape(parameter['in'])}</td><td>{kind}</td></tr>"
    body = operation.get("requestBody")
    if body is not None:
        kind = _type(body["content"]["application/json"]["schema"])
        yield f"<tr><td>body</td><td></td><td>{_linked(kind)}</td></tr>"
    for status, response in operation["responses"].items():
        yield f"<tr><td>{escape(status)}</td><td></td><td>{_response(response)}</td></tr>"
    yield "</table></details>"


def _response(response: Mapping[str, Any]) -> str:
    if "$ref" in response:
        return escape(response["$ref"].rsplit("/", 1)[1])
    kinds = [
        f"{escape(media_type)} {_linked(_type(content['schema']))}"
        for media_type, content in response.get("content", {}).items()
    ]
    return "<br>".join([escape(response["description"]), *kinds])


def _fields(schema: Mapping[str, Any]) -> Iterator[str]:
    required = schema.get("required", ())
    yield "<table>"
    for name, field in schema.get("properties", {}).items():
        must = "required" if name in required else ""
        yield f"<tr><td><code>{escape(name)}</code></td><td>{must}</td>"
        yield f"<td>{_linked(_type(field))}</td></tr>"
    yield "</table>"


def _type(schema: Mapping[str, Any]) -> str:
    """The schema in a word or a few."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if "anyOf" in schema:
        return " or ".join(_type(option) for option in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    limits = [f"≥ {schema['minimum']}"] if "minimum" in schema else []
    limits += [f"≤ {schema['maximum']}"] if "maximum" in schema else []
    words = [str(schema.get("format", schema.get("type", "anything"))), *limits]
    return " ".join(words)


def _linked(kind: str) -> str:
    name = kind.removeprefix("list of ")
    if not name.isidentifier() or not name[:1].isupper():
        return escape(kind)
    return escape(kind[: len(kind) - len(name)]) + f'<a href="#{name}">{name}</a>'
