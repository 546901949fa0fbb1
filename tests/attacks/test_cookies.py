"""Cookies that somebody made, found, changed or kept too long, at every endpoint that wants one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import trio
from trio_websocket import ConnectionRejected, open_websocket_url

from tests.attacks.surface import GUARDED, fullest_body, named, target
from tests.http.doors import KEYS, Client, Doors
from wildside.domain.accounts import Role, User
from wildside.domain.identifiers import UserId
from wildside.domain.traffic import SessionRefused
from wildside.inbound.http.endpoint import Auth, Endpoint
from wildside.inbound.http.session_cookie import CookieJar, CookieRules

RULES = CookieRules(secure=False)
OURS, ELSEWHERE = CookieJar(KEYS, RULES), CookieJar(("e" * 64,), RULES)


def _value(header: bytes) -> str:
    return header.split(b";")[0].partition(b"=")[2].decode()


def _session(jar: CookieJar, user: User, now: datetime, seconds: float = 0) -> str:
    return _value(jar.session_cookie(user, now + timedelta(seconds=seconds)))


def _walker(jar: CookieJar, user: User, now: datetime, seconds: float = 0) -> str:
    return _value(jar.walker_cookie(user, now + timedelta(seconds=seconds)))


def _grafted(user: User, now: datetime) -> str:
    """An administrator's payload under the signature of a walker's."""
    stolen = _session(OURS, replace(user, role=Role.ADMIN), now).rpartition(".")[0]
    return stolen + "." + _session(OURS, user, now).rpartition(".")[2]


Forgery = Callable[[User, datetime], str]
# What is written into the cookie that the endpoint reads, for a walker who exists.
FORGERIES: Mapping[str, Forgery] = {
    "empty": lambda user, now: "",
    "plain words": lambda user, now: "admin",
    "only dots": lambda user, now: "...",
    "not ascii": lambda user, now: "\xff\xfe\x00",
    "64 KiB": lambda user, now: "A" * 65_000,
    "the id alone": lambda user, now: str(user.id),
    "unsigned": lambda user, now: _session(OURS, user, now).rpartition(".")[0],
    "an empty signature": lambda user, now: _session(OURS, user, now).rpartition(".")[0] + ".",
    "half a signature": lambda user, now: _session(OURS, user, now)[:-20],
    "cut in the payload": lambda user, now: _session(OURS, user, now)[5:],
    "of another server": lambda user, now: _session(ELSEWHERE, user, now),
    "another's signature": _grafted,
    "from tomorrow": lambda user, now: _session(OURS, user, now, 86_400),
    "nobody's": lambda user, now: _session(OURS, replace(user, id=UserId(UUID(int=0xDEAD))), now),
    "of an earlier epoch": lambda user, now: _session(OURS, replace(user, session_epoch=-1), now),
}


async def somebody(doors: Doors, role: Role = Role.WALKER) -> User:
    """A walker who is really there."""
    user = await doors.town.arrive()
    if role is not user.role:
        async with doors.town.storage.write() as work:
            promoted = replace(user, role=role, revision=user.revision + 1)
            assert await work.accounts.update(promoted, expected_revision=user.revision)
            return promoted
    return user


async def ask(doors: Doors, endpoint: Endpoint, value: str, number: int = 1) -> tuple[int, str]:
    """The endpoint asked with this in the cookie that it reads; status and code of the answer."""
    name = "walker" if endpoint.auth is Auth.RETURNING else "session"
    client = Client(doors.edge, f"192.0.{number % 200}.9")
    header = f"{name}={value}".encode("latin-1", "replace").decode("latin-1")
    body = None if endpoint.body is None else fullest_body(endpoint)
    reply = await client.ask(endpoint.method, target(endpoint), body, {"cookie": header})
    assert UUID(reply.header("trace-id") or "").version == 4
    if reply.status < 400:
        return reply.status, ""
    assert reply.json()["trace_id"] == reply.header("trace-id")
    return reply.status, reply.json()["code"]


@pytest.mark.parametrize("endpoint", GUARDED, ids=named)
async def test_no_forged_cookie_opens_any_endpoint(doors: Doors, endpoint: Endpoint) -> None:
    """Each forgery is 401 everywhere, before anything is said about the body; the true one is not."""
    user, now = await somebody(doors), doors.town.clock.now()
    for name, forge in FORGERIES.items():
        assert await ask(doors, endpoint, forge(user, now)) == (401, "unauthorized"), name
    true = (_walker if endpoint.auth is Auth.RETURNING else _session)(OURS, user, now)
    status, _ = await ask(doors, endpoint, true)
    assert status != 401


@pytest.mark.parametrize("endpoint", GUARDED, ids=named)
async def test_one_cookie_does_not_pass_for_the_other(doors: Doors, endpoint: Endpoint) -> None:
    """The half-year cookie opens nothing but its own door, the session not that one."""
    user, now = await somebody(doors), doors.town.clock.now()
    swapped = (_session if endpoint.auth is Auth.RETURNING else _walker)(OURS, user, now)
    assert await ask(doors, endpoint, swapped) == (401, "unauthorized")


@pytest.mark.parametrize("endpoint", GUARDED, ids=named)
async def test_what_is_too_old_opens_nothing(doors: Doors, endpoint: Endpoint) -> None:
    """A session of two hours and a second, a walker cookie of half a year and a day."""
    user, now = await somebody(doors), doors.town.clock.now()
    returning = endpoint.auth is Auth.RETURNING
    expired = (
        _walker(OURS, user, now, -181 * 86_400) if returning else _session(OURS, user, now, -7201)
    )
    assert await ask(doors, endpoint, expired) == (401, "unauthorized")
    reasons = [
        event.reason for event in doors.town.diary.events if isinstance(event, SessionRefused)
    ]
    assert reasons == ["expired"]


@pytest.mark.parametrize(
    "endpoint", [endpoint for endpoint in GUARDED if endpoint.auth is Auth.ADMIN], ids=named
)
async def test_a_role_in_a_cookie_makes_nobody_an_administrator(
    doors: Doors, endpoint: Endpoint
) -> None:
    """Even a cookie that we signed: what counts is the role that is stored now."""
    user, now = await somebody(doors), doors.town.clock.now()
    boasting = _session(OURS, replace(user, role=Role.ADMIN), now)
    assert await ask(doors, endpoint, boasting) == (403, "forbidden")
    admin = await somebody(doors, Role.ADMIN)
    status, _ = await ask(doors, endpoint, _session(OURS, admin, now))
    assert status not in {401, 403}


async def test_every_failed_check_is_counted_by_its_reason(doors: Doors) -> None:
    """Signed elsewhere, too old, of nobody, of an earlier epoch: one line of metrics each."""
    user, now = await somebody(doors), doors.town.clock.now()
    endpoint = next(one for one in GUARDED if one.auth is Auth.WALKER)
    await ask(doors, endpoint, _session(ELSEWHERE, user, now))
    await ask(doors, endpoint, _session(OURS, user, now, -7201))
    for name in ("nobody's", "of an earlier epoch"):
        await ask(doors, endpoint, FORGERIES[name](user, now))
    text = (await doors.client().get("/metrics")).body.decode()
    for reason in ("bad_signature", "expired", "unknown_user", "signed_out"):
        assert f'session_validation_failures_total{{reason="{reason}"}} 1.0' in text


async def test_no_forged_cookie_opens_a_socket(doors: Doors) -> None:
    """Refused before the upgrade, each of them."""
    user, now = await somebody(doors), doors.town.clock.now()
    async with doors.served() as running:
        url = f"ws://127.0.0.1:{running.port}/ws"
        forged = {name: forge(user, now) for name, forge in FORGERIES.items()}
        # What does not fit into a head is refused as no HTTP at all.
        del forged["64 KiB"]
        swapped, expired = _walker(OURS, user, now), _session(OURS, user, now, -7201)
        for value in (*forged.values(), swapped, expired):
            cookie = (b"cookie", b"session=" + value.encode("latin-1").replace(b"\x00", b""))
            with trio.fail_after(5), pytest.raises(ConnectionRejected) as refused:
                async with open_websocket_url(url, extra_headers=[cookie]):
                    pass
            assert refused.value.status_code == 401
