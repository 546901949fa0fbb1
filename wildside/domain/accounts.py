"""Who walks: anonymous walkers and accounts, their preferences and interests."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from wildside.domain.credentials import refuse_bad_username
from wildside.domain.errors import Conflict, Invalid
from wildside.domain.identifiers import ThemeId, UserId

MOST_INTERESTS = 100


class Role(StrEnum):
    """What somebody may do beyond their own things."""

    WALKER = "walker"
    ADMIN = "admin"


class Units(StrEnum):
    """How distances are shown."""

    METRIC = "metric"
    IMPERIAL = "imperial"


@dataclass(frozen=True, slots=True)
class Preferences:
    """How somebody likes to be told, and how fast they walk."""

    units: Units = Units.METRIC
    language: str = "en"
    walking_speed_kmh: float = 4.8

    def __post_init__(self) -> None:
        if not 1.0 <= self.walking_speed_kmh <= 9.0:
            raise Invalid.field(
                "preferences.walking_speed_kmh",
                "out_of_range",
                "walking_speed_kmh must lie in 1..9",
            )
        if not 2 <= len(self.language) <= 35:
            raise Invalid.field(
                "preferences.language", "invalid", "language is a BCP 47 tag such as en or pt-PT"
            )


@dataclass(frozen=True, slots=True)
class User:
    """A walker; `username` None means anonymous. `session_epoch` outdates older cookies."""

    id: UserId
    display_name: str
    created_at: datetime
    updated_at: datetime
    username: str | None = None
    role: Role = Role.WALKER
    disabled: bool = False
    session_epoch: int = 0
    interest_theme_ids: tuple[ThemeId, ...] = ()
    preferences: Preferences = field(default_factory=Preferences)
    revision: int = 1

    def __post_init__(self) -> None:
        if not 1 <= len(self.display_name) <= 100:
            raise Invalid.field(
                "display_name", "length", "display_name must have 1 to 100 characters"
            )
        if any(ord(character) < 32 or ord(character) == 127 for character in self.display_name):
            raise Invalid.field(
                "display_name", "invalid", "display_name must have no control characters"
            )
        if len(self.interest_theme_ids) > MOST_INTERESTS:
            raise Invalid.field(
                "interest_theme_ids", "too_many", f"at most {MOST_INTERESTS} interests"
            )

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody can sign in as this walker."""
        return self.username is None

    def changed(self, now: datetime, **fields: Any) -> User:
        """The same walker with other fields, one revision later."""
        return replace(self, **fields, revision=self.revision + 1, updated_at=now)

    def claimed(self, username: str, now: datetime) -> User:
        """The anonymous walker as an account; cookies from before stop working."""
        refuse_bad_username(username)
        if not self.is_anonymous:
            raise Conflict("this account has its username already", details={"code": "claimed"})
        return self.changed(now, username=username, session_epoch=self.session_epoch + 1)

    def signed_out(self, now: datetime) -> User:
        """The same walker, whose cookies from before stop working."""
        return self.changed(now, session_epoch=self.session_epoch + 1)

    def with_interests(
        self, theme_ids: tuple[ThemeId, ...], expected_revision: int | None, now: datetime
    ) -> User:
        """The same walker with other interests; a stale revision is a Conflict that names both."""
        if expected_revision is not None and expected_revision != self.revision:
            raise Conflict(
                "the profile was changed meanwhile",
                details={
                    "code": "revision_mismatch",
                    "expected_revision": expected_revision,
                    "actual_revision": self.revision,
                },
            )
        unique = tuple(dict.fromkeys(theme_ids))
        return self.changed(now, interest_theme_ids=unique)
