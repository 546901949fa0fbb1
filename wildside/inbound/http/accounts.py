"""Walkers over HTTP: arriving, coming back, leaving, and what they like."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from wildside.domain.accounts import MOST_INTERESTS, Preferences, Units, User
from wildside.domain.identifiers import ThemeId
from wildside.inbound.http.endpoint import Allowance, Auth, Endpoint, Shape
from wildside.inbound.http.house import House
from wildside.inbound.http.message import Answer, Request
from wildside.inbound.http.session_cookie import NotBelieved, Refusal
from wildside.inbound.http.shapes import Timestamp, UuidText, timestamp
from wildside.inbound.http.writing import kept, to_http
from wildside.ports import Work
from wildside.use_cases.accounts import ProfileChange

Name = Annotated[str, Meta(min_length=1, max_length=100)]


class PreferencesShape(msgspec.Struct):
    """How somebody likes to be told, and how fast they walk."""

    units: Units
    language: str
    walking_speed_kmh: float


class UserShape(msgspec.Struct, omit_defaults=True):
    """A walker as they see themselves."""

    id: UuidText
    display_name: str
    interest_theme_ids: list[UuidText]
    preferences: PreferencesShape
    created_at: Timestamp
    updated_at: Timestamp
    revision: int
    username: str | None = None


class NewWalker(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody who arrives without an account."""

    display_name: Name | None = None


class PreferencesChange(msgspec.Struct, forbid_unknown_fields=True):
    """What to change of the preferences; absent stays."""

    units: Units | None = None
    language: (
        Annotated[str, Meta(min_length=2, max_length=35, pattern="^[A-Za-z0-9-]+$")] | None
    ) = None
    walking_speed_kmh: Annotated[float, Meta(ge=1, le=9)] | None = None


class ProfileChangeShape(msgspec.Struct, forbid_unknown_fields=True):
    """What to change of the profile; absent stays."""

    display_name: Name | None = None
    preferences: PreferencesChange | None = None


class InterestsShape(msgspec.Struct, forbid_unknown_fields=True):
    """What somebody likes; with `expected_revision`, only if nobody changed the profile meanwhile."""

    interest_theme_ids: Annotated[list[UUID], Meta(max_length=MOST_INTERESTS)]
    expected_revision: Annotated[int, Meta(ge=0, le=2**31)] | None = None


async def create_user(house: House, request: Request) -> Answer:
    """A new anonymous walker with their cookies."""
    asked: NewWalker = request.body

    async def arrive(work: Work) -> User:
        user = await house.walkers.add_anonymous(work)
        if asked.display_name is None:
            return user
        change = ProfileChange(display_name=asked.display_name)
        return await house.walkers.change_profile(work, user.id, change)

    user = await kept(house, arrive)
    now = house.clock.now()
    cookies = (house.cookies.session_cookie(user, now), house.cookies.walker_cookie(user, now))
    return Answer(201, _user_json(user), headers=tuple((b"set-cookie", text) for text in cookies))


async def resume_session(house: House, request: Request) -> Answer:
    """A fresh session for the anonymous walker of the walker cookie."""
    user = request.walker
    if user.username is not None:
        # Whoever has claimed an account signs in with its password.
        raise NotBelieved(Refusal.SIGNED_OUT)
    cookie = house.cookies.session_cookie(user, house.clock.now())
    return Answer(200, _user_json(user), headers=((b"set-cookie", cookie),))


async def logout(house: House, request: Request) -> Answer:  # noqa: ARG001 - a handler's signature
    """Both cookies cleared."""
    return Answer(204, headers=tuple((b"set-cookie", text) for text in house.cookies.cleared()))


async def get_me(house: House, request: Request) -> Answer:  # noqa: ARG001 - a handler's signature
    """The walker; the edge has just read them."""
    return Answer(200, _user_json(request.walker))


async def change_me(house: House, request: Request) -> Answer:
    """Another name, other preferences."""
    asked: ProfileChangeShape = request.body
    preferences = asked.preferences or PreferencesChange()
    change = ProfileChange(
        display_name=asked.display_name,
        units=preferences.units,
        language=preferences.language,
        walking_speed_kmh=preferences.walking_speed_kmh,
    )
    user = await kept(
        house, lambda work: house.walkers.change_profile(work, request.walker.id, change)
    )
    return Answer(200, _user_json(user))


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
        return Answer(200, _user_json(user))

    return await to_http(house, request.claim, choose)


def _user_json(user: User) -> bytes:
    return msgspec.json.encode(
        UserShape(
            id=str(user.id),
            display_name=user.display_name,
            interest_theme_ids=[str(theme) for theme in user.interest_theme_ids],
            preferences=_preferences(user.preferences),
            created_at=timestamp(user.created_at),
            updated_at=timestamp(user.updated_at),
            revision=user.revision,
            username=user.username,
        )
    )


def _preferences(preferences: Preferences) -> PreferencesShape:
    return PreferencesShape(preferences.units, preferences.language, preferences.walking_speed_kmh)


_USER = Shape("The walker", UserShape)
_API = "/api/v1"
ENDPOINTS = (
    Endpoint(
        "POST",
        f"{_API}/users",
        create_user,
        "Arrive as an anonymous walker",
        "walkers",
        {
            201: Shape(
                "The new walker, with a session", UserShape, headers={"Set-Cookie": "session"}
            )
        },
        body=NewWalker,
        body_may_be_absent=True,
        allowance=Allowance.NEW_WALKERS,
    ),
    Endpoint(
        "POST",
        f"{_API}/session",
        resume_session,
        "Trade the walker cookie for a session",
        "walkers",
        {200: Shape("The walker, with a fresh session", UserShape)},
        auth=Auth.RETURNING,
    ),
    Endpoint(
        "POST",
        f"{_API}/logout",
        logout,
        "Leave",
        "walkers",
        {204: Shape("Signed out")},
        auth=Auth.WALKER,
    ),
    Endpoint(
        "GET", f"{_API}/users/me", get_me, "Who am I", "walkers", {200: _USER}, auth=Auth.WALKER
    ),
    Endpoint(
        "PATCH",
        f"{_API}/users/me",
        change_me,
        "Change name or preferences",
        "walkers",
        {200: _USER},
        auth=Auth.WALKER,
        body=ProfileChangeShape,
    ),
    Endpoint(
        "PUT",
        f"{_API}/users/me/interests",
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
