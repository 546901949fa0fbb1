"""Cookies: who is believed, for how long, and everything that is not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from tests.http.doors import KEYS, Client, Doors, the_doors
from tests.town import NOON
from wildside.domain.accounts import Role, User
from wildside.domain.errors import Invalid
from wildside.domain.identifiers import UserId
from wildside.domain.traffic import SessionRefused
from wildside.inbound.http.session_cookie import CookieJar, CookieRules, NotBelieved, Refusal
from wildside.outbound.session_keys import read_keys

MURIEL = User(UserId(UUID(int=7)), "Muriel", NOON, NOON, session_epoch=3)
JAR = CookieJar(KEYS, CookieRules())


def cookie_of(jar: CookieJar, user: User = MURIEL, name: str = "session") -> bytes:
    """What a browser sends back."""
    made = jar.session_cookie(user, NOON) if name == "session" else jar.walker_cookie(user, NOON)
    return made.split(b";")[0]


def refusal_of(cookies: bytes | None, jar: CookieJar = JAR, later: float = 0) -> Refusal:
    """Why the jar does not believe it."""
    with pytest.raises(NotBelieved) as refused:
        jar.open_session(cookies, NOON + timedelta(seconds=later))
    return refused.value.refusal


def test_a_session_says_who_since_when_as_what_and_of_which_epoch() -> None:
    """The four things of the contract, and nothing else."""
    session = JAR.open_session(b"theme=dark; " + cookie_of(JAR), NOON)
    assert (session.user_id, session.issued_at) == (MURIEL.id, NOON)
    assert (session.role, session.epoch) == (Role.WALKER, 3)


def test_the_attributes_are_the_contract_s() -> None:
    """HttpOnly, Path, Max-Age, SameSite, and Secure and Domain by their rules."""
    text = JAR.session_cookie(MURIEL, NOON).decode()
    assert text.endswith("; HttpOnly; Path=/; Max-Age=7200; SameSite=Lax; Secure")
    plain = CookieJar(KEYS, CookieRules("Strict", secure=False, domain="walks.example"))
    text = plain.session_cookie(MURIEL, NOON).decode()
    assert text.endswith("; Max-Age=7200; SameSite=Strict; Domain=walks.example")
    text = JAR.walker_cookie(MURIEL, NOON).decode()
    assert "Path=/api/v1/session; Max-Age=15552000;" in text


@given(
    st.uuids(),
    st.sampled_from(Role),
    st.integers(0, 2**62),
    st.timedeltas(timedelta(days=-365 * 50), timedelta(days=365 * 170)),
    st.lists(st.text("abcdef0123456789", min_size=64, max_size=64), min_size=1, max_size=4),
    st.booleans(),
)
def test_every_cookie_comes_back_as_it_was_sealed(
    user_id: UUID, role: Role, epoch: int, since_noon: timedelta, keys: list[str], for_walker: bool
) -> None:
    """Whoever it is for, whenever, however many keys there are; a browser keeps below 4 KiB."""
    now = NOON + since_noon
    user = User(UserId(user_id), "x", now, now, role=role, session_epoch=epoch)
    jar = CookieJar(keys, CookieRules())
    seal, open_it = (
        (jar.walker_cookie, jar.open_walker)
        if for_walker
        else (jar.session_cookie, jar.open_session)
    )
    cookie = seal(user, now)
    assert len(cookie) < 400
    session = open_it(cookie.split(b";")[0], now)
    assert (session.user_id, session.role, session.epoch) == (user.id, role, epoch)
    assert timedelta(0) <= now - session.issued_at < timedelta(seconds=1)


@given(st.data())
def test_no_changed_cookie_is_believed(data: st.DataObject) -> None:
    """Any character changed, left out or added, anywhere."""
    whole = cookie_of(JAR).removeprefix(b"session=").decode()
    place = data.draw(st.integers(0, len(whole) - 1))
    letters = st.sampled_from("ABCxyz019_-.")
    change = data.draw(st.sampled_from(["replace", "drop", "insert", "cut"]))
    letter = data.draw(letters)
    forged = {
        "replace": whole[:place] + letter + whole[place + 1 :],
        "drop": whole[:place] + whole[place + 1 :],
        "insert": whole[:place] + letter + whole[place:],
        "cut": whole[:place],
    }[change]
    if forged == whole:
        return
    # The last character of unpadded base64 carries bits that do not count: the bytes are the same.
    if place == len(whole) - 1 and change == "replace":
        return
    refusal_of(b"session=" + forged.encode())


def test_each_failure_has_its_reason() -> None:
    """The labels by which failures are counted."""
    other = CookieJar(("o" * 64,), CookieRules())
    walker = cookie_of(JAR, name="walker").removeprefix(b"walker=")
    assert refusal_of(None) is Refusal.MISSING
    assert refusal_of(b"other=1") is Refusal.MISSING
    assert refusal_of(b"session=") is Refusal.BAD_SIGNATURE
    assert refusal_of(b"session=\xff\xfe") is Refusal.BAD_SIGNATURE
    assert refusal_of(cookie_of(other)) is Refusal.BAD_SIGNATURE
    assert refusal_of(b"session=" + walker) is Refusal.BAD_SIGNATURE
    assert refusal_of(cookie_of(JAR), later=7201) is Refusal.EXPIRED
    assert refusal_of(cookie_of(JAR), later=-120) is Refusal.EXPIRED


def test_older_keys_verify_and_the_newest_signs() -> None:
    """Rotation signs nobody out, until the old key is taken away."""
    old, rotated, new = (
        CookieJar(keys, CookieRules()) for keys in (("a" * 64,), ("a" * 64, "b" * 64), ("b" * 64,))
    )
    assert rotated.open_session(cookie_of(old), NOON).user_id == MURIEL.id
    assert new.open_session(cookie_of(rotated), NOON).user_id == MURIEL.id
    assert refusal_of(cookie_of(old), new) is Refusal.BAD_SIGNATURE


def test_keys_come_from_a_file_or_a_folder(tmp_path: Path) -> None:
    """A line a key, or a file a key by name; Kubernetes's dotted folders are not keys."""
    (tmp_path / "keys").write_text("one\n\ntwo\n")
    assert read_keys(tmp_path / "keys", shortest_bytes=1) == ("one", "two")
    folder = tmp_path / "secret"
    (folder / "..data").mkdir(parents=True)
    (folder / "2026-02").write_text("newer\n")
    (folder / "2026-01").write_text("older\n")
    assert read_keys(folder, shortest_bytes=1) == ("older", "newer")


