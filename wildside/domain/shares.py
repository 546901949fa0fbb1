"""A link that shows one walk to whoever has it, until it expires or is revoked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from wildside.domain.identifiers import RouteId

SHARED_FOR = timedelta(days=30)  # long enough for a visit that is being planned
MOST_SHARES_OF_A_ROUTE = 20  # more links to one walk are a script; the oldest gives way
TOKEN_BYTES = 32  # 256 bits: nobody finds a walk by guessing


@dataclass(frozen=True, slots=True)
class Share:
    """What is kept of a link: its hash, not the link, so that reading the store opens no walk."""

    token_hash: str
    route_id: RouteId
    created_at: datetime
    expires_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether it has expired."""
        return now >= self.expires_at


def token_hash(token: str) -> str:
    """How a token is stored; it is random throughout, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
