"""Turns bytes into an endpoint's structs, and msgspec's complaints into faults with field paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec

from wildside.domain.errors import FieldFault, Invalid

Struct = TypeVar("Struct", bound=msgspec.Struct)
MOST_QUERY_FIELDS = 30
_PATH = re.compile(r"^(?P<said>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `([^`]*)`")
# An escaped NUL whose backslash is not itself escaped: PostgreSQL's text cannot hold one.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)


def read_body(struct: type[Struct], body: bytes) -> Struct:
    """The JSON body as the struct; `Invalid` names the field at fault."""
    try:
        value = msgspec.json.decode(body, type=struct)
    except msgspec.ValidationError as error:
        fault = _fault(str(error))
        raise Invalid(fault.message, (fault,)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("the body is not JSON") from error
    if b"u0000" in body and _NUL.search(body):
        field = _place_of_nul(msgspec.to_builtins(value), "") or "body"
        raise Invalid.field(field, "invalid", f"{field} cannot hold the character NUL")
    return value


def read_query(struct: type[Struct], query: str) -> Struct:
    """The query string as the struct, each field at most once."""
    texts: dict[str, str] = {}
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, errors="strict", max_num_fields=MOST_QUERY_FIELDS
        )
    except (ValueError, UnicodeDecodeError) as error:
        raise Invalid("the query string cannot be read") from error
    for name, text in pairs:
        if "\0" in text:
            raise Invalid.field(name, "invalid", "text cannot hold the character NUL")
        if name in texts:
            raise Invalid.field(name, "repeated", f"{name} may be given once")
        texts[name] = text
    try:
        value = msgspec.convert(_known(struct, texts), struct, strict=False)
    except msgspec.ValidationError as error:
        fault = _fault(str(error))
        raise Invalid(fault.message, (fault,)) from error
    for name in texts:
        # The reader takes the word "null" for nothing; a parameter is absent or has a value.
        if getattr(value, name) is None:
            raise Invalid.field(name, "invalid_type", f"{name} has no value; leave it out instead")
    return value


def _place_of_nul(value: object, place: str) -> str | None:
    """The field whose text holds a NUL."""
    if isinstance(value, str):
        return place if "\0" in value else None
    steps: Iterable[tuple[object, object]] = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        steps = enumerate(value)
    found = (_place_of_nul(held, _joined(place, str(name))) for name, held in steps)
    return next((field for field in found if field is not None), None)


def _known(struct: type[msgspec.Struct], texts: Mapping[str, str]) -> Mapping[str, str]:
    for name in texts:
        if name not in struct.__struct_fields__:
            raise Invalid.field(name, "unknown_field", f"there is no query parameter {name!r}")
    return texts


def _fault(complaint: str) -> FieldFault:
    match = _PATH.match(complaint)
    said = match["said"] if match else complaint
    parent = ((match["path"] if match else None) or "").lstrip(".")
    missing, unknown = _MISSING.match(said), _UNKNOWN.match(said)
    if missing:
        field = _joined(parent, missing[1])
        return FieldFault(field, "required", f"{field} is required")
    if unknown:
        field = _joined(parent, unknown[1])
        return FieldFault(field, "unknown_field", f"{field} is not known here")
    code = "invalid_type" if said.startswith("Expected") and ", got" in said else "out_of_range"
    if said.startswith("Invalid"):
        code = "invalid"
    return FieldFault(parent or "body", code, said[:300].replace("`", ""))


def _joined(parent: str, name: str) -> str:
    name = name[:100]
    return f"{parent}.{name}" if parent else name
