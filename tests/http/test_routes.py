"""Walks over HTTP: asked for, followed, fetched, kept, and nobody else's."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from uuid import uuid4

import pytest
import trio
import trio.testing

from tests.http.doors import ROUTES_A_MINUTE, Client, Doors, Reply, wish
from tests.town import MURALS, PUBS
from wildside.inbound.http.routes import preferred

Clock = trio.testing.MockClock
STRANGE = "00000000-0000-4000-8000-000000000000"


async def answered(walker: Client, accepted: Reply) -> dict[str, object]:
    """Asks for the status as often as Retry-After says, until the request has ended."""
    assert accepted.status == 202, accepted.body
    url = accepted.json()["status_url"]
    assert accepted.header("location") == url
    while True:
        reply = await walker.get(url)
        if reply.json()["status"] in {"complete", "failed"}:
            assert reply.header("retry-after") is None
            found: dict[str, object] = reply.json()
            return found
        await trio.sleep(int(reply.header("retry-after") or 0))


async def test_a_wish_becomes_a_walk(doors: Doors, autojump_clock: Clock) -> None:
    """202 and a status to follow; then the walk, as its request wished it."""
    walker = await doors.walker()
    accepted = await walker.post("/api/v1/routes", wish(45, popularity_bias=0.7))
    assert accepted.json()["status"] == "pending"
    status = await answered(walker, accepted)
    assert (status["status"], status["progress"]) == ("complete", 100)
    route = (await walker.get(f"/api/v1/routes/{status['route_id']}")).json()
    assert route["request_id"] == accepted.json()["request_id"]
    assert route["generation_params"]["duration_minutes"] == 45
    assert [stop["position"] for stop in route["stops"]] == [1, 2, 3]
    summary = route["summary"]
    times = [summary[f"{what}_seconds"] for what in ("walking", "visiting", "waiting")]
    assert summary["total_seconds"] == sum(times)
    assert route["path"]["type"] == "LineString"
    assert "OpenStreetMap" in route["attribution"]
    assert route["stops"][0]["poi"] == (
        (await walker.get(f"/api/v1/pois/{route['stops'][0]['poi']['id']}")).json()
    )


async def test_a_walk_comes_in_three_forms(doors: Doors, autojump_clock: Clock) -> None:
    """JSON, GeoJSON and GPX by Accept, each with attribution; caches keep them apart."""
    walker = await doors.walker()
    status = await answered(walker, await walker.post("/api/v1/routes", wish()))
    url = f"/api/v1/routes/{status['route_id']}"
    geojson = await walker.get(url, accept="application/geo+json")
    assert geojson.header("content-type") == "application/geo+json"
    assert geojson.json()["type"] == "FeatureCollection"
    gpx = await walker.get(url, accept="application/gpx+xml, application/json;q=0.5")
    assert gpx.header("content-type") == "application/gpx+xml"
    assert ET.fromstring(gpx.body).tag == "{http://www.topografix.com/GPX/1/1}gpx"
    plain = await walker.get(url, accept="text/html")
    for reply in (geojson, gpx, plain):
        assert reply.header("vary") == "Accept"
        assert "OpenStreetMap" in reply.body.decode()


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/gpx+xml;q=0", "application/json"),
        ("application/json;q=0.1, application/geo+json;q=0.2", "application/geo+json"),
        ("application/gpx+xml;q=nonsense", "application/json"),
        ("APPLICATION/GPX+XML", "application/gpx+xml"),
    ],
)
def test_the_best_liked_form_is_given(accept: str, form: str) -> None:
    """Quality values decide; JSON where nothing of ours is named."""
    assert preferred(accept) == form


async def test_an_equal_wish_is_answered_at_once_with_a_route_of_one_s_own(
    doors: Doors, autojump_clock: Clock
) -> None:
    """Another walker's answer is copied: 202 complete, another id, and theirs stays theirs."""
    first, second = await doors.walker(), await doors.walker()
    status = await answered(first, await first.post("/api/v1/routes", wish()))
    accepted = await second.post("/api/v1/routes", wish())
    assert accepted.json()["status"] == "complete"
    own = await answered(second, accepted)
    assert own["route_id"] != status["route_id"]
    assert (await second.get(f"/api/v1/routes/{status['route_id']}")).status == 404
    assert doors.town.engine.searches == 1


