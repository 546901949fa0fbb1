"""Walkers in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import psycopg
from psycopg.rows import DictRow

from wildside.domain.accounts import Role, User
from wildside.domain.errors import Conflict
from wildside.domain.identifiers import ThemeId, UserId
from wildside.domain.paging import Page, PageRequest, page_of
from wildside.outbound.persistence.postgres.session import Session
from wildside.outbound.persistence.postgres.statements import PagedStatements, statement
from wildside.outbound.persistence.stored_forms import preferences_from_json, preferences_to_json

_USER = """
SELECT id, created_at, updated_at, username, display_name, role, disabled, session_epoch,
    preferences, revision, ARRAY(
        SELECT theme_id FROM user_interest_themes WHERE user_id = users.id ORDER BY position
    ) AS theme_ids
FROM users
"""
_FIND = statement("accounts.find", f"{_USER} WHERE id = $1")
_NAMED = statement(
    "accounts.named", f'{_USER} WHERE lower(username COLLATE "C") = lower($1::text COLLATE "C")'
)
_PAGE = PagedStatements("accounts.page", f"{_USER} WHERE true", parameters=0, key_type="uuid")
_STANDING = statement(
    "accounts.standing",
    "SELECT id, session_epoch FROM users WHERE NOT disabled AND id = ANY ($1::uuid[])",
)
# A job that is storing a walk for them ends first; else each would wait for the other.
_LOCK_WISHES = statement(
    "accounts.lock_wishes",
    "SELECT 1 FROM route_requests WHERE user_id = $1 ORDER BY created_at, id FOR UPDATE",
)
# Every table that belongs to a person cascades.
_ERASE = statement("accounts.erase", "DELETE FROM users WHERE id = $1")
# Who reads a walker in order to change them has them alone until the commit; what refers to the
# walker (KEY SHARE) may be written meanwhile.
_LOCK = statement("accounts.lock", "SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE")
_LOCK_NAMED = statement(
    "accounts.lock_named",
    """
    SELECT 1 FROM users WHERE lower(username COLLATE "C") = lower($1::text COLLATE "C")
    FOR NO KEY UPDATE
    """,
)
_ADD = statement(
    "accounts.add",
    """
    INSERT INTO users (
        id, created_at, updated_at, username, display_name, role, disabled, session_epoch,
        preferences, revision
    ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (lower(username COLLATE "C")) DO NOTHING
    """,
)
_UPDATE = statement(
    "accounts.update",
    """
    UPDATE users SET
        updated_at = $3, username = $4, display_name = $5, role = $6, disabled = $7,
        session_epoch = $8, preferences = $9, revision = $10
    WHERE id = $1 AND revision = $2
    """,
)
_PUT_INTERESTS = statement(
    "accounts.put_interests",
    """
    INSERT INTO user_interest_themes (user_id, theme_id, position)
    SELECT $1, theme_id, position - 1
    FROM unnest($2::uuid[]) WITH ORDINALITY AS chosen (theme_id, position)
    """,
)
_FORGET_INTERESTS = statement(
    "accounts.forget_interests", "DELETE FROM user_interest_themes WHERE user_id = $1"
)


class PostgresAccounts:
    """Walkers within one transaction."""

    def __init__(self, session: Session, *, locks: bool) -> None:
        self._session = session
        self._locks = locks

    async def add(self, user: User) -> None:
        """Stores a new walker; Conflict where the username is taken."""
        added = await self._session.run(_ADD, user.id, user.created_at, *_changeable(user))
        if added == 0:
            raise _taken(user)
        if user.interest_theme_ids:
            await self._session.run(_PUT_INTERESTS, user.id, list(user.interest_theme_ids))

    async def find(self, user_id: UserId) -> User | None:
        if self._locks:
            await self._session.run(_LOCK, user_id)
        row = await self._session.row(_FIND, user_id)
        return None if row is None else _user(row)

    async def named(self, username: str) -> User | None:
        if self._locks:
            await self._session.run(_LOCK_NAMED, username)
        row = await self._session.row(_NAMED, username)
        return None if row is None else _user(row)

    async def page(self, page: PageRequest) -> Page[User]:
        cursor_key = None if page.cursor is None else page.cursor.uuid_key()
        chosen, parameters = _PAGE.for_page((), page, cursor_key)
        rows = await self._session.rows(chosen, *parameters)
        return page_of(rows, page, lambda row: (row["created_at"], str(row["id"]))).map(_user)

    async def standing(self, user_ids: Iterable[UserId]) -> Mapping[UserId, int]:
        rows = await self._session.rows(_STANDING, list(user_ids))
        return {UserId(row["id"]): row["session_epoch"] for row in rows}

    async def erase(self, user_id: UserId) -> bool:
        await self._session.run(_LOCK_WISHES, user_id)
        return await self._session.run(_ERASE, user_id) == 1

    async def update(self, user: User, *, expected_revision: int) -> bool:
        try:
            changed = await self._session.run(
                _UPDATE, user.id, expected_revision, *_changeable(user)
            )
        except psycopg.errors.UniqueViolation as error:
            raise _taken(user) from error
        if changed == 0:
            return False
        await self._session.run(_FORGET_INTERESTS, user.id)
        if user.interest_theme_ids:
            await self._session.run(_PUT_INTERESTS, user.id, list(user.interest_theme_ids))
        return True


def _changeable(user: User) -> tuple[object, ...]:
    return (
        user.updated_at,
        user.username,
        user.display_name,
        user.role.value,
        user.disabled,
        user.session_epoch,
        preferences_to_json(user.preferences),
        user.revision,
    )


def _taken(user: User) -> Conflict:
    return Conflict(f"the username {user.username} is taken")


def _user(row: DictRow) -> User:
    return User(
        id=UserId(row["id"]),
        display_name=row["display_name"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        username=row["username"],
        role=Role(row["role"]),
        disabled=row["disabled"],
        session_epoch=row["session_epoch"],
        interest_theme_ids=tuple(ThemeId(theme_id) for theme_id in row["theme_ids"]),
        preferences=preferences_from_json(row["preferences"]),
        revision=row["revision"],
    )
