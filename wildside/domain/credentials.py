"""What people sign in with: how a username looks and what a password must be."""

from __future__ import annotations

import re

from wildside.domain.errors import Invalid

SHORTEST_USERNAME, LONGEST_USERNAME = 3, 40
# ASCII only: names that look alike in other alphabets would let one walker pass for another, and
# every store compares them without case in the same way.
USERNAME_PATTERN = "^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$"
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1000  # a hash reads all of it; nobody types more
_USERNAME = re.compile(USERNAME_PATTERN, re.ASCII)


def refuse_bad_username(username: str) -> None:
    """Raises Invalid where it cannot be one."""
    if not SHORTEST_USERNAME <= len(username) <= LONGEST_USERNAME:
        raise Invalid.field(
            "username",
            "length",
            f"username must have {SHORTEST_USERNAME} to {LONGEST_USERNAME} characters",
        )
    # fullmatch: `$` alone would let a line's end through.
    if _USERNAME.fullmatch(username) is None:
        raise Invalid.field(
            "username",
            "invalid",
            "username has letters a-z, digits and . _ - between them",
        )


def refuse_weak_password(password: str, username: str) -> None:
    """Raises Invalid where it is too short, too long, the username, or one character again and again.

    Length is what counts (NIST SP 800-63B, 5.1.1.2): no rules about kinds of characters.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid.field(
            "password",
            "length",
            f"password must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters",
        )
    if password.lower() == username.lower() or len(set(password)) == 1:
        raise Invalid.field("password", "too_easy", "password is too easy to guess")
