"""Tiles of one's own walk: for the owner's cookie or a short-lived token, and for nothing else."""

from __future__ import annotations

import base64
import json
import math
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
import mapbox_vector_tile
import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from tests.http.doors import TILE_KEYS, Client, Doors, wish
from tests.http.test_routes import STRANGE, answered
from tests.town import NOON
from tests.walks import CORNER, START, route
from wildside.domain.errors import Forbidden, Unauthorized, WildsideError
from wildside.domain.identifiers import RouteId
from wildside.inbound.http.tile_token import (
    CLOCK_SKEW,
    GOOD_FOR,
    TileTokens,
    keys_from_session_keys,
)
from wildside.outbound.tiles.route_tile import encode_route_tile

Clock = trio.testing.MockClock
WALK, OTHER = RouteId(UUID(int=1)), RouteId(UUID(int=2))
TOKENS = TileTokens(TILE_KEYS, audience="tiles", issuer="town")
KEY = TILE_KEYS[0]
CLAIMS: dict[str, Any] = {
    "route_id": str(WALK),
    "aud": "tiles",
    "iss": "town",
    "exp": int((NOON + GOOD_FOR).timestamp()),
}


def tile_of(zoom: int) -> str:
    """Where the town's walk lies."""
    tiles = 1 << zoom
    column = int((START.longitude + 180) / 360 * tiles)
    row = int((1 - math.asinh(math.tan(math.radians(START.latitude))) / math.pi) / 2 * tiles)
    return f"{zoom}/{column}/{row}"


async def with_a_walk(doors: Doors) -> tuple[Client, str]:
    """A walker and the id of their walk."""
    walker = await doors.walker()
    status = await answered(walker, await walker.post("/api/v1/routes", wish()))
    return walker, str(status["route_id"])


def refused(
    token: str, route_id: RouteId = WALK, later: timedelta = timedelta()
) -> type[WildsideError]:
    """How the token is refused."""
    with pytest.raises(WildsideError) as error:
        TOKENS.check(token, route_id, NOON + later)
    return type(error.value)


async def test_the_owner_sees_the_walk(doors: Doors, autojump_clock: Clock) -> None:
    """Line and stops in vector tiles, for a private cache that asks again."""
    walker, walk = await with_a_walk(doors)
    address = f"/tiles/routes/{walk}/{tile_of(14)}.pbf"
    reply = await walker.get(address)
    assert reply.status == 200
    assert reply.header("content-type") == "application/vnd.mapbox-vector-tile"
    assert reply.header("cache-control") == "private, no-cache"
    layers = mapbox_vector_tile.decode(reply.body)
    assert set(layers) == {"routes", "stops"}
    assert layers["routes"]["features"][0]["properties"] == {"route_id": walk}
    etag = reply.header("etag") or ""
    assert (await walker.get(address, if_none_match=etag)).status == 304
    assert (await walker.get(f"/tiles/routes/{walk}/14/0/0.pbf")).status == 204
    assert (await walker.get(f"/tiles/routes/{walk}/3/9/0.pbf")).status == 404


async def test_a_token_stands_in_for_the_cookie(doors: Doors, autojump_clock: Clock) -> None:
    """For its walk and its quarter of an hour."""
    walker, walk = await with_a_walk(doors)
    reply = await walker.post(f"/api/v1/routes/{walk}/tile-token")
    assert (reply.status, reply.header("cache-control")) == (201, "no-store")
    token = reply.json()["token"]
    address = f"/tiles/routes/{walk}/{tile_of(14)}.pbf?token={token}"
    stranger = doors.client()
    assert (await stranger.get(address)).status == 200
    other = (await answered(walker, await walker.post("/api/v1/routes", wish(30))))["route_id"]
    swapped = await stranger.get(f"/tiles/routes/{other}/{tile_of(14)}.pbf?token={token}")
    assert (swapped.status, swapped.json()["code"]) == (403, "forbidden")
    await trio.sleep(GOOD_FOR.total_seconds() + CLOCK_SKEW.total_seconds() + 1)
    ended = await stranger.get(address)
    assert (ended.status, ended.json()["code"]) == (401, "unauthorized")


