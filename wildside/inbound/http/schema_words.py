"""JSON schemas in a few words of HTML, for the pages that people read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
details { border: 1px solid #8886; border-radius: .5rem; margin: .5rem 0; padding: .25rem .75rem; }
summary { cursor: pointer; } code { font-size: .95em; } table { border-collapse: collapse; }
td, th { text-align: left; vertical-align: top; padding: .1rem 1rem .1rem 0; }
.method { display: inline-block; width: 4.5rem; font-weight: 600; }
"""


def field_rows(schema: Mapping[str, Any]) -> Iterator[str]:
    """The schema's fields as a table: name, whether it must be there, what it is."""
    required = schema.get("required", ())
    yield "<table>"
    for name, field in schema.get("properties", {}).items():
        must = "required" if name in required else ""
        yield f"<tr><td><code>{escape(name)}</code></td><td>{must}</td>"
        yield f"<td>{linked(kind_of(field))}</td></tr>"
    yield "</table>"


def kind_of(schema: Mapping[str, Any]) -> str:
    """The schema in a word or a few."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if "anyOf" in schema:
        return " or ".join(kind_of(option) for option in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {kind_of(schema.get('items', {}))}"
    limits = [f"≥ {schema['minimum']}"] if "minimum" in schema else []
    limits += [f"≤ {schema['maximum']}"] if "maximum" in schema else []
    words = [str(schema.get("format", schema.get("type", "anything"))), *limits]
    return " ".join(words)


def linked(kind: str) -> str:
    """The words as HTML; a named schema leads to its place on the page."""
    name = kind.removeprefix("list of ")
    if not name.isidentifier() or not name[:1].isupper():
        return escape(kind)
    return escape(kind[: len(kind) - len(name)]) + f'<a href="#{name}">{name}</a>'
