"""Who walks: accounts, passwords, sign-outs, what somebody may do how often, what they were answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from wildside.domain.accounts import User
from wildside.domain.identifiers import UserId
from wildside.domain.paging import Page, PageRequest


class Accounts(Protocol):
    """Walkers, within one unit of work."""

    async def add(self, user: User) -> None: ...
    async def find(self, user_id: UserId) -> User | None: ...
    async def update(self, user: User, *, expected_revision: int) -> bool:
        """Stores the user if the stored revision is the expected one; False otherwise."""
        ...

    async def named(self, username: str) -> User | None:
        """The account of that name, whatever the case of its letters."""
        ...

    async def page(self, page: PageRequest) -> Page[User]:
        """Everybody, oldest first by (created_at, id)."""
        ...

    async def standing(self, user_ids: Iterable[UserId]) -> Mapping[UserId, int]:
        """The session epochs of those who are still there and not disabled."""
        ...

    async def erase(self, user_id: UserId) -> bool:
        """Forgets the person with everything of theirs: interests, credentials, wishes, walks, shares,
        remembered answers. False where there was nobody.
        """
        ...


class Credentials(Protocol):
    """Hashes of passwords, within one unit of work; apart from `User`, so that nothing that shows a
    walker can show one.
    """

    async def find(self, user_id: UserId) -> str | None: ...
    async def keep(self, user_id: UserId, password_hash: str, now: datetime) -> None:
        """Makes this the walker's only one."""
        ...


class Passwords(Protocol):
    """Hashes passwords, slowly on purpose; where too many wait, `Unavailable`."""

    async def hash(self, password: str) -> str: ...
    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Whether the hash is of this password; None is never, after the same work as for a hash."""
        ...

    def is_outdated(self, password_hash: str) -> bool:
        """Whether a hash made now would be stronger."""
        ...


class SignOuts(Protocol):
    """Tells open sockets who is to leave; never waits.

    The sockets of this process are told at once, those of others soon, or not at all: they look.
    """

    def publish(self, user_id: UserId) -> None: ...
    def hear(self, listener: Callable[[UserId], None]) -> None:
        """From now on the listener is told of everybody; it must not raise or wait."""
        ...


@dataclass(frozen=True, slots=True)
class RateVerdict:
    """What a rate limit says: whether this one passes, and what is left for how long."""

    allowed: bool
    limit: int
    remaining: int
    reset_seconds: int


class RateLimits(Protocol):
    """Counts what somebody did lately."""

    async def take(self, allowance: str, key: str) -> RateVerdict:
        """Counts one more, and says whether it is still within the allowance."""
        ...


@dataclass(frozen=True, slots=True)
class RememberedAnswer:
    """What was answered to an idempotency key, to be said again word for word."""

    payload_hash: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    created_at: datetime


class Idempotency(Protocol):
    """Claimed keys and their answers, within one unit of work."""

    async def find(self, user_id: UserId, key: UUID) -> RememberedAnswer | None: ...
    async def keep(self, user_id: UserId, key: UUID, answer: RememberedAnswer) -> None: ...
    async def forget_before(self, moment: datetime) -> int: ...
