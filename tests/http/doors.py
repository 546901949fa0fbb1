"""The doors of the test town: the real edge over the real use cases, asked by raw ASGI or over sockets."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trio

from actors import ActorSystem, Supervisor
from tests.town import House as Town
from tests.town import a_house
from wildside.app_house import route_tile
from wildside.domain.catalogue import Place, Region
from wildside.inbound.http.asgi import Message, Receive, Scope, Send
from wildside.inbound.http.edge import Edge, EdgeRules
from wildside.inbound.http.endpoint import Endpoint
from wildside.inbound.http.house import House
from wildside.inbound.http.map_tiles import RegionTiles, tile_box
from wildside.inbound.http.origins import Origins
from wildside.inbound.http.pages import page_app
from wildside.inbound.http.security_headers import content_security_policy, security_headers
from wildside.inbound.http.session_cookie import CookieJar, CookieRules
from wildside.inbound.http.table import API_ENDPOINTS, METRICS_ENDPOINTS
from wildside.inbound.http.tile_token import TileTokens
from wildside.inbound.http.wire import Wire, WireLimits, listening
from wildside.inbound.ws.socket import SocketDoor
from wildside.outbound.metrics import Metrics
from wildside.outbound.persistence.postgres.pool import Reach
from wildside.outbound.rate_limits.memory import MemoryRateLimits
from wildside.outbound.vitals import ProcessVitals
from wildside.use_cases.catalogue import ReadCatalogue
from wildside.use_cases.keep_routes import KeepRoutes

KEYS = ("k" * 64,)
OWN = "http://town.example"
ROUTES_A_MINUTE = 6
NEWCOMERS_A_MINUTE = 5
LOGINS_A_MINUTE = 10
TILE_KEYS = (b"t" * 64,)
USUAL = WireLimits()


@dataclass(frozen=True)
class Reply:
    """An answer as a client sees it."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        return next((value for key, value in self.headers if key == name.lower()), None)

    def all(self, name: str) -> list[str]:
        """Every header of that name."""
        return [value for key, value in self.headers if key == name.lower()]

    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)


@dataclass
class Client:
    """Somebody with a cookie jar, straight at the ASGI application."""

    app: Edge
    address: str = "192.0.2.7"
    cookies: dict[str, str] = field(default_factory=dict)

    async def ask(
        self,
        method: str,
        target: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Reply:
        """One request; a body is sent as JSON unless it is given raw."""
        path, _, query = target.partition("?")
        sent = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        said = {"host": "town.example"}
        if body is not None:
            said["content-type"] = "application/json"
        if self.cookies:
            said["cookie"] = "; ".join(f"{name}={text}" for name, text in self.cookies.items())
        said |= headers or {}
        scope: Scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.encode(), text.encode()) for name, text in said.items()],
            "client": (self.address, 50000),
            "scheme": "http",
            "root_path": "",
            "raw_path": path.encode(),
            "http_version": "1.1",
        }
        reply = await through(self.app, scope, sent)
        for cookie in reply.all("set-cookie"):
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return reply

    async def get(self, target: str, **headers: str) -> Reply:
        """GET; underscores of a header's name are dashes."""
        return await self.ask("GET", target, headers=_dashed(headers))

    async def post(self, target: str, body: object = None, **headers: str) -> Reply:
        """POST with JSON."""
        return await self.ask("POST", target, body, _dashed(headers))

    async def put(self, target: str, body: object = None, **headers: str) -> Reply:
        """PUT with JSON."""
        return await self.ask("PUT", target, body, _dashed(headers))

    async def patch(self, target: str, body: object = None) -> Reply:
        """PATCH with JSON."""
        return await self.ask("PATCH", target, body)

    async def delete(self, target: str) -> Reply:
        """DELETE."""
        return await self.ask("DELETE", target)


def _dashed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): text for name, text in headers.items()}


async def through(app: Any, scope: Scope, body: bytes = b"") -> Reply:
    """One request through an ASGI application."""
    start: Message = {}
    parts: list[bytes] = []
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            await trio.sleep_forever()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    headers = [(name.decode(), value.decode()) for name, value in start["headers"]]
    return Reply(start["status"], headers, b"".join(parts))


class TwoTiles:
    """A base map that is drawn on two tiles only."""

    closed = 0

    def read(self, zoom: int, column: int, row: int) -> bytes | None:
        return b"\x1f\x8btile" if (zoom, column % 2) == (14, 0) else None

    def close(self) -> None:
        TwoTiles.closed += 1


@dataclass
class Doors:
    """A town with its doors."""

    town: Town
    house: House
    edge: Edge
    sockets: SocketDoor
    metrics: Metrics
    system: ActorSystem

    def client(self, address: str = "192.0.2.7") -> Client:
        """Somebody without cookies."""
        return Client(self.edge, address)

    async def walker(self, address: str = "192.0.2.7") -> Client:
        """Somebody who has arrived."""
        client = self.client(address)
        reply = await client.post("/api/v1/users", {})
        assert reply.status == 201, reply.body
        return client

    @asynccontextmanager
    async def served(self, limits: WireLimits = USUAL) -> AsyncIterator[Served]:
        """The same over a real port."""
        async with served(self.edge, limits) as running:
            yield running


