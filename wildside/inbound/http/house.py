"""Everything a handler may reach: the use cases and the few things that are the door's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from wildside.domain.geography import BoundingBox
from wildside.domain.route import Route
from wildside.inbound.http.encoded_routes import EncodedRoutes
from wildside.inbound.http.session_cookie import CookieJar
from wildside.inbound.http.tile_token import TileTokens
from wildside.ports import Clock, JobsOffice, Journal, RateLimits
from wildside.use_cases.accounts import Walkers
from wildside.use_cases.administer import Administer
from wildside.use_cases.cancel_request import CancelRequest
from wildside.use_cases.catalogue import ReadCatalogue
from wildside.use_cases.erase_walker import EraseWalker
from wildside.use_cases.export_walker import ExportWalker
from wildside.use_cases.idempotency import AnswerOnce
from wildside.use_cases.keep_routes import KeepRoutes
from wildside.use_cases.read_routes import ReadRoutes
from wildside.use_cases.request_route import RequestRoute
from wildside.use_cases.share_route import ShareRoutes
from wildside.use_cases.sign_in import SignIn


@dataclass(frozen=True, slots=True)
class Tile:
    """One vector tile, gzipped, and the tag that names its content."""

    data: bytes
    etag: str


class MapTiles(Protocol):
    """The tiles of the regions ingested."""

    async def places(self, zoom: int, column: int, row: int) -> Tile | None: ...
    async def base(self, zoom: int, column: int, row: int) -> Tile | None: ...
    async def version(self) -> str:
        """A word that changes whenever any tile may have changed."""
        ...

    async def bounds(self) -> BoundingBox | None: ...


class Vitals(Protocol):
    """How the process is."""

    async def not_ready_because(self) -> Mapping[str, str]:
        """What fails, by name; empty when walkers can be served."""
        ...

    def metrics(self) -> tuple[bytes, str]:
        """The Prometheus exposition and its content type."""
        ...

    def actors_as_text(self) -> str: ...
    def actors_as_json(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class House:
    """The use cases behind the doors, and what hangs beside the doors."""

    clock: Clock
    journal: Journal
    cookies: CookieJar
    limits: RateLimits
    answer_once: AnswerOnce
    walkers: Walkers
    sign_in: SignIn
    erase_walker: EraseWalker
    export_walker: ExportWalker
    administer: Administer
    jobs_office: JobsOffice
    keep_routes: KeepRoutes
    catalogue: ReadCatalogue
    request_route: RequestRoute
    cancel_request: CancelRequest
    read_routes: ReadRoutes
    share_routes: ShareRoutes
    tile_tokens: TileTokens
    route_tile: Callable[[Route, int, int, int], Tile | None]
    tiles: MapTiles
    vitals: Vitals
    page: Path
    specs: Path
    tiles_origin: str = ""
    encoded_routes: EncodedRoutes = field(default_factory=EncodedRoutes)
