"""One walker's walk as vector tiles, for its owner's cookie or a short-lived token."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from wildside.domain.errors import Forbidden, NotFound
from wildside.domain.identifiers import RouteId
from wildside.domain.route import Route
from wildside.inbound.http.catalogue import matches
from wildside.inbound.http.endpoint import Auth, Endpoint, Shape
from wildside.inbound.http.house import House
from wildside.inbound.http.message import Answer, Headers, Request
from wildside.inbound.http.shapes import Timestamp, timestamp
from wildside.inbound.http.tiles import VECTOR_TILE, tile_address

# Whoever asks again is checked again: a token ends, a walk may be deleted.
OWN_AND_ASK_AGAIN = b"private, no-cache"


class RouteTileQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The token of the route, where no cookie comes along."""

    token: Annotated[str, Meta(max_length=2000, pattern="^[A-Za-z0-9_.-]*$")] | None = None


class TileTokenShape(msgspec.Struct):
    """A token for the tiles of one walk."""

    token: str
    expires_at: Timestamp


async def create_tile_token(house: House, request: Request) -> Answer:
    """A token by which a map draws the walk without a cookie."""
    route_id = RouteId(request.uuid("route_id"))
    await house.read_routes.route(request.walker.id, route_id)
    fresh = house.tile_tokens.issue(route_id, house.clock.now())
    shape = TileTokenShape(fresh.token, timestamp(fresh.expires_at))
    return Answer(201, msgspec.json.encode(shape), headers=((b"cache-control", b"no-store"),))


async def get_route_tile(house: House, request: Request) -> Answer:
    """The part of the walk that lies in the tile."""
    route = await _permitted(house, request)
    zoom, column, row = tile_address(request)
    tile = house.route_tile(route, zoom, column, row)
    headers: Headers = ((b"cache-control", OWN_AND_ASK_AGAIN), (b"vary", b"Cookie"))
    if tile is None:
        return Answer(204, headers=headers)
    etag = f'"{tile.etag}"'.encode()
    headers = (*headers, (b"etag", etag))
    if matches(request.headers.get(b"if-none-match"), etag):
        return Answer(304, headers=headers)
    return Answer(200, tile.data, VECTOR_TILE.encode(), headers)


async def _permitted(house: House, request: Request) -> Route:
    """The route that token or cookie open.

    Whether a route that is not the asker's exists is not told: both are forbidden.
    """
    asked: RouteTileQuery = request.query
    route_id = RouteId(request.uuid("route_id"))
    if asked.token is not None:
        house.tile_tokens.check(asked.token, route_id, house.clock.now())
        return await house.read_routes.anybodys(route_id)
    try:
        return await house.read_routes.route(request.walker.id, route_id)
    except NotFound as error:
        raise Forbidden("this walk is not yours") from error


ENDPOINTS = (
    Endpoint(
        "POST",
        "/api/v1/routes/{route_id:uuid}/tile-token",
        create_tile_token,
        "A token for a walk's tiles",
        "routes",
        {201: Shape("The token", TileTokenShape)},
        auth=Auth.WALKER,
    ),
    Endpoint(
        "GET",
        "/tiles/routes/{route_id:uuid}/{z:int}/{x:int}/{y:int}.pbf",
        get_route_tile,
        "A tile of a walk",
        "tiles",
        {
            200: Shape("The tile", media_types=(VECTOR_TILE,), headers={"ETag": "names it"}),
            204: Shape("Nothing is drawn here"),
        },
        auth=Auth.BEARER,
        query=RouteTileQuery,
        refusals=(403,),
    ),
)
