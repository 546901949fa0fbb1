"""The public things: regions, themes, places, tiles, health and documents."""

from __future__ import annotations

from dataclasses import replace

import trio
import trio.testing

from tests.http.doors import Doors, TwoTiles
from tests.town import MIDDLE, NOON, PUBS, TOWN, a_place
from wildside.domain.geography import Point
from wildside.domain.identifiers import place_id
from wildside.inbound.http.map_tiles import tile_box
from wildside.outbound.persistence.sqlite.database import SqliteStorage


async def test_themes_come_with_a_tag_and_come_once(doors: Doors) -> None:
    """304 for whoever has them already, weak or strong, one of several or any."""
    client = doors.client()
    first = await client.get("/api/v1/interest-themes")
    assert [theme["name"] for theme in first.json()["data"]] == ["Pubs", "Murals"]
    etag = first.header("etag") or ""
    for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        again = await client.get("/api/v1/interest-themes", if_none_match=known)
        assert (again.status, again.body, again.header("etag")) == (304, b"", etag)
    assert (await client.get("/api/v1/interest-themes", if_none_match='"x"')).status == 200


async def test_regions_and_places_are_told_as_the_contract_says(doors: Doors) -> None:
    """Numbers for places, UUIDs for themes, GeoJSON, microseconds and Z."""
    client = doors.client()
    (region,) = (await client.get("/api/v1/regions")).json()["data"]
    assert region["bounds"] == [-3.25, 55.90, -3.13, 56.00]
    assert region["data_timestamp"] == "2026-05-01T12:00:00.000000Z"
    place = (await client.get(f"/api/v1/pois/{place_id('node', 1)}")).json()
    assert place == {
        "id": 4,
        "osm_type": "node",
        "osm_id": 1,
        "name": "Place 1",
        "names": {"gd": "Àite 1"},
        "location": {"type": "Point", "coordinates": [-3.19, 55.95]},
        "themes": [str(PUBS.id)],
        "popularity_score": 0.25,
        "tags": {"amenity": "pub", "name": "Place 1"},
    }
    for nowhere in ("9999996", "x", "-4", "99999999999999999999", "٤"):
        assert (await client.get(f"/api/v1/pois/{nowhere}")).status == 404


async def test_places_are_paged_by_links(doors: Doors) -> None:
    """Following `next` meets each once; the box and the themes go along in the links."""
    client = doors.client()
    target = f"/api/v1/pois?limit=1&bbox=-3.2,55.9,-3.1,56&theme_ids={PUBS.id}"
    met = []
    while target:
        page = (await client.get(target)).json()
        met += [place["id"] for place in page["data"]]
        target = page["links"].get("next")
    assert met == [4, 8, 12]
    assert (await client.get("/api/v1/pois?bbox=0,0,1,1")).json()["data"] == []


async def test_tiles_have_tags_and_addresses_that_change_with_the_map(
    doors: Doors, autojump_clock: trio.testing.MockClock
) -> None:
    """An address with today's version may be kept for ever; any other is asked for again."""
    client = doors.client()
    document = (await client.get("/tiles/pois.json")).json()
    address = document["tiles"][0].removeprefix("http://town.example")
    (x, y) = the_tile_of(MIDDLE)
    assert (await client.get(address.format(z=14, x=x, y=y - 1))).status == 204
    reply = await client.get(address.format(z=14, x=x, y=y))
    assert (reply.status, reply.body) == (200, b"Place 1,Place 2,Place 3")
    assert reply.header("content-type") == "application/vnd.mapbox-vector-tile"
    assert reply.header("cache-control") == "public, max-age=31536000, immutable"
    etag = reply.header("etag") or ""
    assert (await client.get(address.format(z=14, x=x, y=y), if_none_match=etag)).status == 304
    old = await client.get(f"/tiles/pois/14/{x}/{y}.pbf?v=old")
    assert old.header("cache-control") == "no-cache"
    async with doors.town.storage.write() as work:
        await work.catalogue.replace_region(replace(TOWN, version="v2"), [a_place(9)], NOON)
    await trio.sleep(1.1)
    renewed = await client.get(f"/tiles/pois/14/{x}/{y}.pbf")
    assert renewed.body == b"Place 9"
    assert (await client.get("/tiles/pois.json")).json()["tiles"] != document["tiles"]


