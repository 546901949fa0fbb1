"""Short-lived HS256 tokens that open the tiles of one walk (RFC 7519)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import jwt
from jwt.types import Options

from wildside.domain.errors import Forbidden, Unauthorized
from wildside.domain.identifiers import RouteId

ALGORITHM = "HS256"
GOOD_FOR = timedelta(minutes=15)
CLOCK_SKEW = timedelta(seconds=30)
_CLAIMS = frozenset({"route_id", "aud", "iss", "exp"})
# PyJWT asks the wall clock; `check` is told the time, and looks at `exp` itself.
_CHECKS: Options = {
    "require": list(_CLAIMS),
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}


@dataclass(frozen=True, slots=True)
class FreshToken:
    """A token and when it ends."""

    token: str
    expires_at: datetime


class TileTokens:
    """Issues and checks tokens; the last key signs, all of them verify."""

    def __init__(self, keys: Sequence[bytes], *, audience: str, issuer: str) -> None:
        self._keys = tuple(keys)
        self._audience = audience
        self._issuer = issuer

    def use(self, keys: Sequence[bytes]) -> None:
        """From now on these are the keys."""
        self._keys = tuple(keys)

    def issue(self, route_id: RouteId, now: datetime) -> FreshToken:
        """A token for this walk."""
        # JWT counts whole seconds.
        expires_at = now.replace(microsecond=0) + GOOD_FOR
        claims = {
            "route_id": str(route_id),
            "aud": self._audience,
            "iss": self._issuer,
            "exp": int(expires_at.timestamp()),
        }
        return FreshToken(jwt.encode(claims, self._keys[-1], ALGORITHM), expires_at)

    def check(self, token: str, route_id: RouteId, now: datetime) -> None:
        """Raises Unauthorized where the token is worth nothing, Forbidden where it is another walk's."""
        claims = self._claims(token)
        expires_at = claims.get("exp")
        # bool is an int to Python, not to us. A token that would last longer is none of ours.
        if type(expires_at) is not int or set(claims) != _CLAIMS:
            raise _worthless()
        left = expires_at - now.timestamp()
        if not -CLOCK_SKEW.total_seconds() < left <= (GOOD_FOR + CLOCK_SKEW).total_seconds():
            raise _worthless()
        if _uuid(claims["route_id"]) != route_id:
            raise Forbidden("this token is for another walk")

    def _claims(self, token: str) -> dict[str, object]:
        for key in reversed(self._keys):
            try:
                claims: dict[str, object] = jwt.decode(
                    token,
                    key,
                    # Named here and never read from the token: `none` or a public key cannot pass.
                    algorithms=[ALGORITHM],
                    audience=self._audience,
                    issuer=self._issuer,
                    options=_CHECKS,
                )
            except jwt.InvalidSignatureError:
                continue
            except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
                raise _worthless() from error
            return claims
        raise _worthless()


def keys_from_session_keys(keys: Sequence[str]) -> tuple[bytes, ...]:
    """Keys of their own where no other file names any: neither cookie nor token can pass for the other."""
    return tuple(
        hmac.new(key.encode(), b"wildside.tile-token", hashlib.sha256).digest() for key in keys
    )


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _worthless() -> Unauthorized:
    return Unauthorized("this token is not valid, or no longer: POST …/tile-token makes another")
