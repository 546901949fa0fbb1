"""Administrators over HTTP: people, provenance, dead letters; nobody else gets in."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import trio.testing

from tests.http.doors import Client, Doors, wish
from tests.town import NOON, TOWN
from wildside.domain.accounts import Role
from wildside.domain.enrichment import Enrichment
from wildside.domain.errors import EngineFailed
from wildside.domain.identifiers import UserId
from wildside.domain.jobs import Job, JobKind
from wildside.use_cases.administer import Standing

Clock = trio.testing.MockClock
STRANGE = "00000000-0000-4000-8000-000000000000"


async def my_id(client: Client) -> str:
    return str((await client.get("/api/v1/users/me")).json()["id"])


async def admin_of(doors: Doors) -> Client:
    """A walker whom the operator has promoted."""
    client = await doors.walker("198.51.100.77")
    user_id = UserId(UUID(await my_id(client)))
    async with doors.town.storage.write() as work:
        await doors.town.administer.change(work, user_id, Standing(role=Role.ADMIN))
    return client


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", "/api/v1/users", None),
        ("GET", f"/api/v1/users/{STRANGE}", None),
        ("PATCH", f"/api/v1/users/{STRANGE}", {"role": "admin"}),
        ("GET", "/api/v1/admin/enrichment/provenance", None),
        ("GET", "/api/v1/admin/jobs", None),
        ("POST", f"/api/v1/admin/jobs/{STRANGE}/requeue", None),
        ("GET", "/debug/actors", None),
    ],
)
async def test_only_administrators_get_in(
    doors: Doors, method: str, target: str, body: object
) -> None:
    """401 without a session, 403 for walkers, whatever else is wrong with the request."""
    assert (await doors.client().ask(method, target, body)).status == 401
    walker = await doors.walker()
    assert (await walker.ask(method, target, body)).status == 403
    me = await my_id(walker)
    refused = await walker.patch(f"/api/v1/users/{me}", {"role": "admin", "x": 1})
    assert refused.status == 403


async def test_a_demoted_administrator_is_out_at_once(doors: Doors) -> None:
    """The role in the cookie is not believed: the stored one counts."""
    boss, other = await admin_of(doors), await admin_of(doors)
    assert (await other.get("/api/v1/users")).status == 200
    demoted = await boss.patch(f"/api/v1/users/{await my_id(other)}", {"role": "walker"})
    assert (demoted.status, demoted.json()["role"]) == (200, "walker")
    assert (await other.get("/api/v1/users")).status == 403


async def test_people_are_listed_page_by_page(doors: Doors, autojump_clock: Clock) -> None:
    """Oldest first, forth and back by links that are followed."""
    admin = await admin_of(doors)
    ids = [await my_id(admin)]
    for number in range(4):
        await trio.sleep(1)
        ids.append(await my_id(await doors.walker(f"192.0.2.{number}")))
    first = (await admin.get("/api/v1/users?limit=2")).json()
    second = (await admin.get(first["links"]["next"])).json()
    third = (await admin.get(second["links"]["next"])).json()
    pages = [[user["id"] for user in page["data"]] for page in (first, second, third)]
    assert pages == [ids[:2], ids[2:4], ids[4:]]
    assert "next" not in third["links"]
    back = (await admin.get(third["links"]["prev"])).json()
    assert back["data"] == second["data"]
    assert (await admin.get("/api/v1/users?limit=101")).status == 400
    bad = await admin.get("/api/v1/users?cursor=AAAA")
    assert (bad.status, bad.json()["details"][0]["code"]) == (400, "invalid_cursor")


async def test_somebody_is_seen_and_changed(doors: Doors) -> None:
    """Display name, role, disabled; a stranger is 404."""
    admin, walker = await admin_of(doors), await doors.walker()
    target = f"/api/v1/users/{await my_id(walker)}"
    seen = (await admin.get(target)).json()
    assert (seen["role"], seen["disabled"], seen["display_name"]) == ("walker", False, "Walker")
    changed = await admin.patch(target, {"display_name": "Ada"})
    assert (changed.status, changed.json()["display_name"]) == (200, "Ada")
    assert (await admin.get(target)).json() == changed.json()
    for method, body in (("GET", None), ("PATCH", {})):
        assert (await admin.ask(method, f"/api/v1/users/{STRANGE}", body)).status == 404
    assert (await admin.patch(target, {"role": "owner"})).status == 400
    assert (await admin.patch(target, {"display_name": ""})).status == 400


async def test_the_disabled_are_out_at_once(doors: Doors) -> None:
    """Their sessions, their coming back; nobody can disable themselves."""
    admin, walker = await admin_of(doors), await doors.walker()
    target = f"/api/v1/users/{await my_id(walker)}"
    assert (await admin.patch(target, {"disabled": True})).json()["disabled"] is True
    assert (await walker.get("/api/v1/users/me")).status == 401
    assert (await walker.post("/api/v1/session")).status == 401
    assert (await admin.patch(target, {"disabled": False})).status == 200
    assert (await walker.get("/api/v1/users/me")).status == 401
    own = await admin.patch(f"/api/v1/users/{await my_id(admin)}", {"disabled": True})
    assert (own.status, own.json()["code"]) == (409, "conflict")


async def test_what_was_enriched_is_listed(doors: Doors) -> None:
    """Newest first: when, from where, for which box."""
    records = [
        Enrichment(
            uuid4(),
            NOON + timedelta(minutes=number),
            "overpass",
            "https://overpass.example/api",
            TOWN.bounds,
            number,
        )
        for number in range(3)
    ]
    async with doors.town.storage.write() as work:
        for record in records:
            await work.provenance.add(record)
    admin = await admin_of(doors)
    page = (await admin.get("/api/v1/admin/enrichment/provenance?limit=2")).json()
    assert [line["place_count"] for line in page["data"]] == [2, 1]
    assert page["data"][0] == {
        "id": str(records[2].id),
        "created_at": "2026-05-04T12:02:00.000000Z",
        "source": "overpass",
        "source_url": "https://overpass.example/api",
        "bounds": {"west": -3.25, "south": 55.9, "east": -3.13, "north": 56.0},
        "place_count": 2,
    }
    rest = (await admin.get(page["links"]["next"])).json()
    assert [line["place_count"] for line in rest["data"]] == [0]


async def test_a_dead_letter_is_seen_and_tried_again(doors: Doors, autojump_clock: Clock) -> None:
    """What it died of, for how many attempts; requeued, its walker is served by the next wish."""
    doors.town.engine.troubles = [
        EngineFailed("engine_crashed", f"crash {number}", retryable=True) for number in range(3)
    ]
    walker, admin = await doors.walker(), await admin_of(doors)
    accepted = (await walker.post("/api/v1/routes", wish())).json()
    await trio.sleep(120)
    status = (await walker.get(accepted["status_url"])).json()
    assert status["status"] == "failed"
    (letter,) = (await admin.get("/api/v1/admin/jobs")).json()["data"]
    assert (letter["queue"], letter["state"], letter["attempt"]) == ("GenerateRoute", "dead", 3)
    assert letter["error"] == "engine_crashed"
    for query, count in (
        ("queue=GenerateRoute&state=dead", 1),
        ("queue=Enrichment", 0),
        ("state=waiting", 0),
        ("state=running", 0),
    ):
        page = (await admin.get(f"/api/v1/admin/jobs?{query}")).json()
        assert len(page["data"]) == count, query
    requeue = f"/api/v1/admin/jobs/{letter['id']}/requeue"
    key = "11111111-2222-4333-8444-555555555555"
    first = await admin.post(requeue, idempotency_key=key)
    assert (first.status, first.json()) == (202, letter)
    again = await admin.post(requeue, idempotency_key=key)
    assert (again.status, again.header("idempotent-replayed")) == (202, "true")
    assert (await admin.post(requeue)).status == 404
    assert (await admin.get("/api/v1/admin/jobs")).json()["data"] == []


async def test_unknown_queues_and_states_are_refused(doors: Doors) -> None:
    """400 names the field."""
    admin = await admin_of(doors)
    for query, field in (("queue=Nothing", "queue"), ("state=lost", "state"), ("x=1", "x")):
        reply = await admin.get(f"/api/v1/admin/jobs?{query}")
        assert (reply.status, reply.json()["details"][0]["field"]) == (400, field)


async def test_links_of_jobs_keep_what_was_asked(doors: Doors, autojump_clock: Clock) -> None:
    """Queue and state go along to the next page."""
    queue, admin = doors.town.queue, await admin_of(doors)
    for number in range(3):
        job = Job(f"story:{number}", JobKind.ENRICHMENT, {"area": number})
        await queue.put(job)
        await trio.sleep(60)
    page = (await admin.get("/api/v1/admin/jobs?queue=Enrichment&limit=2")).json()
    seen = [line["key"] for line in page["data"]]
    while "next" in page["links"]:
        page = (await admin.get(page["links"]["next"])).json()
        seen += [line["key"] for line in page["data"]]
    assert seen == ["story:2", "story:1", "story:0"]
