"""In which order keys stand while they are rotated: the last signs, all of them verify."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

from wildside.domain.errors import Invalid

Keys = tuple[str, ...]
# Rotated monthly, seven keys reach back to the walker cookies of half a year ago.
KEPT_KEYS = 7


def fresh_key() -> str:
    """128 hexadecimal digits: 512 random bits, as much as SHA-256 takes in at once."""
    return secrets.token_hex(64)


def fingerprint(key: str) -> str:
    """What a key may be called where others read along: 64 bits of its SHA-256."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def signing_with_new(keys: Sequence[str], new: str) -> Keys:
    """The new key signs from now on: right where one process reads the keys."""
    return (*keys, new)


def announcing(keys: Sequence[str], new: str) -> Keys:
    """The new key verifies and does not sign yet.

    While several servers learn of it one after the other, none meets a cookie it cannot verify.
    """
    if not keys:
        raise Invalid("there is no key that could go on signing")
    return (*keys[:-1], new, keys[-1])


def signing_with(keys: Sequence[str], name: str) -> Keys:
    """The key with this fingerprint signs; doing it twice changes nothing."""
    chosen = [key for key in keys if fingerprint(key) == name]
    if not chosen:
        raise Invalid(f"there is no key with the fingerprint {name}")
    return (*(key for key in keys if key != chosen[0]), chosen[0])


def keeping(keys: Sequence[str], most: int) -> Keys:
    """Only the newest so many; the cookies of the others end."""
    if most < 1:
        raise Invalid("at least one key must stay")
    return tuple(keys[-most:])
