"""Walkers' own profiles over HTTP: seen, changed, claimed, exported, erased."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
import trio
from msgspec import Meta

from wildside.domain.accounts import MOST_INTERESTS, Units, User
from wildside.domain.errors import NotFound, RateLimited
from wildside.domain.identifiers import ThemeId, UserId
from wildside.domain.languages import LANGUAGE_PATTERN, LONGEST_TAG, SHORTEST_TAG
from wildside.domain.paging import MOST_A_PAGE, PageRequest
from wildside.domain.route import RouteSummary
from wildside.inbound.http.endpoint import Allowance, Auth, Endpoint, Shape
from wildside.inbound.http.export_shapes import ExportShape, export_shape
from wildside.inbound.http.house import House
from wildside.inbound.http.message import Answer, Headers, Request
from wildside.inbound.http.route_shapes import RouteShape, route_shape
from wildside.inbound.http.sessions import signed_in
from wildside.inbound.http.user_shapes import (
    GivenPassword,
    Name,
    NewPassword,
    Username,
    UserShape,
    user_json,
)
from wildside.inbound.http.writing import kept, to_http
from wildside.ports import Work
from wildside.use_cases.accounts import ProfileChange
from wildside.use_cases.sign_in import CredentialChange, PreparedChange


class PreferencesChange(msgspec.Struct, forbid_unknown_fields=True):
    """What to change of the preferences; absent stays."""

    units: Units | None = None
    language: (
        Annotated[
            str,
            Meta(
                min_length=SHORTEST_TAG,
                max_length=LONGEST_TAG,
                extra_json_schema={"pattern": LANGUAGE_PATTERN},
            ),
        ]
        | None
    ) = None
    walking_speed_kmh: Annotated[float, Meta(ge=1, le=9)] | None = None


class ProfileChangeShape(msgspec.Struct, forbid_unknown_fields=True):
    """What to change of the profile; absent stays.

    An anonymous walker claims an account with `username` and `password`; an account changes its
    `password` by giving the `current_password` too.
    """

    display_name: Name | None = None
    preferences: PreferencesChange | None = None
    username: Username | None = None
    password: NewPassword | None = None
    current_password: GivenPassword | None = None


class InterestsShape(msgspec.Struct, forbid_unknown_fields=True):
    """What somebody likes; with `expected_revision`, only if nobody changed the profile meanwhile."""

    interest_theme_ids: Annotated[list[UUID], Meta(max_length=MOST_INTERESTS)]
    expected_revision: Annotated[int, Meta(ge=0, le=2**31)] | None = None


async def get_me(house: House, request: Request) -> Answer:  # noqa: ARG001 - a handler's signature
    """The walker; the edge has just read them."""
    return Answer(200, user_json(request.walker))


async def change_me(house: House, request: Request) -> Answer:
    """Another name, other preferences, an account claimed or its password changed."""
    asked: ProfileChangeShape = request.body
    preferences = asked.preferences or PreferencesChange()
    change = ProfileChange(
        display_name=asked.display_name,
        units=preferences.units,
        language=preferences.language,
        walking_speed_kmh=preferences.walking_speed_kmh,
    )
    prepared = await _prepared(house, request, asked)

    async def write(work: Work) -> User:
        user_id = request.walker.id
        if prepared is None:
            return await house.walkers.change_profile(work, user_id, change)
        if change != ProfileChange():
            await house.walkers.change_profile(work, user_id, change)
        return await house.sign_in.apply(work, user_id, prepared)

    user = await kept(house, write)
    if prepared is None:
        return Answer(200, user_json(user))
    # Every cookie from before is worth nothing now; the walker cookie of an account always.
    answer = signed_in(house, user)
    _, cleared_walker = house.cookies.cleared()
    return msgspec.structs.replace(
        answer, headers=(*answer.headers, (b"set-cookie", cleared_walker))
    )


async def choose_interests(house: House, request: Request) -> Answer:
    """Other interests."""
    asked: InterestsShape = request.body

    async def choose(work: Work) -> Answer:
        user = await house.walkers.choose_interests(
            work,
            request.walker.id,
            [ThemeId(theme) for theme in asked.interest_theme_ids],
            asked.expected_revision,
        )
        return Answer(200, user_json(user))

    return await to_http(house, request.claim, choose)


async def erase_me(house: House, request: Request) -> Answer:
    """Everything kept about the walker is forgotten; cookies and sockets stop working at once."""
    await kept(house, lambda work: house.erase_walker(work, request.walker.id))
    return Answer(204, headers=tuple((b"set-cookie", text) for text in house.cookies.cleared()))


async def export_me(house: House, request: Request) -> Answer:
    """Everything kept about the walker."""
    user_id = request.walker.id
    kept_of_walker = await house.export_walker(user_id)
    routes: list[RouteShape] = []
    page: PageRequest | None = PageRequest(MOST_A_PAGE)
    while page is not None:
        found = await house.read_routes.page(user_id, None, page)
        routes += [shape for line in found.items for shape in await _in_full(house, user_id, line)]
        page = None if found.next is None else PageRequest(MOST_A_PAGE, found.next)
    body = msgspec.json.encode(export_shape(kept_of_walker, routes, house.clock.now()))
    headers: Headers = (
        (b"content-disposition", b'attachment; filename="wildside-export.json"'),
        (b"cache-control", b"no-store"),
    )
    return Answer(200, body, headers=headers)


async def _in_full(house: House, user_id: UserId, line: RouteSummary) -> list[RouteShape]:
    # Others are served between two walks, however many there are.
    await trio.lowlevel.checkpoint()
    try:
        return [route_shape(await house.read_routes.route(user_id, line.id))]
    except NotFound:
        return []  # deleted while the export was made


async def _prepared(
    house: House, request: Request, asked: ProfileChangeShape
) -> PreparedChange | None:
    change = CredentialChange(asked.username, asked.password, asked.current_password)
    if change == CredentialChange():
        return None
    # A found phone must not be a place to try passwords.
    verdict = await house.limits.take(Allowance.LOGINS.value, request.address)
    if not verdict.allowed:
        raise RateLimited(
            "too many attempts, try again later", retry_after_seconds=verdict.reset_seconds
        )
    return await house.sign_in.prepare(request.walker, change)


_USER = Shape("The walker", UserShape)
_ME = "/api/v1/users/me"
ENDPOINTS = (
    Endpoint("GET", _ME, get_me, "Who am I", "walkers", {200: _USER}, auth=Auth.WALKER),
    Endpoint(
        "PATCH",
        _ME,
        change_me,
        "Change name or preferences, claim an account, change the password",
        "walkers",
        {200: _USER},
        auth=Auth.WALKER,
        body=ProfileChangeShape,
        refusals=(409, 429, 503),
    ),
    Endpoint(
        "DELETE",
        _ME,
        erase_me,
        "Erase me",
        "walkers",
        {204: Shape("Forgotten")},
        auth=Auth.WALKER,
    ),
    Endpoint(
        "GET",
        f"{_ME}/export",
        export_me,
        "Everything kept about me",
        "walkers",
        {200: Shape("All of it", ExportShape)},
        auth=Auth.WALKER,
    ),
    Endpoint(
        "PUT",
        f"{_ME}/interests",
        choose_interests,
        "Choose interests",
        "walkers",
        {200: _USER},
        auth=Auth.WALKER,
        body=InterestsShape,
        refusals=(409,),
        replayable=True,
    ),
)
