"""Sessions over HTTP: arriving, signing up, signing in, coming back, leaving."""

from __future__ import annotations

import msgspec

from wildside.domain.accounts import User
from wildside.domain.errors import Invalid
from wildside.domain.traffic import LoginAnswered
from wildside.inbound.http.endpoint import Allowance, Auth, Endpoint, Shape
from wildside.inbound.http.house import House
from wildside.inbound.http.message import Answer, Request
from wildside.inbound.http.session_cookie import NotBelieved, Refusal
from wildside.inbound.http.user_shapes import (
    GivenPassword,
    GivenUsername,
    Name,
    NewPassword,
    Username,
    UserShape,
    user_json,
)
from wildside.inbound.http.writing import kept
from wildside.ports import Work
from wildside.use_cases.accounts import ProfileChange
from wildside.use_cases.sign_in import WrongCredentials


class NewWalker(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody who arrives: with a username and a password an account, else anonymous."""

    username: Username | None = None
    password: NewPassword | None = None
    display_name: Name | None = None


class Login(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody who comes back to their account."""

    username: GivenUsername
    password: GivenPassword


async def create_user(house: House, request: Request) -> Answer:
    """A new walker with their cookies."""
    asked: NewWalker = request.body
    if asked.username is None and asked.password is None:
        return await _arrived(house, asked)
    if asked.username is None or asked.password is None:
        missing = "username" if asked.username is None else "password"
        raise Invalid.field(missing, "required", "an account has a username and a password")
    user = await house.sign_in.sign_up(asked.username, asked.password, asked.display_name)
    return signed_in(house, user, status=201)


async def log_in(house: House, request: Request) -> Answer:
    """The account with a fresh session; what is wrong is not told."""
    asked: Login = request.body
    try:
        user = await house.sign_in.log_in(asked.username, asked.password)
    except WrongCredentials:
        house.journal.note(LoginAnswered(succeeded=False, trace_id=request.trace.id))
        raise
    house.journal.note(LoginAnswered(succeeded=True, trace_id=request.trace.id))
    return signed_in(house, user)


async def resume_session(house: House, request: Request) -> Answer:
    """A fresh session for the anonymous walker of the walker cookie, which begins its half year anew."""
    if not request.walker.is_anonymous:
        # Whoever has claimed an account signs in with its password.
        raise NotBelieved(Refusal.SIGNED_OUT)
    return signed_in(house, request.walker)


async def logout(house: House, request: Request) -> Answer:  # noqa: ARG001 - a handler's signature
    """Both cookies cleared."""
    return Answer(204, headers=tuple((b"set-cookie", text) for text in house.cookies.cleared()))


def signed_in(house: House, user: User, status: int = 200) -> Answer:
    """The walker with a fresh session; an anonymous one gets the cookie to come back with, too."""
    now = house.clock.now()
    cookies = [house.cookies.session_cookie(user, now)]
    if user.is_anonymous:
        # Sealed with the newest key each time: keys may be retired without losing who comes back.
        cookies.append(house.cookies.walker_cookie(user, now))
    headers = tuple((b"set-cookie", text) for text in cookies)
    return Answer(status, user_json(user), headers=headers)


async def _arrived(house: House, asked: NewWalker) -> Answer:
    async def arrive(work: Work) -> User:
        user = await house.walkers.add_anonymous(work)
        if asked.display_name is None:
            return user
        change = ProfileChange(display_name=asked.display_name)
        return await house.walkers.change_profile(work, user.id, change)

    return signed_in(house, await kept(house, arrive), status=201)


_API = "/api/v1"
_COOKIE = {"Set-Cookie": "session"}
LOGIN = Endpoint(
    "POST",
    f"{_API}/login",
    log_in,
    "Sign in",
    "walkers",
    {200: Shape("The account, with a session", UserShape, headers=_COOKIE)},
    body=Login,
    refusals=(401, 503),
    allowance=Allowance.LOGINS,
)
ENDPOINTS = (
    Endpoint(
        "POST",
        f"{_API}/users",
        create_user,
        "Arrive as an anonymous walker, or make an account",
        "walkers",
        {201: Shape("The new walker, with a session", UserShape, headers=_COOKIE)},
        body=NewWalker,
        body_may_be_absent=True,
        refusals=(409, 503),
        allowance=Allowance.NEW_WALKERS,
    ),
    LOGIN,
    Endpoint(
        "POST",
        f"{_API}/session",
        resume_session,
        "Trade the walker cookie for a session",
        "walkers",
        {200: Shape("The walker, with a fresh session", UserShape, headers=_COOKIE)},
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
)
