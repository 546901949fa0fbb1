"""Walks over HTTP: asked for, followed, fetched in three forms, kept and deleted."""

from __future__ import annotations

import msgspec

from wildside.domain.identifiers import RequestId, RouteId
from wildside.domain.progress import Progress
from wildside.domain.route import Route
from wildside.inbound.forms.geojson import geojson
from wildside.inbound.forms.gpx import gpx
from wildside.inbound.http.endpoint import Allowance, Auth, Endpoint, Shape
from wildside.inbound.http.house import House
from wildside.inbound.http.message import Answer, Headers, Request
from wildside.inbound.http.route_shapes import (
    AcceptedShape,
    RouteQuery,
    RouteShape,
    RouteSummaryShape,
    SharedQuery,
    StatusShape,
    WishShape,
    route_shape,
    route_summary_shape,
    status_shape,
)
from wildside.inbound.http.shapes import PageShape, page_shape
from wildside.inbound.http.writing import prepared_to_http, to_http
from wildside.ports import Work
from wildside.use_cases.request_route import PreparedRequest

POLL_SECONDS = b"1"
GEOJSON = "application/geo+json"
GPX = "application/gpx+xml"
JSON = "application/json"
VARIES: Headers = ((b"vary", b"Accept"),)


async def request_route(house: House, request: Request) -> Answer:
    """A wish accepted: a request to follow, or a walk at once where an equal one is known."""
    asked: WishShape = request.body
    wish = asked.route_request()
    walker, trace = request.walker, request.trace

    async def prepare() -> PreparedRequest:
        return await house.request_route.prepare(walker, wish, trace.id, trace.parent)

    async def accept(work: Work, prepared: PreparedRequest) -> Answer:
        progress = await house.request_route.accept(work, prepared)
        url = f"/api/v1/routes/status/{progress.request_id}"
        body = msgspec.json.encode(
            AcceptedShape(str(progress.request_id), progress.stage.value, url)
        )
        return Answer(202, body, headers=((b"location", url.encode()),))

    return await prepared_to_http(house, request.claim, prepare, accept)


async def get_request_status(house: House, request: Request) -> Answer:
    """How far a request has come."""
    request_id = RequestId(request.uuid("request_id"))
    return _status(200, await house.read_routes.status(request.walker.id, request_id))


async def cancel_request(house: House, request: Request) -> Answer:
    """A request that shall not be answered any more."""
    request_id = RequestId(request.uuid("request_id"))

    async def cancel(work: Work) -> Answer:
        return _status(202, await house.cancel_request(work, request.walker.id, request_id))

    return await to_http(house, None, cancel)


async def get_route(house: House, request: Request) -> Answer:
    """The walk in the form asked for, for its owner or whoever has a link to it."""
    route_id = RouteId(request.uuid("route_id"))
    asked: SharedQuery = request.query
    if asked.token is not None:
        return shown_by_link(await house.share_routes.shown(asked.token, route_id), request)
    accept = request.headers.get(b"accept", b"").decode("latin-1")
    if preferred(accept) != JSON:
        return in_form(await house.read_routes.route(request.walker.id, route_id), accept)
    saved = await house.read_routes.is_saved(request.walker.id, route_id)
    body = house.encoded_routes.find(route_id, saved=saved)
    if body is None:
        route = await house.read_routes.route(request.walker.id, route_id)
        body = msgspec.json.encode(route_shape(route))
        house.encoded_routes.keep(route_id, body, saved=route.saved)
    return Answer(200, body, headers=VARIES)


async def list_my_routes(house: House, request: Request) -> Answer:
    """The walker's walks, newest first."""
    query: RouteQuery = request.query
    page = await house.read_routes.page(request.walker.id, query.saved, query.page_request())
    shape = page_shape(page, request.path, query, route_summary_shape)
    return Answer(200, msgspec.json.encode(shape))


async def save_route(house: House, request: Request) -> Answer:
    """The walk among the saved ones."""
    return await _pin(house, request, saved=True)


async def unsave_route(house: House, request: Request) -> Answer:
    """The walk no longer among the saved ones."""
    return await _pin(house, request, saved=False)


async def delete_route(house: House, request: Request) -> Answer:
    """The walk forgotten."""

    async def forget(work: Work) -> Answer:
        await house.keep_routes.delete(work, request.walker.id, RouteId(request.uuid("route_id")))
        return Answer(204)

    return await to_http(house, None, forget)


