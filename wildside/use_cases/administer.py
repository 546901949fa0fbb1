"""What administrators see and change: people, and what enrichment took in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wildside.domain.accounts import Role, User
from wildside.domain.display_names import refuse_bad_display_name
from wildside.domain.enrichment import Enrichment
from wildside.domain.errors import Conflict, NotFound
from wildside.domain.identifiers import UserId
from wildside.domain.paging import Page, PageRequest
from wildside.ports import Clock, SignOuts, Storage, Work
from wildside.use_cases.accounts import store
from wildside.use_cases.sign_in import closing_sockets


@dataclass(frozen=True, slots=True)
class Standing:
    """What an administrator wants to be different of somebody; None leaves a thing as it is."""

    display_name: str | None = None
    role: Role | None = None
    disabled: bool | None = None

    def __post_init__(self) -> None:
        if self.display_name is not None:
            refuse_bad_display_name(self.display_name)


class Administer:
    """Callers have made sure that an administrator asks, or the operator of the machine."""

    def __init__(self, storage: Storage, sign_outs: SignOuts, clock: Clock) -> None:
        self._storage = storage
        self._sign_outs = sign_outs
        self._clock = clock

    async def people(self, page: PageRequest) -> Page[User]:
        """Everybody, oldest first."""
        async with self._storage.read() as work:
            return await work.accounts.page(page)

    async def person(self, user_id: UserId) -> User:
        """One of them."""
        async with self._storage.read() as work:
            return await _person(work, user_id)

    async def change(
        self, work: Work, user_id: UserId, standing: Standing, *, asked_by: UserId | None = None
    ) -> User:
        """Somebody with another name, role or admission; whoever is disabled is signed out for good.

        Conflict where administrators would disable or demote themselves: the last one would lock
        everybody out.
        """
        user = await _person(work, user_id)
        if asked_by == user_id and (standing.disabled or standing.role is Role.WALKER):
            raise Conflict("another administrator must do this")
        fields: dict[str, Any] = {}
        if standing.display_name is not None:
            fields["display_name"] = standing.display_name
        if standing.role is not None:
            fields["role"] = standing.role
        if standing.disabled is not None:
            fields["disabled"] = standing.disabled
        disabling = bool(standing.disabled) and not user.disabled
        if disabling:
            fields["session_epoch"] = user.session_epoch + 1
        changed = user.changed(self._clock.now(), **fields)
        await store(work, changed, user.revision)
        if disabling:
            work.after_commit(closing_sockets(user_id, self._sign_outs))
        return changed

    async def change_named(self, username: str, standing: Standing) -> User:
        """The same for the account of that name."""
        async with self._storage.write() as work:
            user = await _named(work, username)
            return await self.change(work, user.id, standing)

    async def sign_out(self, username: str) -> User:
        """The account with all of its cookies and sockets ended."""
        async with self._storage.write() as work:
            user = await _named(work, username)
            changed = user.signed_out(self._clock.now())
            await store(work, changed, user.revision)
            work.after_commit(closing_sockets(user.id, self._sign_outs))
        return changed

    async def enrichments(self, page: PageRequest) -> Page[Enrichment]:
        """What was enriched from where, newest first."""
        async with self._storage.read() as work:
            return await work.provenance.page(page)


async def _person(work: Work, user_id: UserId) -> User:
    user = await work.accounts.find(user_id)
    if user is None:
        raise NotFound(f"there is no user {user_id}")
    return user


async def _named(work: Work, username: str) -> User:
    user = await work.accounts.named(username)
    if user is None:
        raise NotFound(f"there is no account named {username}")
    return user
