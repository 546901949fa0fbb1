"""Walkers in JSON, as they see themselves."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from wildside.domain.accounts import Preferences, Units, User
from wildside.domain.credentials import (
    LONGEST_PASSWORD,
    LONGEST_USERNAME,
    SHORTEST_PASSWORD,
    SHORTEST_USERNAME,
    USERNAME_PATTERN,
)
from wildside.domain.display_names import DISPLAY_NAME_PATTERN, LONGEST_DISPLAY_NAME
from wildside.inbound.http.shapes import Timestamp, UuidText, timestamp

# The pattern tells readers of the document what the domain asks of names.
Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_DISPLAY_NAME,
        extra_json_schema={"pattern": DISPLAY_NAME_PATTERN},
    ),
]
Username = Annotated[
    str,
    Meta(min_length=SHORTEST_USERNAME, max_length=LONGEST_USERNAME, pattern=USERNAME_PATTERN),
]
NewPassword = Annotated[str, Meta(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD)]
# What is compared and not kept has no rule but a limit: whoever mistypes is told "wrong", not "short".
GivenUsername = Annotated[str, Meta(max_length=LONGEST_PASSWORD)]
GivenPassword = Annotated[str, Meta(max_length=LONGEST_PASSWORD)]


class PreferencesShape(msgspec.Struct):
    """How somebody likes to be told, and how fast they walk."""

    units: Units
    language: str
    walking_speed_kmh: float


class UserShape(msgspec.Struct, omit_defaults=True):
    """A walker as they see themselves."""

    id: UuidText
    display_name: str
    interest_theme_ids: list[UuidText]
    preferences: PreferencesShape
    created_at: Timestamp
    updated_at: Timestamp
    revision: int
    username: str | None = None


def user_shape(user: User) -> UserShape:
    """The walker."""
    return UserShape(
        id=str(user.id),
        display_name=user.display_name,
        interest_theme_ids=[str(theme) for theme in user.interest_theme_ids],
        preferences=preferences_shape(user.preferences),
        created_at=timestamp(user.created_at),
        updated_at=timestamp(user.updated_at),
        revision=user.revision,
        username=user.username,
    )


def user_json(user: User) -> bytes:
    """The walker as a body."""
    return msgspec.json.encode(user_shape(user))


def preferences_shape(preferences: Preferences) -> PreferencesShape:
    """How they like to be told."""
    return PreferencesShape(preferences.units, preferences.language, preferences.walking_speed_kmh)
