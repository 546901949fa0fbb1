"""Walks shared by a link, over HTTP."""

from __future__ import annotations

import msgspec

from wildside.domain.identifiers import RouteId
from wildside.inbound.http.endpoint import Auth, Endpoint, Shape
from wildside.inbound.http.house import House
from wildside.inbound.http.message import Answer, Request
from wildside.inbound.http.route_shapes import RouteShape
from wildside.inbound.http.routes import GEOJSON, GPX, shown_by_link
from wildside.inbound.http.shapes import Timestamp, timestamp
from wildside.inbound.http.writing import to_http
from wildside.ports import Work


class ShareShape(msgspec.Struct):
    """A link to a walk: the page at `url`, its data at `/api/v1/shared/{token}`."""

    url: str
    token: str
    expires_at: Timestamp


async def share_route(house: House, request: Request) -> Answer:
    """A new link to the walk; earlier ones lead there still."""

    async def share(work: Work) -> Answer:
        route_id = RouteId(request.uuid("route_id"))
        fresh = await house.share_routes.share(work, request.walker.id, route_id)
        url = f"{request.origin}/walk/{fresh.token}"
        shape = ShareShape(url, fresh.token, timestamp(fresh.expires_at))
        return Answer(201, msgspec.json.encode(shape))

    return await to_http(house, request.claim, share)


async def unshare_route(house: House, request: Request) -> Answer:
    """No link leads to the walk any more."""

    async def revoke(work: Work) -> Answer:
        route_id = RouteId(request.uuid("route_id"))
        await house.share_routes.revoke(work, request.walker.id, route_id)
        return Answer(204)

    return await to_http(house, None, revoke)


async def get_shared_route(house: House, request: Request) -> Answer:
    """The walk behind a link, in the form asked for."""
    route = await house.share_routes.shown(request.parameters["token"])
    return shown_by_link(route, request)


_API = "/api/v1"
_SHARE = f"{_API}/routes/{{route_id:uuid}}/share"
ENDPOINTS = (
    Endpoint(
        "POST",
        _SHARE,
        share_route,
        "Share a walk by a link",
        "routes",
        {201: Shape("The link", ShareShape)},
        auth=Auth.WALKER,
        replayable=True,
    ),
    Endpoint(
        "DELETE",
        _SHARE,
        unshare_route,
        "Revoke every link to a walk",
        "routes",
        {204: Shape("Revoked")},
        auth=Auth.WALKER,
    ),
    Endpoint(
        "GET",
        f"{_API}/shared/{{token:token}}",
        get_shared_route,
        "A walk shared by a link",
        "routes",
        {200: Shape("The walk", RouteShape, media_types=(GEOJSON, GPX))},
    ),
)