@dataclass
class Served:
    """An application on a port of its own."""

    wire: Wire
    port: int
    stop: trio.Event

    async def connect(self) -> trio.SocketStream:
        """A plain connection."""
        return await trio.open_tcp_stream("127.0.0.1", self.port)


@asynccontextmanager
async def served(app: Any, limits: WireLimits, drain: float = 2.0) -> AsyncIterator[Served]:
    """Any ASGI application over the wire; stopped in order when the block ends."""
    door: socket.socket = listening("127.0.0.1", 0)
    wire, stop = Wire(app, limits), trio.Event()
    async with trio.open_nursery() as nursery:
        await nursery.start(wire.serve, [door], stop, drain)
        yield Served(wire, door.getsockname()[1], stop)
        stop.set()


async def nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that answers every request in one word."""
    await receive()
    headers = [(b"content-length", b"5"), (b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@asynccontextmanager
async def the_doors(
    folder: Path,
    *,
    allowed_origins: Sequence[str] = (),
    routes_a_minute: int = ROUTES_A_MINUTE,
    extra_endpoints: Sequence[Endpoint] = (),
    keys: Sequence[str] = KEYS,
    reach: Reach | None = None,
) -> AsyncIterator[Doors]:
    """The town with its doors; its jobs are run by its scheduler."""
    page = folder / "page"
    (page / "assets").mkdir(parents=True, exist_ok=True)
    (page / "styles").mkdir(exist_ok=True)
    (page / "index.html").write_text("<!doctype html><title>Wildside</title>")
    (page / "assets" / "app-4f9c2d1e.js").write_text("export {}")
    (page / "styles" / "light.json").write_text('{"version":8}')
    specs = folder / "spec"
    specs.mkdir(exist_ok=True)
    for name in ("openapi.json", "asyncapi.yaml", "openapi.html"):
        (specs / name).write_text("{}")
    async with (
        a_house(folder / "town.sqlite3", reach=reach) as town,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(town.scheduler.run)
        sessions = Supervisor("sessions")
        async with ActorSystem(Supervisor("doors", (sessions,))) as system:
            yield _built(
                town, system, page, specs, allowed_origins, extra_endpoints, keys, routes_a_minute
            )
        nursery.cancel_scope.cancel()


def _built(
    town: Town,
    system: ActorSystem,
    page: Path,
    specs: Path,
    allowed_origins: Sequence[str],
    extra_endpoints: Sequence[Endpoint],
    keys: Sequence[str],
    routes_a_minute: int,
) -> Doors:
    metrics = Metrics()
    catalogue = ReadCatalogue(town.storage)

    def open_base(region: Region) -> TwoTiles:
        return TwoTiles()

    def encode(places: Sequence[Place], zoom: int, column: int, row: int) -> bytes:
        box = tile_box(zoom, column, row)
        names = [place.name for place in places if box.contains(place.location)]
        return ",".join(sorted(names)).encode()

    class Journal:
        def note(self, event: object) -> None:
            town.diary.note(event)
            metrics.hear(event)

    async def healthy() -> str | None:
        await town.storage.check()
        return None

    house = House(
        clock=town.clock,
        journal=Journal(),
        cookies=CookieJar(keys, CookieRules(secure=False)),
        limits=MemoryRateLimits(
            {
                "routes": routes_a_minute,
                "new_walkers": NEWCOMERS_A_MINUTE,
                "logins": LOGINS_A_MINUTE,
            },
            trio.current_time,
        ),
        answer_once=town.answer_once,
        walkers=town.walkers,
        sign_in=town.sign_in,
        erase_walker=town.erase_walker,
        export_walker=town.export_walker,
        administer=town.administer,
        jobs_office=town.queue,
        keep_routes=KeepRoutes(town.cache),
        catalogue=catalogue,
        request_route=town.request_route,
        cancel_request=town.cancel_request,
        read_routes=town.read_routes,
        share_routes=town.share_routes,
        tile_tokens=TileTokens(TILE_KEYS, audience="tiles", issuer="town"),
        route_tile=route_tile,
        tiles=RegionTiles(catalogue, open_base, tile_box, encode),
        vitals=ProcessVitals({"storage": healthy}, metrics.exposition, system.snapshot),
        page=page,
        specs=specs,
    )
    rules = EdgeRules(
        Origins(allowed_origins, ()),
        security_headers(hsts=False, policy=content_security_policy()),
    )
    sockets = SocketDoor(
        house, town.follow_progress, rules, lambda spec: system.supervisor("sessions").spawn(spec)
    )
    town.sign_outs.hear(sockets.dismiss)
    edge = Edge(
        house,
        (*API_ENDPOINTS, *METRICS_ENDPOINTS, *extra_endpoints),
        rules,
        pages=page_app(page),
        sockets=sockets,
    )
    return Doors(town, house, edge, sockets, metrics, system)


def wish(minutes: int = 60, **more: object) -> dict[str, object]:
    """A walk asked for in the middle of the town."""
    start = {"type": "Point", "coordinates": [-3.19, 55.95]}
    return {"start_location": start, "duration_minutes": minutes, **more}