def test_unusable_keys_are_refused_without_showing_them(tmp_path: Path) -> None:
    """Absent, empty, too short, not text: one sentence each, no byte of a key."""
    (tmp_path / "short").write_text("sesame")
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("absent", "short", "empty", "binary"):
        with pytest.raises(Invalid) as refused:
            read_keys(tmp_path / name, shortest_bytes=64)
        assert "SESSION_KEY_FILE" in str(refused.value)
        assert "sesame" not in str(refused.value)


async def test_a_session_is_renewed_once_it_is_half_an_hour_old(
    doors: Doors, autojump_clock: trio.testing.MockClock
) -> None:
    """On any authenticated answer, refusals included; an hour's walk never signs one out."""
    walker = await doors.walker()
    await trio.sleep(29 * 60)
    assert (await walker.get("/api/v1/users/me")).header("set-cookie") is None
    await trio.sleep(2 * 60)
    first = walker.cookies["session"]
    assert (await walker.get("/api/v1/pois/1")).header("set-cookie") is None
    refused = await walker.get("/api/v1/routes/00000000-0000-4000-8000-000000000000")
    assert refused.status == 404
    assert walker.cookies["session"] != first
    await trio.sleep(7100)
    assert (await walker.get("/api/v1/users/me")).status == 200


async def test_an_old_session_ends_and_the_walker_cookie_brings_one_back(
    doors: Doors, autojump_clock: trio.testing.MockClock
) -> None:
    """After two hours 401; POST /session trades the walker cookie for the same walker's session."""
    walker = await doors.walker()
    me = (await walker.get("/api/v1/users/me")).json()
    await trio.sleep(7201)
    assert (await walker.get("/api/v1/users/me")).status == 401
    back = await walker.post("/api/v1/session")
    assert (back.status, back.json()["id"]) == (200, me["id"])
    assert (await walker.get("/api/v1/users/me")).json() == me
    refused = [event for event in doors.town.diary.events if isinstance(event, SessionRefused)]
    assert [event.reason for event in refused] == ["expired"]
    exposition = doors.metrics.exposition()[0].decode()
    assert 'session_validation_failures_total{reason="expired"} 1.0' in exposition


async def test_the_two_cookies_do_not_stand_in_for_each_other(doors: Doors) -> None:
    """A walker cookie is no session, a session no walker cookie."""
    walker = await doors.walker()
    swapped = doors.client()
    swapped.cookies = {"session": walker.cookies["walker"], "walker": walker.cookies["session"]}
    assert (await swapped.get("/api/v1/users/me")).status == 401
    assert (await swapped.post("/api/v1/session")).status == 401


async def test_a_raised_epoch_signs_everybody_out(doors: Doors) -> None:
    """What a changed password does: cookies of the epoch before stop working, the walker's too."""
    from dataclasses import replace

    walker = await doors.walker()
    user_id = UserId(UUID((await walker.get("/api/v1/users/me")).json()["id"]))
    async with doors.town.storage.write() as work:
        user = await work.accounts.find(user_id)
        assert user is not None
        await work.accounts.update(replace(user, session_epoch=1), expected_revision=user.revision)
    assert (await walker.get("/api/v1/users/me")).status == 401
    assert (await walker.post("/api/v1/session")).status == 401


async def test_a_session_of_somebody_unknown_is_refused(doors: Doors) -> None:
    """Signed with our key, for a walker who is not there (any more)."""
    stranger = Client(doors.edge)
    jar = doors.house.cookies
    stranger.cookies["session"] = cookie_of(jar).removeprefix(b"session=").decode()
    assert (await stranger.get("/api/v1/users/me")).status == 401


async def test_leaving_clears_both_cookies(doors: Doors) -> None:
    """204, and the browser is told to forget."""
    walker = await doors.walker()
    reply = await walker.post("/api/v1/logout")
    assert reply.status == 204
    cleared = reply.all("set-cookie")
    assert cleared[0].startswith("session=; HttpOnly; Path=/; Max-Age=0")
    assert cleared[1].startswith("walker=; HttpOnly; Path=/api/v1/session; Max-Age=0")
    assert (await walker.get("/api/v1/users/me")).status == 401


async def test_a_key_taken_away_ends_its_sessions(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    """The same walker, the same storage, another key."""
    async with the_doors(tmp_path) as doors:
        walker = await doors.walker()
    async with the_doors(tmp_path, keys=("n" * 64,)) as doors:
        again = Client(doors.edge, cookies=walker.cookies)
        assert (await again.get("/api/v1/users/me")).status == 401
