"""Who walks: anonymous walkers and accounts, their preferences and interests."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

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
        if len(self.interest_theme_ids) > MOST_INTERESTS:
            raise Invalid.field(
                "interest_theme_ids", "too_many", f"at most {MOST_INTERESTS} interests"
            )

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
        return replace(self, interest_theme_ids=unique, revision=self.revision + 1, updated_at=now)
