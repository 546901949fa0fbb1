"""How plain values look in JSON: moments, points, lines, pages; and what many answers are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import Meta

from wildside.domain.errors import Invalid
from wildside.domain.geography import Point
from wildside.domain.moments import rfc3339
from wildside.domain.paging import DEFAULT_LIMIT, MOST_A_PAGE, Cursor, Page, PageRequest
from wildside.domain.traffic import PageRead
from wildside.inbound.forms.geojson import position

Timestamp = Annotated[
    str,
    Meta(
        description="RFC 3339, UTC, microseconds",
        extra_json_schema={"format": "date-time", "examples": ["2026-03-01T09:30:00.000000Z"]},
    ),
]
UuidText = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
Degrees = Annotated[float, Meta(ge=-180, le=180)]
Position = Annotated[
    list[Degrees],
    Meta(min_length=2, max_length=2, description="longitude, latitude (WGS 84)"),
]
# Its pattern is for readers of the document: a text that is none of ours gets a code of its own.
CursorText = Annotated[
    str,
    Meta(
        max_length=1000,
        description="opaque: taken from a page's links, never made",
        extra_json_schema={"pattern": "^[A-Za-z0-9_-]+$"},
    ),
]
Item = TypeVar("Item")


class PointShape(msgspec.Struct, forbid_unknown_fields=True):
    """A GeoJSON Point."""

    type: Literal["Point"]
    coordinates: Position


class LineShape(msgspec.Struct):
    """A GeoJSON LineString."""

    type: Literal["LineString"]
    coordinates: list[Position]


class Links(msgspec.Struct, omit_defaults=True):
    """Where a page's neighbours are: followed, never built."""

    self: str
    next: str | None = None
    prev: str | None = None


class PageQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which part of a list."""

    limit: Annotated[int, Meta(ge=1, le=MOST_A_PAGE)] = DEFAULT_LIMIT
    cursor: CursorText | None = None

    def page_request(self) -> PageRequest:
        """The page asked for, or `invalid_cursor`."""
        cursor = None if self.cursor is None else Cursor.decode(self.cursor)
        return PageRequest(self.limit, cursor)


def page_read(listed: str, query: PageQuery) -> PageRead:
    """What there is to count about a page that was given."""
    asked = query.page_request()
    direction = "first" if asked.cursor is None else asked.cursor.direction.value
    return PageRead(listed, asked.limit, direction, asked.pages_with_this)


class PageShape(msgspec.Struct, Generic[Item]):
    """One page of a list, in order."""

    data: list[Item]
    limit: int
    links: Links


def timestamp(moment: datetime) -> str:
    """Six digits of a second always: what is compared as text stays in order."""
    return rfc3339(moment)


def point_shape(point: Point) -> PointShape:
    """The point in GeoJSON."""
    return PointShape("Point", position(point))


def line_shape(path: Sequence[Point]) -> LineShape:
    """The path in GeoJSON; a path of one point is drawn twice, for a line needs two."""
    points = path if len(path) >= 2 else (*path, *path)
    # Not rounded: the network keeps OSM's own seven decimals, and a walk has hundreds of points.
    return LineShape("LineString", [[point.longitude, point.latitude] for point in points])


def point_of(shape: PointShape, field: str) -> Point:
    """The point asked for; a fault names the field it came in."""
    try:
        return Point(shape.coordinates[0], shape.coordinates[1])
    except Invalid as error:
        raise Invalid.field(f"{field}.coordinates", "out_of_range", error.message) from error


def page_shape(
    page: Page[Any], path: str, query: PageQuery, shape: Callable[[Any], Item]
) -> PageShape[Item]:
    """The page with links that keep whatever else was asked."""
    asked: dict[str, object] = msgspec.structs.asdict(query)

    def link(cursor: str | None) -> str:
        fields = {**asked, "cursor": cursor}
        texts = {name: _query_text(value) for name, value in fields.items() if value is not None}
        return f"{path}?{urlencode(texts)}"

    return PageShape(
        [shape(item) for item in page.items],
        page.limit,
        Links(
            self=link(query.cursor),
            next=link(page.next.encode()) if page.next else None,
            prev=link(page.prev.encode()) if page.prev else None,
        ),
    )


def _query_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
