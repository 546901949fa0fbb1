"""Opaque, direction-aware cursors over things ordered by (created_at, id)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Generic, TypeVar

from wildside.domain.errors import Invalid

DEFAULT_LIMIT = 20
MOST_A_PAGE = 100
Item = TypeVar("Item")


class Direction(StrEnum):
    """Which way the page lies from the cursor."""

    NEXT = "next"
    PREV = "prev"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last item seen and the way to go; `key` is the item's id as text."""

    direction: Direction
    created_at: datetime
    key: str

    def encode(self) -> str:
        """URL-safe text that nobody needs to understand."""
        microseconds = round(self.created_at.timestamp() * 1_000_000)
        plain = json.dumps([self.direction.value, microseconds, self.key], separators=(",", ":"))
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """The cursor behind the text; `invalid_cursor` or `unsupported_direction` where there is none."""
        try:
            plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            direction, microseconds, key = json.loads(plain)
            created_at = datetime.fromtimestamp(int(microseconds) // 1_000_000, UTC).replace(
                microsecond=int(microseconds) % 1_000_000
            )
        except (binascii.Error, ValueError, TypeError, OverflowError, OSError) as error:
            raise Invalid.field(
                "cursor", "invalid_cursor", "the cursor is not one of ours"
            ) from error
        if direction not in tuple(Direction):
            raise Invalid.field(
                "cursor", "unsupported_direction", "the cursor points neither next nor prev"
            )
        if not isinstance(key, str):
            raise Invalid.field("cursor", "invalid_cursor", "the cursor is not one of ours")
        return cls(Direction(direction), created_at, key)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """How many, and from where."""

    limit: int = DEFAULT_LIMIT
    cursor: Cursor | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MOST_A_PAGE:
            raise Invalid.field("limit", "out_of_range", f"limit must lie in 1..{MOST_A_PAGE}")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items in order, and the cursors of the pages beside them."""

    items: Sequence[Item]
    limit: int
    next: Cursor | None = None
    prev: Cursor | None = None
