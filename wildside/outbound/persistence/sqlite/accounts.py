"""Walkers in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from uuid import UUID

from wildside.domain.accounts import Role, User
from wildside.domain.errors import Conflict
from wildside.domain.identifiers import UserId
from wildside.domain.moments import microseconds, moment
from wildside.domain.paging import Page, PageRequest, page_of
from wildside.outbound.persistence.sqlite.paged import rows_of_page
from wildside.outbound.persistence.stored_forms import (
    preferences_from_json,
    preferences_to_json,
    theme_ids_from_json,
)

_USERS = """
SELECT users.*, (
    SELECT json_group_array(theme_id) FROM (
        SELECT theme_id FROM user_interest_themes WHERE user_id = users.id ORDER BY position
    )
) AS theme_ids
FROM users
"""
_STANDING = """
SELECT id, session_epoch FROM users
WHERE disabled = 0 AND id IN (SELECT value FROM json_each(?))
"""
_ADD = """
INSERT INTO users (
    id, created_at, updated_at, username, display_name, role, disabled, session_epoch,
    preferences, revision
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_UPDATE = """
UPDATE users SET
    updated_at = ?, username = ?, display_name = ?, role = ?, disabled = ?, session_epoch = ?,
    preferences = ?, revision = ?
WHERE id = ? AND revision = ?
"""


class SqliteAccounts:
    """Walkers within one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def add(self, user: User) -> None:
        """Stores a new walker; Conflict where the username is taken."""
        try:
            self._connection.execute(
                _ADD, (str(user.id), microseconds(user.created_at), *_changeable(user))
            )
        except sqlite3.IntegrityError as error:
            raise _taken(user, error) from error
        self._put_interests(user)

    async def find(self, user_id: UserId) -> User | None:
        return self._one(f"{_USERS} WHERE id = ?", str(user_id))

    async def named(self, username: str) -> User | None:
        # The column's collation ignores the case of ASCII letters, and names have no others.
        return self._one(f"{_USERS} WHERE username = ?", username)

    async def page(self, page: PageRequest) -> Page[User]:
        rows = rows_of_page(
            self._connection,
            f"{_USERS} WHERE TRUE",
            {},
            page,
            cursor_key=None if page.cursor is None else str(page.cursor.uuid_key()),
        )
        return page_of(rows, page, lambda row: (moment(row["created_at"]), row["id"])).map(_user)

    async def standing(self, user_ids: Iterable[UserId]) -> Mapping[UserId, int]:
        asked = json.dumps([str(user_id) for user_id in user_ids])
        rows = self._connection.execute(_STANDING, (asked,))
        return {UserId(UUID(row["id"])): row["session_epoch"] for row in rows}

    async def erase(self, user_id: UserId) -> bool:
        # Every table that belongs to a person cascades.
        gone = self._connection.execute("DELETE FROM users WHERE id = ?", (str(user_id),))
        return gone.rowcount == 1

    async def update(self, user: User, *, expected_revision: int) -> bool:
        try:
            changed = self._connection.execute(
                _UPDATE, (*_changeable(user), str(user.id), expected_revision)
            ).rowcount
        except sqlite3.IntegrityError as error:
            raise _taken(user, error) from error
        if changed == 0:
            return False
        self._put_interests(user)
        return True

    def _one(self, statement: str, value: str) -> User | None:
        row = self._connection.execute(statement, (value,)).fetchone()
        return None if row is None else _user(row)

    def _put_interests(self, user: User) -> None:
        self._connection.execute(
            "DELETE FROM user_interest_themes WHERE user_id = ?", (str(user.id),)
        )
        self._connection.executemany(
            "INSERT INTO user_interest_themes (user_id, theme_id, position) VALUES (?, ?, ?)",
            [
                (str(user.id), str(theme_id), position)
                for position, theme_id in enumerate(user.interest_theme_ids)
            ],
        )


def _changeable(user: User) -> tuple[object, ...]:
    return (
        microseconds(user.updated_at),
        user.username,
        user.display_name,
        user.role.value,
        int(user.disabled),
        user.session_epoch,
        preferences_to_json(user.preferences),
        user.revision,
    )


def _taken(user: User, error: sqlite3.IntegrityError) -> Exception:
    if "users.username" in str(error):
        return Conflict(f"the username {user.username} is taken")
    return error


def _user(row: sqlite3.Row) -> User:
    return User(
        id=UserId(UUID(row["id"])),
        display_name=row["display_name"],
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
        username=row["username"],
        role=Role(row["role"]),
        disabled=bool(row["disabled"]),
        session_epoch=row["session_epoch"],
        interest_theme_ids=theme_ids_from_json(row["theme_ids"]),
        preferences=preferences_from_json(row["preferences"]),
        revision=row["revision"],
    )
