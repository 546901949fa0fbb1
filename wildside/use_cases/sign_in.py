"""Makes accounts, signs people in, and lets them claim a name or change their password."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from wildside.domain.accounts import User
from wildside.domain.credentials import refuse_bad_username, refuse_weak_password
from wildside.domain.display_names import refuse_bad_display_name
from wildside.domain.errors import Conflict, Invalid, Unauthorized
from wildside.domain.identifiers import UserId
from wildside.ports import Clock, Ids, Passwords, SignOuts, Storage, Work
from wildside.use_cases.accounts import present, store


class WrongCredentials(Unauthorized):
    """No account has this name and this password; which of the two is wrong is not told."""

    def __init__(self) -> None:
        super().__init__("username or password is wrong")


@dataclass(frozen=True, slots=True)
class CredentialChange:
    """A name and a password to be claimed, or a new password with the current one."""

    username: str | None = None
    password: str | None = None
    current_password: str | None = None


@dataclass(frozen=True, slots=True)
class PreparedChange:
    """A change that may be made, hashed already; `verified_hash` is the one it was allowed by."""

    username: str | None
    password_hash: str
    verified_hash: str | None


class SignIn:
    """Everything slow happens before a write lock is taken: a hash takes a tenth of a second."""

    def __init__(
        self, storage: Storage, passwords: Passwords, sign_outs: SignOuts, clock: Clock, ids: Ids
    ) -> None:
        self._storage = storage
        self._passwords = passwords
        self._sign_outs = sign_outs
        self._clock = clock
        self._ids = ids

    async def sign_up(self, username: str, password: str, display_name: str | None = None) -> User:
        """A new account; Invalid for what cannot be a name or password, Conflict for a taken name."""
        refuse_bad_username(username)
        refuse_weak_password(password, username)
        refuse_bad_display_name(display_name or username)
        now = self._clock.now()
        user = User(UserId(self._ids.new()), display_name or username, now, now, username=username)
        async with self._storage.read() as work:
            await _refuse_taken(work, username)
        password_hash = await self._passwords.hash(password)
        async with self._storage.write() as work:
            await work.accounts.add(user)
            await work.credentials.keep(user.id, password_hash, now)
        return user

    async def log_in(self, username: str, password: str) -> User:
        """Who has this name and password.

        WrongCredentials comes after the same work whether the name, the password or the account's
        being enabled is what is missing.
        """
        async with self._storage.read() as work:
            user = await work.accounts.named(username)
            known = None if user is None else await work.credentials.find(user.id)
        matches = await self._passwords.matches(password, known)
        if user is None or known is None or not matches or user.disabled:
            raise WrongCredentials
        if self._passwords.is_outdated(known):
            await self._strengthen(user, password, known)
        return user

    async def prepare(self, user: User, change: CredentialChange) -> PreparedChange:
        """Checks and hashes; Invalid or Conflict where the walker may not change it so."""
        if user.username is None:
            return await self._prepare_claim(change)
        if change.username is not None:
            raise Conflict("this account has its username already", details={"code": "claimed"})
        password = _given("password", change.password)
        current = _given("current_password", change.current_password)
        refuse_weak_password(password, user.username)
        async with self._storage.read() as work:
            known = await work.credentials.find(user.id)
        if not await self._passwords.matches(current, known):
            raise Invalid.field("current_password", "wrong", "current_password is wrong")
        return PreparedChange(None, await self._passwords.hash(password), known)

    async def apply(self, work: Work, user_id: UserId, prepared: PreparedChange) -> User:
        """Makes the change; cookies from before, and sockets opened with them, stop working."""
        user = await present(work, user_id)
        if await work.credentials.find(user.id) != prepared.verified_hash:
            raise Conflict("the password was changed meanwhile")
        now = self._clock.now()
        if prepared.username is None:
            changed = user.signed_out(now)
        else:
            changed = user.claimed(prepared.username, now)
        await store(work, changed, user.revision)
        await work.credentials.keep(user.id, prepared.password_hash, now)
        work.after_commit(closing_sockets(user.id, self._sign_outs))
        return changed

    async def _prepare_claim(self, change: CredentialChange) -> PreparedChange:
        username = _given("username", change.username)
        password = _given("password", change.password)
        refuse_bad_username(username)
        refuse_weak_password(password, username)
        async with self._storage.read() as work:
            await _refuse_taken(work, username)
        return PreparedChange(username, await self._passwords.hash(password), None)

    async def _strengthen(self, user: User, password: str, known: str) -> None:
        """Hashes anew what was hashed with weaker parameters; only now is the password at hand."""
        password_hash = await self._passwords.hash(password)
        async with self._storage.write() as work:
            if await work.credentials.find(user.id) == known:
                await work.credentials.keep(user.id, password_hash, self._clock.now())


def closing_sockets(user_id: UserId, sign_outs: SignOuts) -> Callable[[], Awaitable[None]]:
    """What follows the commit that ended somebody's sessions."""

    async def close() -> None:
        sign_outs.publish(user_id)

    return close


async def _refuse_taken(work: Work, username: str) -> None:
    if await work.accounts.named(username) is not None:
        raise Conflict(f"the username {username} is taken")


def _given(field: str, text: str | None) -> str:
    if text is None:
        raise Invalid.field(field, "required", f"{field} is required")
    return text
