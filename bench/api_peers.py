"""The peer's side of bench.api: the same three endpoints in FastAPI on uvicorn, on the same database.

python api_peers.py PORT DATABASE SESSION_KEY KNOWN_ROUTE_ID

Written as somebody who knows FastAPI would: pydantic models in and out, a dependency for the session,
asyncpg's pool or SQLite read in place (a thread a query would cost it more), one transaction a write,
the cached walk copied by the database itself, uvloop and httptools, no access log. It keeps less than
we do: no idempotency, no rate limit, no foreign origins, no trace, no metrics, no check for a footpath.
"""

import asyncio
import hashlib
import importlib
import json
import sqlite3
import sys
import time
import uuid
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import BaseModel, ConfigDict, Field

PORT, DATABASE, KEY, KNOWN = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
ON_POSTGRES = DATABASE.startswith("postgresql://")
SIGNER = URLSafeSerializer(
    [KEY],
    salt="wildside.session",
    signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
)


class Preferences(BaseModel):
    units: str
    language: str
    walking_speed_kmh: float


class User(BaseModel):
    id: uuid.UUID
    display_name: str
    interest_theme_ids: list[uuid.UUID]
    preferences: Preferences
    created_at: datetime
    updated_at: datetime
    revision: int
    username: str | None = None


class Point(BaseModel):
    model_config = ConfigDict(extra="forbid")
    type: str
    coordinates: tuple[float, float]


class Line(BaseModel):
    type: str
    coordinates: list[tuple[float, float]]


class Place(BaseModel):
    id: int
    osm_type: str
    osm_id: int
    name: str
    names: dict[str, str]
    location: Point
    themes: list[uuid.UUID]
    popularity_score: float
    tags: dict[str, str]
    narrative: str | None = None


class Stop(BaseModel):
    position: int
    poi: Place
    location: Point
    arrival_offset_seconds: float
    visit_seconds: float
    score: float
    why: list[str]


class Instruction(BaseModel):
    text: str
    street: str | None
    distance_metres: float
    manoeuvre: str


class Leg(BaseModel):
    from_position: int
    to_position: int
    distance_metres: float
    walking_seconds: float
    path: Line
    instructions: list[Instruction]


class Route(BaseModel):
    id: uuid.UUID
    request_id: uuid.UUID
    created_at: datetime
    saved: bool
    generation_params: dict[str, Any]
    region: str
    engine_version: str
    attribution: str
    path: Line
    summary: dict[str, float | None]
    stops: list[Stop]
    legs: list[Leg]
    warnings: list[str]
    truncated: bool


class Accessibility(BaseModel):
    model_config = ConfigDict(extra="forbid")
    avoid_stairs: bool = False
    prefer_well_lit: bool = False


class Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")
    start_location: Point
    duration_minutes: Annotated[int, Field(ge=15, le=180)]
    interest_theme_ids: list[uuid.UUID] | None = None
    popularity_bias: Annotated[float, Field(ge=0, le=1)] = 0.5
    accessibility: Accessibility = Accessibility()
    end_location: Point | None = None
    depart_at: datetime | None = None
    must_visit_poi_ids: list[int] = []
    avoid_poi_ids: list[int] = []

    def fingerprint(self) -> str:
        """As ours: themes sorted, coordinates rounded."""
        longitude, latitude = self.start_location.coordinates
        parts = [
            round(longitude, 4),
            round(latitude, 4),
            self.duration_minutes,
            sorted(map(str, self.interest_theme_ids or ())),
            self.popularity_bias,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class Accepted(BaseModel):
    request_id: uuid.UUID
    status: str
    status_url: str


class Sqlite:
    """Queries in place on one connection, as quick as SQLite gets."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(DATABASE, isolation_level=None, timeout=10)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA foreign_keys = ON")
        for pragma in ("synchronous = NORMAL", "cache_size = -16000", "temp_store = MEMORY"):
            self._connection.execute(f"PRAGMA {pragma}")

    @classmethod
    async def open(cls) -> "Sqlite":
        return cls()

    async def row(self, sql: str, *values: Any) -> Any:
        return self._connection.execute(sql, [self._plain(value) for value in values]).fetchone()

    async def rows(self, sql: str, *values: Any) -> Any:
        return self._connection.execute(sql, [self._plain(value) for value in values]).fetchall()

    async def write(self, *statements: tuple[Any, ...]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        for sql, *values in statements:
            self._connection.execute(sql, [self._plain(value) for value in values])
        self._connection.execute("COMMIT")

    @staticmethod
    def _plain(value: Any) -> Any:
        if isinstance(value, uuid.UUID):
            return str(value)
        if isinstance(value, datetime):
            return int(value.timestamp() * 1_000_000)
        return value


class Postgres:
    """asyncpg's pool, which keeps its statements prepared."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    @classmethod
    async def open(cls) -> "Postgres":
        asyncpg = importlib.import_module("asyncpg")
        return cls(await asyncpg.create_pool(DATABASE, min_size=8, max_size=16))

    async def row(self, sql: str, *values: Any) -> Any:
        return await self._pool.fetchrow(sql, *values)

    async def rows(self, sql: str, *values: Any) -> Any:
        return await self._pool.fetch(sql, *values)

    async def write(self, *statements: tuple[Any, ...]) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            for sql, *values in statements:
                await connection.execute(sql, *values)


def numbered(sql: str) -> str:
    """Both number their parameters; SQLite with ?1, PostgreSQL with $1."""
    return sql if ON_POSTGRES else sql.replace("$", "?")


USER = numbered("SELECT * FROM users WHERE id = $1 AND NOT disabled")
INTERESTS = numbered(
    "SELECT theme_id FROM user_interest_themes WHERE user_id = $1 ORDER BY position"
)
THEMES = "SELECT id FROM interest_themes WHERE is_offered"
REGIONS = "SELECT * FROM regions"
ROUTE = numbered(
    "SELECT id, request_id, created_at, saved, region_id, engine_version, generation_params, walk "
    "FROM routes WHERE id = $1 AND user_id = $2"
)
ADD_REQUEST = numbered(
    "INSERT INTO route_requests (id, user_id, created_at, updated_at, wish, fingerprint, trace_id, "
    "status, progress, route_id) VALUES ($1, $2, $3, $3, $4, $5, $6, 'complete', 100, $7)"
)
COLUMNS = "region_id, engine_version, fingerprint, path, generation_params, summary, walk"
if not ON_POSTGRES:
    COLUMNS = COLUMNS.replace("path, ", "")
COPY_ROUTE = numbered(
    f"INSERT INTO routes (id, request_id, user_id, created_at, saved, {COLUMNS}) "
    f"SELECT $1, $2, $3, $4, {'false' if ON_POSTGRES else '0'}, {COLUMNS} FROM routes WHERE id = $5"
)
COPY_STOPS = numbered(
    "INSERT INTO route_pois (route_id, poi_id, position) "
    "SELECT $1, poi_id, position FROM route_pois WHERE route_id = $2"
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> Any:
    app.state.store = await (Postgres if ON_POSTGRES else Sqlite).open()
    app.state.cache = {}
    yield


app = FastAPI(lifespan=lifespan)


async def walker(request: Request) -> User:
    """Whose session this is."""
    cookie = request.cookies.get("session")
    try:
        user_id, issued_at, _role, epoch = SIGNER.loads(cookie or "")
    except (BadSignature, ValueError) as error:
        raise HTTPException(401) from error
    if not 0 <= time.time() - issued_at <= 7200:
        raise HTTPException(401)
    store = request.app.state.store
    key = uuid.UUID(user_id)
    row = await store.row(USER, key)
    if row is None or row["session_epoch"] != epoch:
        raise HTTPException(401)
    interests = [item["theme_id"] for item in await store.rows(INTERESTS, key)]
    return User(
        id=row["id"],
        display_name=row["display_name"],
        interest_theme_ids=interests,
        preferences=Preferences.model_validate_json(row["preferences"]),
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
        revision=row["revision"],
        username=row["username"],
    )


def moment(value: Any) -> datetime:
    """SQLite keeps microseconds, PostgreSQL moments."""
    if isinstance(value, datetime):
        return value
    return datetime.fromtimestamp(value / 1_000_000, UTC)


Walker = Annotated[User, Depends(walker)]


@app.get("/api/v1/users/me")
async def me(user: Walker) -> User:
    return user


def point(position: Any) -> dict[str, Any]:
    return {"type": "Point", "coordinates": position}


def line(path: Any) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": path}


@app.get("/api/v1/routes/{route_id}")
async def route(route_id: uuid.UUID, user: Walker, request: Request) -> Route:
    row = await request.app.state.store.row(ROUTE, route_id, user.id)
    if row is None:
        raise HTTPException(404)
    walk = json.loads(row["walk"])
    for stop in walk["stops"]:
        stop["location"] = point(stop["location"])
        stop["poi"]["location"] = point(stop["poi"]["location"])
    for leg in walk["legs"]:
        leg["path"] = line(leg["path"])
    summary = walk["summary"]
    summary["total_seconds"] = (
        summary["walking_seconds"] + summary["visiting_seconds"] + summary["waiting_seconds"]
    )
    return Route(
        id=row["id"],
        request_id=row["request_id"],
        created_at=moment(row["created_at"]),
        saved=bool(row["saved"]),
        generation_params=json.loads(row["generation_params"]),
        region=row["region_id"],
        engine_version=row["engine_version"],
        attribution="© OpenStreetMap contributors",
        path=line(walk["path"]),
        summary=summary,
        stops=walk["stops"],
        legs=walk["legs"],
        warnings=walk["warnings"],
        truncated=walk["truncated"],
    )


@app.post("/api/v1/routes", status_code=202)
async def ask(wish: Wish, user: Walker, request: Request) -> JSONResponse:
    store = request.app.state.store
    offered = {str(row["id"]) for row in await store.rows(THEMES)}
    for theme in wish.interest_theme_ids or ():
        if str(theme) not in offered:
            raise HTTPException(400)
    longitude, latitude = wish.start_location.coordinates
    if not any(
        row["west"] <= longitude <= row["east"] and row["south"] <= latitude <= row["north"]
        for row in await store.rows(REGIONS)
    ):
        raise HTTPException(400)
    # The first is the one that is known: what is measured is the cached answer.
    known = request.app.state.cache.setdefault(wish.fingerprint(), uuid.UUID(KNOWN))
    now = datetime.now(UTC)
    request_id, route_id = uuid.uuid4(), uuid.uuid4()
    await store.write(
        (
            ADD_REQUEST,
            request_id,
            user.id,
            now,
            wish.model_dump_json(),
            wish.fingerprint(),
            str(uuid.uuid4()),
            route_id,
        ),
        (COPY_ROUTE, route_id, request_id, user.id, now, known),
        (COPY_STOPS, route_id, known),
    )
    url = f"/api/v1/routes/status/{request_id}"
    accepted = Accepted(request_id=request_id, status="complete", status_url=url)
    return JSONResponse(accepted.model_dump(mode="json"), 202, headers={"location": url})


if __name__ == "__main__":
    uvicorn = importlib.import_module("uvicorn")
    config = uvicorn.Config(
        app, "127.0.0.1", PORT, loop="uvloop", http="httptools", access_log=False
    )
    asyncio.set_event_loop_policy(importlib.import_module("uvloop").EventLoopPolicy())
    uvicorn.Server(config).run()