async def test_what_cannot_be_walked_is_refused_at_once(doors: Doors) -> None:
    """Outside every region, in the lake, unknown themes, unknown places: each with its code."""
    walker = await doors.walker()
    sea = {"type": "Point", "coordinates": [-20.0, 50.0]}
    lake = {"type": "Point", "coordinates": [-3.14, 55.99]}
    cases = [
        (wish(start_location=sea), "start_location", "outside_coverage"),
        (wish(start_location=lake), "start_location", "outside_coverage"),
        (wish(interest_theme_ids=[STRANGE]), "interest_theme_ids", "unknown_theme"),
        (wish(must_visit_poi_ids=[999_996]), "must_visit_poi_ids", "unknown_place"),
    ]
    for body, field, code in cases:
        reply = await walker.post("/api/v1/routes", body)
        fault = reply.json()["details"][0]
        assert (reply.status, fault["field"], fault["code"]) == (400, field, code)


async def test_a_cancelled_wish_ends_failed(doors: Doors, autojump_clock: Clock) -> None:
    """202 to the cancelling, then `failed` with `cancelled`; cancelling again changes nothing."""
    walker = await doors.walker()
    url = (await walker.post("/api/v1/routes", wish())).json()["status_url"]
    await trio.sleep(0.1)
    assert (await walker.delete(url)).status == 202
    status = (await walker.get(url)).json()
    assert (status["status"], status["error"]) == ("failed", "cancelled")
    again = await walker.delete(url)
    assert (again.status, again.json()) == (202, status)


async def test_other_walkers_things_are_not_there(doors: Doors, autojump_clock: Clock) -> None:
    """Status, walk, saving, deleting: 404, as for an id that never was."""
    owner, other = await doors.walker(), await doors.walker()
    accepted = await owner.post("/api/v1/routes", wish())
    status = await answered(owner, accepted)
    route, request = f"/api/v1/routes/{status['route_id']}", accepted.json()["status_url"]
    for method, target in (
        ("GET", route),
        ("DELETE", route),
        ("PUT", f"{route}/saved"),
        ("DELETE", f"{route}/saved"),
        ("GET", request),
        ("DELETE", request),
    ):
        theirs = await other.ask(method, target)
        never = await other.ask(method, target.replace(str(status["route_id"]), STRANGE))
        assert theirs.status == 404, target
        if target.startswith(route):
            assert never.status == 404
    assert (await owner.get(route)).status == 200


async def test_walks_are_saved_listed_and_deleted(doors: Doors, autojump_clock: Clock) -> None:
    """Newest first, a page at a time by links that are followed, filtered by saved."""
    walker = await doors.walker()
    routes = []
    for minutes in (20, 30, 40):
        accepted = await walker.post("/api/v1/routes", wish(minutes))
        routes.append(str((await answered(walker, accepted))["route_id"]))
    assert (await walker.put(f"/api/v1/routes/{routes[1]}/saved")).status == 204
    page = (await walker.get("/api/v1/users/me/routes?limit=2")).json()
    assert [route["id"] for route in page["data"]] == routes[:0:-1]
    assert (page["limit"], "prev" in page["links"]) == (2, False)
    following = (await walker.get(page["links"]["next"])).json()
    assert [route["id"] for route in following["data"]] == routes[:1]
    assert (await walker.get(following["links"]["prev"])).json()["data"] == page["data"]
    saved = (await walker.get("/api/v1/users/me/routes?saved=true&limit=1")).json()
    assert [route["id"] for route in saved["data"]] == [routes[1]]
    assert "saved=true" in saved["links"]["self"]
    assert (await walker.delete(f"/api/v1/routes/{routes[1]}/saved")).status == 204
    assert (await walker.get("/api/v1/users/me/routes?saved=true")).json()["data"] == []
    assert (await walker.delete(f"/api/v1/routes/{routes[2]}")).status == 204
    assert (await walker.get(f"/api/v1/routes/{routes[2]}")).status == 404


async def test_a_repeated_key_replays_the_first_answer(doors: Doors) -> None:
    """Word for word, however the same payload is written; another payload is a conflict."""
    walker = await doors.walker()
    key = str(uuid4())
    first = await walker.post("/api/v1/routes", wish(), idempotency_key=key)
    assert first.header("idempotent-replayed") is None
    rewritten = json.dumps(dict(reversed(wish().items())), indent=3).encode()
    headers = {"idempotency-key": key, "content-type": "application/json"}
    again = await walker.ask("POST", "/api/v1/routes", headers=headers, raw=rewritten)
    assert (again.status, again.body) == (202, first.body)
    assert again.header("location") == first.header("location")
    assert again.header("idempotent-replayed") == "true"
    other = await walker.post("/api/v1/routes", wish(90), idempotency_key=key)
    assert (other.status, other.json()["code"]) == (409, "conflict")
    bad = await walker.post("/api/v1/routes", wish(), idempotency_key="again")
    assert bad.json()["details"][0]["field"] == "Idempotency-Key"


