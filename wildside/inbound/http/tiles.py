"""Vector tiles, their TileJSON and the styles over HTTP."""

from __future__ import annotations

import math
from typing import Annotated

import msgspec
from msgspec import Meta

from wildside.domain.errors import NotFound
from wildside.inbound.forms.attribution import ATTRIBUTION
from wildside.inbound.http.catalogue import matches, tagged
from wildside.inbound.http.endpoint import Endpoint, Shape
from wildside.inbound.http.house import House, Tile
from wildside.inbound.http.message import Answer, Headers, Request

DEEPEST_ZOOM = 22
VECTOR_TILE = "application/vnd.mapbox-vector-tile"
# A tile's address carries the version of what it was drawn from: it never changes.
FOR_EVER = b"public, max-age=31536000, immutable"
ASK_AGAIN = b"no-cache"
# Zooms with tiles of their own: the base map is drawn from 8 to 15, places are all shown at 16.
SOURCES = {"base": (8, 15), "pois": (10, 16)}


class TileQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The version the address was made for."""

    v: Annotated[str, Meta(max_length=64)] | None = None


class TileJson(msgspec.Struct):
    """TileJSON 3.0.0 (https://github.com/mapbox/tilejson-spec), as far as maps need it."""

    tilejson: str
    name: str
    tiles: list[str]
    minzoom: int
    maxzoom: int
    attribution: str
    scheme: str
    bounds: list[float]


async def get_base_tile(house: House, request: Request) -> Answer:
    """One tile of the base map."""
    zoom, column, row = tile_address(request)
    return await _tile_answer(house, request, await house.tiles.base(zoom, column, row))


async def get_place_tile(house: House, request: Request) -> Answer:
    """The places of one tile."""
    zoom, column, row = tile_address(request)
    return await _tile_answer(house, request, await house.tiles.places(zoom, column, row))


async def get_tile_json(house: House, request: Request) -> Answer:
    """Where a source's tiles are, by addresses that change with their content."""
    source = request.parameters["source"]
    if source not in SOURCES:
        raise NotFound(f"there is no tile source {source}")
    shallowest, deepest = SOURCES[source]
    bounds = await house.tiles.bounds()
    origin = house.tiles_origin or request.origin
    version = await house.tiles.version()
    document = TileJson(
        tilejson="3.0.0",
        name=f"Wildside {source}",
        tiles=[f"{origin}/tiles/{source}/{{z}}/{{x}}/{{y}}.pbf?v={version}"],
        minzoom=shallowest,
        maxzoom=deepest,
        attribution=ATTRIBUTION,
        scheme="xyz",
        bounds=[-180.0, -85.0511, 180.0, 85.0511]
        if bounds is None
        else [bounds.west, bounds.south, bounds.east, bounds.north],
    )
    return tagged(request, msgspec.json.encode(document))


async def get_style(house: House, request: Request) -> Answer:
    """The map's style as the page was built with it."""
    name = request.parameters["style"]
    # `name` is a word of letters: it cannot climb out of the folder.
    path = house.page / "styles" / f"{name}.json"
    if not path.is_file():
        raise NotFound(f"there is no style {name}")
    return tagged(request, path.read_bytes())


async def _tile_answer(house: House, request: Request, tile: Tile | None) -> Answer:
    asked: TileQuery = request.query
    current = asked.v is not None and asked.v == await house.tiles.version()
    cache_control = (b"cache-control", FOR_EVER if current else ASK_AGAIN)
    if tile is None:
        # 204 draws nothing; MapLibre would report a 404 as a failure.
        return Answer(204, headers=(cache_control,))
    etag = f'"{tile.etag}"'.encode()
    headers: Headers = ((b"etag", etag), cache_control)
    if matches(request.headers.get(b"if-none-match"), etag):
        return Answer(304, headers=headers)
    packed = tile.data[:2] == b"\x1f\x8b"
    if packed:
        headers = (*headers, (b"content-encoding", b"gzip"))
    return Answer(200, tile.data, VECTOR_TILE.encode(), headers)


def tile_address(request: Request) -> tuple[int, int, int]:
    """Zoom, column and row; NotFound where there is no such tile."""
    zoom, column, row = (request.parameters[name] for name in ("z", "x", "y"))
    if zoom > DEEPEST_ZOOM or column >= math.ldexp(1, zoom) or row >= math.ldexp(1, zoom):
        raise NotFound("there is no such tile")
    return zoom, column, row


_TILE = "{z:int}/{x:int}/{y:int}.pbf"
_TILE_ANSWERS = {
    200: Shape("The tile", media_types=(VECTOR_TILE,), headers={"ETag": "names the content"}),
    204: Shape("Nothing is drawn here"),
}
ENDPOINTS = (
    Endpoint(
        "GET",
        f"/tiles/base/{_TILE}",
        get_base_tile,
        "A tile of the base map",
        "tiles",
        _TILE_ANSWERS,
        query=TileQuery,
        refusals=(404,),
    ),
    Endpoint(
        "GET",
        f"/tiles/pois/{_TILE}",
        get_place_tile,
        "The places of a tile",
        "tiles",
        _TILE_ANSWERS,
        query=TileQuery,
        refusals=(404,),
    ),
    Endpoint(
        "GET",
        "/tiles/{source:word}.json",
        get_tile_json,
        "Where a source's tiles are",
        "tiles",
        {200: Shape("TileJSON", TileJson)},
        refusals=(404,),
    ),
    Endpoint(
        "GET",
        "/tiles/style/{style:word}.json",
        get_style,
        "The map's style",
        "tiles",
        {200: Shape("A MapLibre style", media_types=("application/json",))},
        refusals=(404,),
    ),
)
