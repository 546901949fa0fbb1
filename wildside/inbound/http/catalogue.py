"""What there is to see, over HTTP: regions, themes and places."""

from __future__ import annotations

import hashlib
from typing import Annotated, Generic, Literal, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta

from wildside.domain.catalogue import Place, Region
from wildside.domain.errors import Invalid
from wildside.domain.geography import BoundingBox
from wildside.domain.identifiers import PlaceId, ThemeId
from wildside.inbound.http.endpoint import Endpoint, Shape
from wildside.inbound.http.house import House
from wildside.inbound.http.message import Answer, Request
from wildside.inbound.http.shapes import (
    PageQuery,
    PageShape,
    PointShape,
    Timestamp,
    UuidText,
    page_shape,
    point_shape,
    timestamp,
)

MOST_THEMES_ASKED = 100
_DEGREES = r"-?[0-9]{1,3}(\.[0-9]{1,15})?"
_BOX = f"^{_DEGREES}(,{_DEGREES}){{3}}$"
_UUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_UUIDS = f"^({_UUID}(,{_UUID})*)?$"
Item = TypeVar("Item")


class ListShape(msgspec.Struct, Generic[Item]):
    """A list that is short enough to come whole."""

    data: list[Item]


class ThemeShape(msgspec.Struct):
    """An interest a walker may choose."""

    id: UuidText
    name: str
    description: str
    icon_key: str


class RegionShape(msgspec.Struct):
    """An ingested piece of the map; `bounds` are west, south, east, north."""

    id: str
    name: str
    bounds: Annotated[list[float], Meta(min_length=4, max_length=4)]
    centre: PointShape
    data_timestamp: Timestamp | None
    attribution: str


class PlaceShape(msgspec.Struct, omit_defaults=True):
    """A place worth a look."""

    id: Annotated[int, Meta(ge=0)]
    osm_type: Literal["node", "way", "relation"]
    osm_id: int
    name: str
    names: dict[str, str]
    location: PointShape
    themes: list[UuidText]
    popularity_score: Annotated[float, Meta(ge=0, le=1)]
    tags: dict[str, str]
    narrative: str | None = None
    opening_hours: str | None = None
    wikidata: str | None = None


class PlaceQuery(PageQuery, kw_only=True):
    """Which places: west,south,east,north and comma separated theme ids."""

    bbox: (
        Annotated[
            str,
            Meta(
                max_length=200,
                description="west,south,east,north in degrees",
                extra_json_schema={"pattern": _BOX, "examples": ["-3.20,55.94,-3.18,55.96"]},
            ),
        ]
        | None
    ) = None
    theme_ids: (
        Annotated[
            str,
            Meta(
                max_length=4000,
                description="ids of themes, separated by commas",
                extra_json_schema={"pattern": _UUIDS},
            ),
        ]
        | None
    ) = None

    def bounds(self) -> BoundingBox | None:
        """The box asked for."""
        if self.bbox is None:
            return None
        try:
            west, south, east, north = (float(text) for text in self.bbox.split(","))
        except ValueError as error:
            raise Invalid.field(
                "bbox", "invalid", "bbox is four numbers: west,south,east,north"
            ) from error
        return BoundingBox(west, south, east, north)

    def themes(self) -> list[ThemeId]:
        """The themes asked for."""
        texts = [text.strip() for text in (self.theme_ids or "").split(",") if text.strip()]
        if len(texts) > MOST_THEMES_ASKED:
            raise Invalid.field("theme_ids", "too_many", f"at most {MOST_THEMES_ASKED} themes")
        try:
            return [ThemeId(UUID(text)) for text in texts]
        except ValueError as error:
            raise Invalid.field("theme_ids", "invalid", "theme_ids are UUIDs") from error


async def list_regions(house: House, request: Request) -> Answer:
    """Every ingested region."""
    regions = await house.catalogue.regions()
    return tagged(request, msgspec.json.encode(ListShape([_region(region) for region in regions])))


async def list_interest_themes(house: House, request: Request) -> Answer:
    """Every theme on offer."""
    shapes = [
        ThemeShape(str(theme.id), theme.name, theme.description, theme.icon_key)
        for theme in await house.catalogue.themes()
    ]
    return tagged(request, msgspec.json.encode(ListShape(shapes)))


async def list_places(house: House, request: Request) -> Answer:
    """Places in a box with some themes, a page at a time."""
    query: PlaceQuery = request.query
    page = await house.catalogue.page(query.bounds(), query.themes(), query.page_request())
    return Answer(200, msgspec.json.encode(page_shape(page, request.path, query, place_shape)))


async def get_place(house: House, request: Request) -> Answer:
    """One place in full."""
    place = await house.catalogue.place(PlaceId(request.parameters["poi_id"]))
    return Answer(200, msgspec.json.encode(place_shape(place)))


def place_shape(place: Place) -> PlaceShape:
    """The place as everybody sees it."""
    return PlaceShape(
        id=place.id,
        osm_type=place.osm_type,
        osm_id=place.osm_id,
        name=place.name,
        names=dict(place.names),
        location=point_shape(place.location),
        themes=[str(theme) for theme in place.theme_ids],
        popularity_score=round(place.popularity_score, 4),
        tags=dict(place.tags),
        narrative=place.narrative,
        opening_hours=place.opening_hours,
        wikidata=place.wikidata,
    )


def tagged(
    request: Request,
    body: bytes,
    *,
    content_type: bytes = b"application/json",
    cache_control: bytes = b"no-cache",
) -> Answer:
    """The body with its ETag, or 304 where the asker has it already."""
    etag = b'"%s"' % hashlib.sha256(body).hexdigest()[:32].encode()
    headers = ((b"etag", etag), (b"cache-control", cache_control))
    if matches(request.headers.get(b"if-none-match"), etag):
        return Answer(304, content_type=content_type, headers=headers)
    return Answer(200, body, content_type, headers)


def matches(if_none_match: bytes | None, etag: bytes) -> bool:
    """Weak comparison, as RFC 9110 13.1.2 wants for If-None-Match."""
    if if_none_match is None:
        return False
    known = [part.strip().removeprefix(b"W/") for part in if_none_match.split(b",")]
    return etag.removeprefix(b"W/") in known or b"*" in known


def _region(region: Region) -> RegionShape:
    bounds = region.bounds
    return RegionShape(
        region.id,
        region.name,
        [bounds.west, bounds.south, bounds.east, bounds.north],
        point_shape(region.centre),
        None if region.data_timestamp is None else timestamp(region.data_timestamp),
        region.attribution,
    )


_API = "/api/v1"
ENDPOINTS = (
    Endpoint(
        "GET",
        f"{_API}/regions",
        list_regions,
        "Where one can walk",
        "catalogue",
        {200: Shape("Every region", ListShape[RegionShape], headers={"ETag": "names the content"})},
    ),
    Endpoint(
        "GET",
        f"{_API}/interest-themes",
        list_interest_themes,
        "What one can like",
        "catalogue",
        {200: Shape("Every theme", ListShape[ThemeShape], headers={"ETag": "names the content"})},
    ),
    Endpoint(
        "GET",
        f"{_API}/pois",
        list_places,
        "Places in a box",
        "catalogue",
        {200: Shape("A page of places", PageShape[PlaceShape])},
        query=PlaceQuery,
    ),
    Endpoint(
        "GET",
        f"{_API}/pois/{{poi_id:int}}",
        get_place,
        "One place in full",
        "catalogue",
        {200: Shape("The place", PlaceShape)},
        refusals=(404,),
    ),
)
