"""The two signed cookies: the session of two hours, and the walker's own of half a year."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec
from itsdangerous import BadSignature, URLSafeSerializer

from wildside.domain.accounts import Role, User
from wildside.domain.errors import Unauthorized
from wildside.domain.identifiers import UserId

SESSION_SECONDS = 7200
REISSUED_AFTER = timedelta(minutes=30)
WALKER_DAYS = 180
SESSION_PATH = "/api/v1/session"
# A clock that is set back a little must not sign everybody out; a cookie from tomorrow is forged.
CLOCK_SKEW = timedelta(minutes=1)


# Verified cookies that are known again: about a megabyte, and a signature less for each request.
MOST_REMEMBERED = 4096


class Refusal(StrEnum):
    """Why a cookie was not believed; the label of `session_validation_failures_total`."""

    MISSING = "missing"
    BAD_SIGNATURE = "bad_signature"
    MALFORMED = "malformed"
    EXPIRED = "expired"
    SIGNED_OUT = "signed_out"
    UNKNOWN_USER = "unknown_user"


class NotBelieved(Unauthorized):
    """The cookie does not prove who asks."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__("a session is needed: POST /api/v1/users or /api/v1/session starts one")
        self.refusal = refusal


class Session(msgspec.Struct, frozen=True):
    """What a cookie says: who, since when, as what, and of which session epoch."""

    user_id: UserId
    issued_at: datetime
    role: Role
    epoch: int


class CookieRules(msgspec.Struct, frozen=True):
    """How cookies are set."""

    same_site: str = "Lax"
    secure: bool = True
    domain: str = ""


class CookieJar:
    """Seals and opens the cookies; the last key signs, all of them verify."""

    def __init__(self, keys: Sequence[str], rules: CookieRules) -> None:
        self._rules = rules
        self.use(keys)

    def use(self, keys: Sequence[str]) -> None:
        """From now on these are the keys, the last of which signs."""
        self._session = _Seal(keys, "wildside.session")
        self._walker = _Seal(keys, "wildside.walker")

    def session_cookie(self, user: User, now: datetime) -> bytes:
        """The `Set-Cookie` of a fresh session."""
        return self._set("session", self._session.seal(user, now), SESSION_SECONDS, "/")

    def walker_cookie(self, user: User, now: datetime) -> bytes:
        """The `Set-Cookie` that brings an anonymous walker back after the session has ended."""
        seconds = WALKER_DAYS * 86400
        return self._set("walker", self._walker.seal(user, now), seconds, SESSION_PATH)

    def cleared(self) -> tuple[bytes, bytes]:
        """Both cookies, gone."""
        return self._set("session", "", 0, "/"), self._set("walker", "", 0, SESSION_PATH)

    def open_session(self, cookies: bytes | None, now: datetime) -> Session:
        """Who the session cookie says is asking."""
        return _opened(self._session, cookies, "session", timedelta(seconds=SESSION_SECONDS), now)

    def open_walker(self, cookies: bytes | None, now: datetime) -> Session:
        """Who the walker cookie says is coming back."""
        return _opened(self._walker, cookies, "walker", timedelta(days=WALKER_DAYS), now)

    def _set(self, name: str, value: str, seconds: int, path: str) -> bytes:
        parts = [f"{name}={value}", "HttpOnly", f"Path={path}", f"Max-Age={seconds}"]
        parts.append(f"SameSite={self._rules.same_site}")
        if self._rules.secure:
            parts.append("Secure")
        if self._rules.domain:
            parts.append(f"Domain={self._rules.domain}")
        return "; ".join(parts).encode()


class _Seal:
    """One kind of cookie: signs its payload, and knows again what it has verified lately.

    A walker's browser sends the same cookie with each request; with other keys there is another seal.
    """

    def __init__(self, keys: Sequence[str], salt: str) -> None:
        # Salts keep one cookie from passing for the other; SHA-1 is itsdangerous's default, not ours.
        self._serializer = URLSafeSerializer(
            list(keys),
            salt=salt,
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )
        self._verified: dict[str, Session] = {}

    def seal(self, user: User, now: datetime) -> str:
        """The text that `open` believes."""
        sealed = self._serializer.dumps(
            [user.id.hex, int(now.timestamp()), user.role.value, user.session_epoch]
        )
        return sealed if isinstance(sealed, str) else sealed.decode()

    def open(self, text: str) -> Session:
        """What the text says, if one of the keys has signed it; how old it is, others judge."""
        known = self._verified.get(text)
        if known is None:
            known = self._verify(text)
            if len(self._verified) >= MOST_REMEMBERED:
                self._verified.clear()
            self._verified[text] = known
        return known

    def _verify(self, text: str) -> Session:
        try:
            user_id, issued_at, role, epoch = self._serializer.loads(text)
            return Session(
                UserId(UUID(user_id)),
                datetime.fromtimestamp(issued_at, UTC),
                Role(role),
                int(epoch),
            )
        except BadSignature as error:
            raise NotBelieved(Refusal.BAD_SIGNATURE) from error
        except (ValueError, TypeError, AttributeError, OverflowError, OSError) as error:
            # Signed by us, so an older release's shape rather than an attack.
            raise NotBelieved(Refusal.MALFORMED) from error


def _opened(
    seal: _Seal,
    cookies: bytes | None,
    name: str,
    lifetime: timedelta,
    now: datetime,
) -> Session:
    text = _value(cookies, name)
    if text is None:
        raise NotBelieved(Refusal.MISSING)
    session = seal.open(text)
    if not -CLOCK_SKEW <= now - session.issued_at <= lifetime:
        raise NotBelieved(Refusal.EXPIRED)
    return session


def _value(cookies: bytes | None, name: str) -> str | None:
    """The first cookie of that name; http.cookies would stop at a neighbour it does not like."""
    for part in (cookies or b"").split(b";"):
        key, _, value = part.strip().partition(b"=")
        if key == name.encode():
            return value.strip(b'"').decode("latin-1")
    return None