async def test_base_tiles_are_packed_and_let_go_with_their_region(
    doors: Doors, autojump_clock: trio.testing.MockClock
) -> None:
    """Gzip as stored; nothing drawn is 204; a replaced region's file is closed."""
    client = doors.client()
    drawn = await client.get("/tiles/base/14/8046/5105.pbf")
    assert (drawn.status, drawn.header("content-encoding")) == (200, "gzip")
    assert (await client.get("/tiles/base/14/8047/5105.pbf")).status == 204
    assert (await client.get("/tiles/base/14/2/2.pbf")).status == 204
    closed = TwoTiles.closed
    async with doors.town.storage.write() as work:
        await work.catalogue.replace_region(replace(TOWN, version="v2"), [], NOON)
    await trio.sleep(1.1)
    await client.get("/tiles/base/14/8046/5105.pbf")
    assert TwoTiles.closed == closed + 1


async def test_tiles_that_cannot_be_are_not_found(doors: Doors) -> None:
    """Beyond the deepest zoom or the edge of the world, of another source, of another style."""
    client = doors.client()
    for target in (
        "/tiles/base/2/4/0.pbf",
        "/tiles/base/23/0/0.pbf",
        "/tiles/base/999999999999999999/0/0.pbf",
        "/tiles/pois/1/0/2.pbf",
        "/tiles/roads.json",
        "/tiles/style/pink.json",
        "/tiles/base/1/0.pbf",
    ):
        assert (await client.get(target)).status == 404, target
    assert (await client.get("/tiles/style/light.json")).json() == {"version": 8}


async def test_health_says_what_is_in_the_way(doors: Doors) -> None:
    """Alive always; ready until storage is gone, then 503 with its reason."""
    client = doors.client()
    for target in ("/healthz", "/health/live", "/health/ready"):
        assert (await client.get(target)).status == 200
    assert isinstance(doors.town.storage, SqliteStorage)
    doors.town.storage.close()
    (doors.house.page.parent / "town.sqlite3").unlink()
    ready = await client.get("/health/ready")
    assert (ready.status, list(ready.json()["reasons"])) == (503, ["storage"])
    assert (await client.get("/healthz")).status == 200


async def test_actors_are_for_operators(doors: Doors) -> None:
    """Nobody without a session, no walker; an administrator sees the tree."""
    from uuid import UUID

    from wildside.domain.accounts import Role
    from wildside.domain.identifiers import UserId

    assert (await doors.client().get("/debug/actors")).status == 401
    walker = await doors.walker()
    assert (await walker.get("/debug/actors")).status == 403
    user_id = UserId(UUID((await walker.get("/api/v1/users/me")).json()["id"]))
    async with doors.town.storage.write() as work:
        user = await work.accounts.find(user_id)
        assert user is not None
        promoted = replace(user, role=Role.ADMIN)
        await work.accounts.update(promoted, expected_revision=user.revision)
    text = await walker.get("/debug/actors")
    assert "sessions" in text.body.decode()
    tree = await walker.get("/debug/actors", accept="application/json")
    assert tree.json()["name"] == "doors"


def the_tile_of(point: Point) -> tuple[int, int]:
    """The tile of zoom 14 that holds the point, found by looking at all around."""
    near = [(x, y) for x in range(8040, 8050) for y in range(5090, 5115)]
    (tile,) = [(x, y) for x, y in near if tile_box(14, x, y).contains(point)]
    return tile


def test_tiles_tile() -> None:
    """One tile's edge is its neighbour's, to the last bit."""
    (x, y) = the_tile_of(MIDDLE)
    assert tile_box(14, x, y).east == tile_box(14, x + 1, y).west
    assert tile_box(14, x, y).south == tile_box(14, x, y + 1).north