async def test_nobody_else_sees_the_walk(doors: Doors, autojump_clock: Clock) -> None:
    """No cookie 401, another's 403 whether the walk exists or not, a share's token 401."""
    walker, walk = await with_a_walk(doors)
    share = (await walker.post(f"/api/v1/routes/{walk}/share")).json()["token"]
    neighbour = await doors.walker("198.51.100.3")
    stranger = doors.client()
    for zoom in (0, 14):
        address = f"/tiles/routes/{walk}/{tile_of(zoom)}.pbf"
        assert (await stranger.get(address)).status == 401
        assert (await stranger.get(f"{address}?token={share}")).status == 401
        assert (await stranger.get(f"{address}?token=")).status == 401
        assert (await neighbour.get(address)).status == 403
    assert (await neighbour.get(f"/tiles/routes/{STRANGE}/0/0/0.pbf")).status == 403
    for client, status in ((stranger, 401), (neighbour, 404)):
        assert (await client.post(f"/api/v1/routes/{walk}/tile-token")).status == status


async def test_a_deleted_walk_has_no_tiles(doors: Doors, autojump_clock: Clock) -> None:
    """Its token is still well signed; there is nothing to draw."""
    walker, walk = await with_a_walk(doors)
    token = (await walker.post(f"/api/v1/routes/{walk}/tile-token")).json()["token"]
    await walker.delete(f"/api/v1/routes/{walk}")
    assert (await doors.client().get(f"/tiles/routes/{walk}/0/0/0.pbf?token={token}")).status == 404


@given(st.uuids(), st.integers(0, 2**31))
def test_every_token_opens_its_walk_until_it_ends(walk: UUID, second: int) -> None:
    """Whatever the walk and the moment; 30 s of skew are granted and no more."""
    now = NOON.replace(year=1970) + timedelta(seconds=second)
    fresh = TOKENS.issue(RouteId(walk), now)
    for at in (now, fresh.expires_at, fresh.expires_at + CLOCK_SKEW - timedelta(seconds=1)):
        TOKENS.check(fresh.token, RouteId(walk), at)
    with pytest.raises(Unauthorized):
        TOKENS.check(fresh.token, RouteId(walk), fresh.expires_at + CLOCK_SKEW)
    with pytest.raises(Forbidden):
        TOKENS.check(fresh.token, RouteId(UUID(int=walk.int ^ 1)), now)


