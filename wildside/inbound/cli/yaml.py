"""Writes plain values as YAML 1.2; every scalar as JSON writes it, which YAML reads alike."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence


def to_yaml(value: object) -> str:
    """A mapping or a list in block style, ending with a line break."""
    return "\n".join(_lines(value, "")) + "\n"


def _lines(value: object, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _entry(f"{indent}{json.dumps(str(key))}:", item, indent + "  ")
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from _entry(f"{indent}-", item, indent + "  ")


def _entry(head: str, item: object, indent: str) -> Iterator[str]:
    nested = isinstance(item, Mapping | list | tuple)
    if nested and item:
        yield head
        yield from _lines(item, indent)
    else:
        yield f"{head} {json.dumps(list(item) if isinstance(item, tuple) else item, ensure_ascii=False)}"
