"""What administrators do over HTTP: people, where enrichment came from, and dead letters."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from wildside.domain.accounts import Role, User
from wildside.domain.enrichment import Enrichment
from wildside.domain.errors import NotFound
from wildside.domain.identifiers import UserId
from wildside.domain.jobs import JobKind, JobRecord, JobState
from wildside.inbound.http.endpoint import Auth, Endpoint, Shape
from wildside.inbound.http.house import House
from wildside.inbound.http.message import Answer, Request
from wildside.inbound.http.shapes import (
    PageQuery,
    PageShape,
    Timestamp,
    UuidText,
    page_shape,
    timestamp,
)
from wildside.inbound.http.user_shapes import Name, PreferencesShape, user_shape
from wildside.inbound.http.writing import to_http
from wildside.ports import Work
from wildside.use_cases.administer import Standing


class PersonShape(msgspec.Struct, omit_defaults=True):
    """Somebody as administrators see them."""

    id: UuidText
    display_name: str
    role: Role
    disabled: Annotated[bool, Meta(description="cannot sign in and has no session")]
    interest_theme_ids: list[UuidText]
    preferences: PreferencesShape
    created_at: Timestamp
    updated_at: Timestamp
    revision: int
    username: str | None = None


class StandingShape(msgspec.Struct, forbid_unknown_fields=True):
    """What to change of somebody; absent stays."""

    display_name: Name | None = None
    role: Role | None = None
    disabled: bool | None = None


class BoundsShape(msgspec.Struct):
    """A box in degrees."""

    west: float
    south: float
    east: float
    north: float


class EnrichmentShape(msgspec.Struct):
    """One answer of somebody else's that was taken in."""

    id: UuidText
    created_at: Timestamp
    source: str
    source_url: str
    bounds: BoundsShape
    place_count: int


class JobQuery(PageQuery, kw_only=True):
    """Which jobs; without a state the dead letters."""

    queue: JobKind | None = None
    state: JobState = JobState.DEAD


class JobShape(msgspec.Struct, omit_defaults=True):
    """A job as administrators see it."""

    id: UuidText
    queue: JobKind
    state: JobState
    since: Timestamp
    key: str
    attempt: int
    payload: dict[str, Any]
    trace_id: str | None = None
    error: str | None = None


async def list_users(house: House, request: Request) -> Answer:
    """Everybody, oldest first."""
    query: PageQuery = request.query
    page = await house.administer.people(query.page_request())
    return Answer(200, msgspec.json.encode(page_shape(page, request.path, query, _person)))


async def get_user(house: House, request: Request) -> Answer:
    """Somebody."""
    return _person_answer(await house.administer.person(UserId(request.uuid("user_id"))))


async def change_user(house: House, request: Request) -> Answer:
    """Somebody with another name, role or admission; whoever is disabled is signed out."""
    asked: StandingShape = request.body
    standing = Standing(asked.display_name, asked.role, asked.disabled)

    async def change(work: Work) -> Answer:
        user_id = UserId(request.uuid("user_id"))
        return _person_answer(
            await house.administer.change(work, user_id, standing, asked_by=request.walker.id)
        )

    return await to_http(house, None, change)


async def list_enrichment_provenance(house: House, request: Request) -> Answer:
    """What was enriched from where, newest first."""
    query: PageQuery = request.query
    page = await house.administer.enrichments(query.page_request())
    return Answer(200, msgspec.json.encode(page_shape(page, request.path, query, _enrichment)))


async def list_jobs(house: House, request: Request) -> Answer:
    """Jobs in one state, newest first."""
    query: JobQuery = request.query
    page = await house.jobs_office.page(query.state, query.queue, query.page_request())
    return Answer(200, msgspec.json.encode(page_shape(page, request.path, query, _job)))


async def requeue_job(house: House, request: Request) -> Answer:
    """A dead letter's job tried again from its first attempt; answers with the letter as it was."""

    async def requeue(work: Work) -> Answer:  # noqa: ARG001 - only the answer is stored
        letter = await house.jobs_office.requeue(request.uuid("job_id"))
        if letter is None:
            raise NotFound("there is no such dead letter")
        return Answer(202, msgspec.json.encode(_job(letter)))

    return await to_http(house, request.claim, requeue)


def _person_answer(user: User) -> Answer:
    return Answer(200, msgspec.json.encode(_person(user)))


def _person(user: User) -> PersonShape:
    """What they see of themselves, and what only administrators decide."""
    own = msgspec.structs.asdict(user_shape(user))
    return PersonShape(role=user.role, disabled=user.disabled, **own)


def _enrichment(record: Enrichment) -> EnrichmentShape:
    bounds = record.bounds
    return EnrichmentShape(
        str(record.id),
        timestamp(record.created_at),
        record.source,
        record.source_url,
        BoundsShape(bounds.west, bounds.south, bounds.east, bounds.north),
        record.place_count,
    )


def _job(record: JobRecord) -> JobShape:
    return JobShape(
        id=str(record.job.id),
        queue=record.job.kind,
        state=record.state,
        since=timestamp(record.since),
        key=record.job.key,
        attempt=record.job.attempt,
        payload=dict(record.job.payload),
        trace_id=record.job.trace_id,
        error=record.error,
    )


_API = "/api/v1"
_PERSON = f"{_API}/users/{{user_id:uuid}}"
ENDPOINTS = (
    Endpoint(
        "GET",
        f"{_API}/users",
        list_users,
        "Everybody",
        "admin",
        {200: Shape("A page of people", PageShape[PersonShape])},
        auth=Auth.ADMIN,
        query=PageQuery,
    ),
    Endpoint(
        "GET",
        _PERSON,
        get_user,
        "Somebody",
        "admin",
        {200: Shape("The person", PersonShape)},
        auth=Auth.ADMIN,
    ),
    Endpoint(
        "PATCH",
        _PERSON,
        change_user,
        "Change somebody's name, role or admission",
        "admin",
        {200: Shape("The person", PersonShape)},
        auth=Auth.ADMIN,
        body=StandingShape,
        refusals=(409,),
    ),
    Endpoint(
        "GET",
        f"{_API}/admin/enrichment/provenance",
        list_enrichment_provenance,
        "What was enriched from where",
        "admin",
        {200: Shape("A page of records", PageShape[EnrichmentShape])},
        auth=Auth.ADMIN,
        query=PageQuery,
    ),
    Endpoint(
        "GET",
        f"{_API}/admin/jobs",
        list_jobs,
        "Jobs, the dead letters above all",
        "admin",
        {200: Shape("A page of jobs", PageShape[JobShape])},
        auth=Auth.ADMIN,
        query=JobQuery,
        refusals=(503,),
    ),
    Endpoint(
        "POST",
        f"{_API}/admin/jobs/{{job_id:uuid}}/requeue",
        requeue_job,
        "Try a dead letter's job again",
        "admin",
        {202: Shape("The letter, which is one no more", JobShape)},
        auth=Auth.ADMIN,
        refusals=(503,),
        replayable=True,
    ),
)