@given(st.data())
def test_no_changed_token_is_believed(data: st.DataObject) -> None:
    """Any character changed, left out or added, anywhere."""
    whole = TOKENS.issue(WALK, NOON).token
    place = data.draw(st.integers(0, len(whole) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019_-."))
    forged = {
        "replace": whole[:place] + letter + whole[place + 1 :],
        "drop": whole[:place] + whole[place + 1 :],
        "insert": whole[:place] + letter + whole[place:],
        "cut": whole[:place],
    }[data.draw(st.sampled_from(["replace", "drop", "insert", "cut"]))]
    # The last character of unpadded base64 carries bits that do not count: the bytes are the same.
    if forged[:-1] == whole[:-1]:
        return
    assert refused(forged) is Unauthorized


@given(st.text(max_size=300) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_rubbish_is_no_token(text: str) -> None:
    """And no fault of ours either."""
    assert refused(text) is Unauthorized


def segment(value: object) -> str:
    """One part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "typ": "JWT"},
        {"alg": "None", "typ": "JWT"},
        {"alg": "HS384", "typ": "JWT"},
        {"alg": "RS256", "typ": "JWT"},
        {"typ": "JWT"},
        {"alg": "HS256", "typ": "JWT", "crit": ["exp"]},
    ],
)
def test_an_algorithm_is_not_read_from_the_token(header: dict[str, Any]) -> None:
    """Unsigned, or signed with the right key in another way: refused."""
    unsigned = f"{segment(header)}.{segment(CLAIMS)}."
    assert refused(unsigned) is Unauthorized
    whole = jwt.encode(CLAIMS, KEY, "HS256").split(".")
    assert refused(f"{segment(header)}.{segment(CLAIMS)}.{whole[2]}") is Unauthorized


def test_the_right_key_with_another_algorithm_is_refused() -> None:
    """HS512 of our own key is not the contract's HS256."""
    for algorithm in ("HS384", "HS512"):
        assert refused(jwt.encode(CLAIMS, KEY, algorithm)) is Unauthorized


@pytest.mark.parametrize(
    "claims",
    [
        CLAIMS | {"aud": "another"},
        CLAIMS | {"aud": ["tiles", "another"], "sub": "x"},
        CLAIMS | {"iss": "another"},
        CLAIMS | {"exp": CLAIMS["exp"] + 3600},
        CLAIMS | {"exp": str(CLAIMS["exp"])},
        CLAIMS | {"exp": True},
        CLAIMS | {"exp": 1e400},
        CLAIMS | {"exp": None},
        CLAIMS | {"route_id": None},
        CLAIMS | {"nbf": 0},
        {name: value for name, value in CLAIMS.items() if name != "route_id"},
        {name: value for name, value in CLAIMS.items() if name != "aud"},
        {name: value for name, value in CLAIMS.items() if name != "iss"},
        {name: value for name, value in CLAIMS.items() if name != "exp"},
        {},
    ],
)
def test_other_claims_are_refused_though_well_signed(claims: dict[str, Any]) -> None:
    """Too long a life, another audience or issuer, something missing or more than is ours."""
    assert refused(jwt.encode(claims, KEY, "HS256")) is Unauthorized


@pytest.mark.parametrize("walk", [str(OTHER), "", "x", 7, [str(WALK)]])
def test_another_walk_s_token_is_forbidden(walk: object) -> None:
    """Known, and not permitted: 403."""
    assert refused(jwt.encode(CLAIMS | {"route_id": walk}, KEY, "HS256")) is Forbidden


def test_older_keys_verify_until_they_are_dropped() -> None:
    """As with cookies; and no session key is a tile key."""
    old, new = b"o" * 64, b"n" * 64
    tokens = TileTokens((old,), audience="tiles", issuer="town")
    first = tokens.issue(WALK, NOON).token
    tokens.use((old, new))
    second = tokens.issue(WALK, NOON).token
    for token in (first, second):
        tokens.check(token, WALK, NOON)
    tokens.use((new,))
    tokens.check(second, WALK, NOON)
    with pytest.raises(Unauthorized):
        tokens.check(first, WALK, NOON)
    session_key = "s" * 64
    (derived,) = keys_from_session_keys((session_key,))
    assert len(derived) == 32
    assert derived != session_key.encode()[:32]


def test_the_line_is_cut_to_its_tile() -> None:
    """Every point of a deep tile lies in it or its buffer; all tiles together hold the whole line."""
    walk = route("A", "B")
    zoom = 17
    tiles = 1 << zoom

    def column(longitude: float) -> int:
        return int((longitude + 180) / 360 * tiles)

    def row(latitude: float) -> int:
        return int((1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * tiles)

    drawn = 0
    for x in range(column(CORNER.longitude) - 1, column(START.longitude) + 2):
        for y in range(row(START.latitude) - 1, row(CORNER.latitude) + 2):
            data = encode_route_tile(walk, zoom, x, y)
            if not data:
                continue
            for feature in mapbox_vector_tile.decode(data)["routes"]["features"]:
                drawn += 1
                for px, py in feature["geometry"]["coordinates"]:
                    assert -64 <= px <= 4160
                    assert -64 <= py <= 4160
    assert drawn >= row(CORNER.latitude) - row(START.latitude)


def test_a_walk_that_stays_where_it_is_draws_no_line() -> None:
    """No stops, no way: nothing at all."""
    assert encode_route_tile(route(), 14, 8046, 5105) == b""