async def _pin(house: House, request: Request, *, saved: bool) -> Answer:
    async def pin(work: Work) -> Answer:
        route_id = RouteId(request.uuid("route_id"))
        await house.keep_routes.save(work, request.walker.id, route_id, saved=saved)
        return Answer(204)

    return await to_http(house, request.claim, pin)


def shown_by_link(route: Route, request: Request) -> Answer:
    """The walk for somebody with a link, and for nobody's cache: a link may be revoked."""
    answer = in_form(route, request.headers.get(b"accept", b"").decode("latin-1"))
    return msgspec.structs.replace(
        answer, headers=(*answer.headers, (b"cache-control", b"no-store"))
    )


def in_form(route: Route, accept: str) -> Answer:
    """The walk as JSON, GeoJSON or GPX, whichever the asker likes best of those it names."""
    headers = VARIES
    best = preferred(accept)
    if best == GEOJSON:
        return Answer(200, msgspec.json.encode(geojson(route)), GEOJSON.encode(), headers)
    if best == GPX:
        name = f'attachment; filename="wildside-{route.id}.gpx"'.encode()
        headers = (*headers, (b"content-disposition", name))
        return Answer(200, gpx(route).encode(), GPX.encode(), headers)
    return Answer(200, msgspec.json.encode(route_shape(route)), headers=headers)


def preferred(accept: str) -> str:
    """The first of the best-liked forms in an Accept header; JSON where none of ours is named."""
    best, liking = JSON, 0.0
    for part in accept.split(","):
        media_type, *parameters = [piece.strip().lower() for piece in part.split(";")]
        if media_type not in {GEOJSON, GPX, JSON}:
            continue
        quality = next((text[2:] for text in parameters if text.startswith("q=")), "1")
        try:
            value = float(quality)
        except ValueError:
            continue
        if value > liking:
            best, liking = media_type, value
    return best


def _status(status: int, progress: Progress) -> Answer:
    body = msgspec.json.encode(status_shape(progress))
    if progress.stage.is_final:
        return Answer(status, body)
    return Answer(status, body, headers=((b"retry-after", POLL_SECONDS),))


_API = "/api/v1"
_STATUS = f"{_API}/routes/status/{{request_id:uuid}}"
_ROUTE = f"{_API}/routes/{{route_id:uuid}}"
ENDPOINTS = (
    Endpoint(
        "POST",
        f"{_API}/routes",
        request_route,
        "Ask for a walk",
        "routes",
        {
            202: Shape(
                "Accepted",
                AcceptedShape,
                headers={"Location": "where to ask how the request comes along"},
            )
        },
        auth=Auth.WALKER,
        body=WishShape,
        refusals=(503,),
        allowance=Allowance.ROUTES,
        replayable=True,
    ),
    Endpoint(
        "GET",
        _STATUS,
        get_request_status,
        "How far a request has come",
        "routes",
        {200: Shape("The latest word", StatusShape, headers={"Retry-After": "while unfinished"})},
        auth=Auth.WALKER,
        refusals=(404,),
    ),
    Endpoint(
        "DELETE",
        _STATUS,
        cancel_request,
        "Cancel a request",
        "routes",
        {202: Shape("The latest word", StatusShape)},
        auth=Auth.WALKER,
        refusals=(404,),
    ),
    Endpoint(
        "GET",
        _ROUTE,
        get_route,
        "A walk in full",
        "routes",
        {200: Shape("The walk", RouteShape, media_types=(GEOJSON, GPX))},
        auth=Auth.BEARER,
        query=SharedQuery,
        refusals=(404,),
    ),
    Endpoint(
        "DELETE",
        _ROUTE,
        delete_route,
        "Forget a walk",
        "routes",
        {204: Shape("Forgotten")},
        auth=Auth.WALKER,
        refusals=(404,),
    ),
    Endpoint(
        "PUT",
        f"{_ROUTE}/saved",
        save_route,
        "Save a walk",
        "routes",
        {204: Shape("Saved")},
        auth=Auth.WALKER,
        refusals=(404,),
        replayable=True,
    ),
    Endpoint(
        "DELETE",
        f"{_ROUTE}/saved",
        unsave_route,
        "Take a walk from the saved ones",
        "routes",
        {204: Shape("No longer saved")},
        auth=Auth.WALKER,
        refusals=(404,),
    ),
    Endpoint(
        "GET",
        f"{_API}/users/me/routes",
        list_my_routes,
        "My walks, newest first",
        "routes",
        {200: Shape("A page of walks", PageShape[RouteSummaryShape])},
        auth=Auth.WALKER,
        query=RouteQuery,
    ),
)
