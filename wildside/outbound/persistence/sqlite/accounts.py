"""Walkers in SQLite."""

from __future__ import annotations

import sqlite3
from uuid import UUID

from wildside.domain.accounts import Role, User
from wildside.domain.errors import Conflict
from wildside.domain.identifiers import UserId
from wildside.domain.moments import microseconds, moment
from wildside.outbound.persistence.stored_forms import (
    preferences_from_json,
    preferences_to_json,
    theme_ids_from_json,
)

_FIND = """
SELECT users.*, (
    SELECT json_group_array(theme_id) FROM (
        SELECT theme_id FROM user_interest_themes WHERE user_id = users.id ORDER BY position
    )
) AS theme_ids
FROM users WHERE id = ?
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
        row = self._connection.execute(_FIND, (str(user_id),)).fetchone()
        return None if row is None else _user(row)

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
