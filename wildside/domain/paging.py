"""Opaque, direction-aware cursors over things ordered by (created_at, id), and the pages they lead to."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from wildside.domain.errors import Invalid
from wildside.domain.moments import microseconds, moment

DEFAULT_LIMIT = 20
MOST_A_PAGE = 100
MOST_PAGES_COUNTED = 1_000_000  # whoever has turned more has turned a million
LONGEST_CURSOR = 256  # ours have about 90 characters; longer text is not worth decoding
Item = TypeVar("Item")
Changed = TypeVar("Changed")


class Direction(StrEnum):
    """Which way the page lies from the cursor."""

    NEXT = "next"
    PREV = "prev"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last item seen and the way to go; `key` is the item's id as text.

    `pages` counts how many pages a reader has been given before the one this leads to.
    """

    direction: Direction
    created_at: datetime
    key: str
    pages: int = 1

    def encode(self) -> str:
        """URL-safe text that nobody needs to understand."""
        plain = json.dumps(
            [self.direction.value, microseconds(self.created_at), self.key, self.pages],
            separators=(",", ":"),
        )
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """The cursor behind the text; `invalid_cursor` or `unsupported_direction` where there is none."""
        direction, created_at, key, pages = _unpacked(text)
        if not isinstance(direction, str) or direction not in tuple(Direction):
            raise Invalid.field(
                "cursor", "unsupported_direction", "the cursor points neither next nor prev"
            )
        return cls(Direction(direction), created_at, key, pages)

    def integer_key(self) -> int:
        """The key of things that are numbered; `invalid_cursor` where it is no 64-bit number."""
        # isdecimal alone would let "²" or twenty digits through to the store.
        digits = self.key.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= 18):
            raise _not_ours()
        return int(self.key)

    def uuid_key(self) -> UUID:
        """The key of things that have UUIDs; `invalid_cursor` where it is none in its usual form."""
        try:
            key = UUID(self.key)
        except ValueError as error:
            raise _not_ours() from error
        if str(key) != self.key:
            raise _not_ours()
        return key


def _not_ours() -> Invalid:
    return Invalid.field("cursor", "invalid_cursor", "the cursor is not one of ours")


def _unpacked(text: str) -> tuple[object, datetime, str, int]:
    if len(text) > LONGEST_CURSOR:
        raise _not_ours()
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        parts = json.loads(plain)
    except (ValueError, RecursionError) as error:
        raise _not_ours() from error
    if not (isinstance(parts, list) and len(parts) == 4):
        raise _not_ours()
    direction, created_at, key, pages = parts
    # bool is an int to Python; a cursor of ours never carries one. Lone surrogates cannot be stored.
    if type(created_at) is not int or not isinstance(key, str) or not key.isascii():
        raise _not_ours()
    if type(pages) is not int or not 1 <= pages <= MOST_PAGES_COUNTED:
        raise _not_ours()
    try:
        return direction, moment(created_at), key, pages
    except OverflowError as error:
        raise _not_ours() from error


@dataclass(frozen=True, slots=True)
class PageRequest:
    """How many, and from where."""

    limit: int = DEFAULT_LIMIT
    cursor: Cursor | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MOST_A_PAGE:
            raise Invalid.field("limit", "out_of_range", f"limit must lie in 1..{MOST_A_PAGE}")

    @property
    def pages_with_this(self) -> int:
        """How many pages the reader has been given when they have got this one."""
        if self.cursor is None:
            return 1
        return min(self.cursor.pages + 1, MOST_PAGES_COUNTED)

    @property
    def goes_back(self) -> bool:
        """Whether the store must read against the order."""
        return self.cursor is not None and self.cursor.direction is Direction.PREV


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items in order, and the cursors of the pages beside them."""

    items: Sequence[Item]
    limit: int
    next: Cursor | None = None
    prev: Cursor | None = None

    def map(self, change: Callable[[Item], Changed]) -> Page[Changed]:
        """The same page of other things, such as values made of rows."""
        return Page([change(item) for item in self.items], self.limit, self.next, self.prev)


def page_of_all(
    items: Iterable[Item], asked: PageRequest, place_of: Callable[[Item], tuple[datetime, str]]
) -> Page[Item]:
    """The page out of everything there is, the newest first: for stores that have it all in memory."""
    found = sorted(items, key=place_of, reverse=not asked.goes_back)
    if asked.cursor is not None:
        seen = (asked.cursor.created_at, asked.cursor.key)
        found = [
            item
            for item in found
            if place_of(item) != seen and (place_of(item) > seen) == asked.goes_back
        ]
    return page_of(found[: asked.limit + 1], asked, place_of)


def page_of(
    found: Sequence[Item], asked: PageRequest, place_of: Callable[[Item], tuple[datetime, str]]
) -> Page[Item]:
    """The page made of what a store found from the cursor on, in the direction of travel.

    The store reads `asked.limit + 1` items: the one too many only proves that there are more.
    `place_of` tells an item's created_at and key.
    """
    more = len(found) > asked.limit
    items = list(found[: asked.limit])
    if asked.goes_back:
        items.reverse()
    came_from = asked.cursor
    if not items:
        return _empty_page(asked)

    def cursor(direction: Direction, item: Item) -> Cursor:
        return Cursor(direction, *place_of(item), asked.pages_with_this)

    has_next = came_from is not None if asked.goes_back else more
    has_prev = more if asked.goes_back else came_from is not None
    return Page(
        items,
        asked.limit,
        next=cursor(Direction.NEXT, items[-1]) if has_next else None,
        prev=cursor(Direction.PREV, items[0]) if has_prev else None,
    )


def _empty_page(asked: PageRequest) -> Page[Item]:
    """Nothing lies this way (any more): the only way leads back to where the reader came from."""
    if asked.cursor is None:
        return Page([], asked.limit)
    if asked.goes_back:
        return Page(
            [],
            asked.limit,
            next=replace(asked.cursor, direction=Direction.NEXT, pages=asked.pages_with_this),
        )
    back = replace(asked.cursor, direction=Direction.PREV, pages=asked.pages_with_this)
    return Page([], asked.limit, prev=back)