async def test_concurrent_twins_make_one_request(doors: Doors, autojump_clock: Clock) -> None:
    """Five at once with one key: one works, everybody hears its answer."""
    walker = await doors.walker()
    key, replies = str(uuid4()), list[Reply]()

    async def ask() -> None:
        replies.append(await walker.post("/api/v1/routes", wish(), idempotency_key=key))

    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(ask)
    assert len({reply.body for reply in replies}) == 1
    assert [reply.header("idempotent-replayed") for reply in replies].count(None) == 1


async def test_keys_are_each_walker_s_own(doors: Doors) -> None:
    """The same key of two walkers: two requests."""
    first, second = await doors.walker(), await doors.walker()
    key = str(uuid4())
    one = await first.post("/api/v1/routes", wish(), idempotency_key=key)
    two = await second.post("/api/v1/routes", wish(), idempotency_key=key)
    assert one.json()["request_id"] != two.json()["request_id"]


async def test_without_a_session_a_key_is_ignored(doors: Doors) -> None:
    """A replay must never hand out somebody's cookie."""
    key = str(uuid4())
    first = await doors.client().post("/api/v1/users", {}, idempotency_key=key)
    second = await doors.client().post("/api/v1/users", {}, idempotency_key=key)
    assert first.json()["id"] != second.json()["id"]


async def test_wishes_are_limited_by_walker(doors: Doors, autojump_clock: Clock) -> None:
    """Every answer tells what is left, refused ones included; another walker is not concerned."""
    walker, other = await doors.walker(), await doors.walker()
    for left in reversed(range(ROUTES_A_MINUTE)):
        reply = await walker.post("/api/v1/routes", {})
        assert (reply.status, reply.header("ratelimit-remaining")) == (400, str(left))
    refused = await walker.post("/api/v1/routes", wish())
    assert refused.status == 429
    assert refused.header("retry-after") == "60"
    assert (await other.post("/api/v1/routes", wish())).status == 202
    await trio.sleep(60)
    assert (await walker.post("/api/v1/routes", wish())).status == 202


async def test_a_trace_goes_from_the_request_into_its_job(
    doors: Doors, autojump_clock: Clock
) -> None:
    """The POST's Trace-Id is the job's and the walk's in everything the journal hears."""
    walker = await doors.walker()
    accepted = await walker.post("/api/v1/routes", wish())
    await answered(walker, accepted)
    # The job is settled a moment after its walker has heard.
    await trio.testing.wait_all_tasks_blocked()
    named = {
        type(event).__name__
        for event in doors.town.diary.events
        if getattr(event, "trace_id", None) == accepted.header("trace-id")
    }
    assert named >= {
        "RouteRequested",
        "JobStarted",
        "RouteGenerated",
        "JobEnded",
        "RequestAnswered",
    }


async def test_interests_change_with_revisions(doors: Doors) -> None:
    """A stale revision is a conflict that names both; an unknown theme is refused."""
    walker = await doors.walker()
    target = "/api/v1/users/me/interests"
    chosen = {"interest_theme_ids": [str(PUBS.id)], "expected_revision": 1}
    user = (await walker.put(target, chosen)).json()
    assert (user["interest_theme_ids"], user["revision"]) == ([str(PUBS.id)], 2)
    stale = await walker.put(
        target, {"interest_theme_ids": [str(MURALS.id)], "expected_revision": 1}
    )
    assert stale.status == 409
    assert stale.json()["details"] == {
        "code": "revision_mismatch",
        "expected_revision": 1,
        "actual_revision": 2,
    }
    unknown = await walker.put(target, {"interest_theme_ids": [STRANGE]})
    assert unknown.json()["details"][0]["code"] == "unknown_theme"
    key = str(uuid4())
    both = {"interest_theme_ids": [str(PUBS.id), str(MURALS.id)]}
    once = await walker.put(target, both, idempotency_key=key)
    again = await walker.put(target, both, idempotency_key=key)
    assert (again.body, again.header("idempotent-replayed")) == (once.body, "true")


async def test_a_profile_changes_in_part(doors: Doors) -> None:
    """What is not named stays; what is out of range is refused by name."""
    walker = await doors.walker()
    target = "/api/v1/users/me"
    before = (await walker.get(target)).json()
    change = {"display_name": "Muriel", "preferences": {"units": "imperial"}}
    after = (await walker.ask("PATCH", target, change)).json()
    assert (after["display_name"], after["preferences"]["units"]) == ("Muriel", "imperial")
    assert after["preferences"]["walking_speed_kmh"] == before["preferences"]["walking_speed_kmh"]
    too_fast = await walker.ask("PATCH", target, {"preferences": {"walking_speed_kmh": 30}})
    assert too_fast.json()["details"][0]["field"] == "preferences.walking_speed_kmh"
    named = await doors.client().post("/api/v1/users", {"display_name": "Spark"})
    assert named.json()["display_name"] == "Spark"
