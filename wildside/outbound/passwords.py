"""Hashes passwords with argon2id, a few at once and in threads: each takes 64 MiB and some tens of milliseconds."""

from __future__ import annotations

import base64
import secrets

import trio
from argon2 import Parameters, PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY

from wildside.domain.errors import Unavailable

MOST_WAITING = 32  # at a hash in 0.1 s the last of them waits three seconds
RETRY_AFTER_SECONDS = 2


class Argon2Passwords:
    """RFC 9106's second recommended option: 64 MiB, 3 passes, 4 lanes; `at_once` of them."""

    def __init__(self, parameters: Parameters = RFC_9106_LOW_MEMORY, *, at_once: int = 1) -> None:
        self._hasher = PasswordHasher.from_parameters(parameters)
        self._nobodys_hash = _hash_of_nothing(parameters)
        self._limiter = trio.CapacityLimiter(at_once)

    async def hash(self, password: str) -> str:
        """The encoded hash, with its parameters and a fresh salt."""
        self._expect_room()
        return await trio.to_thread.run_sync(self._hasher.hash, password, limiter=self._limiter)

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Whether the hash is of this password; as slow where there is no hash."""
        self._expect_room()
        return await trio.to_thread.run_sync(
            self._verify, password_hash or self._nobodys_hash, password, limiter=self._limiter
        )

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the parameters have become stronger since."""
        return self._hasher.check_needs_rehash(password_hash)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError) as error:
            raise Unavailable("a stored password hash cannot be read") from error

    def _expect_room(self) -> None:
        if self._limiter.statistics().tasks_waiting >= MOST_WAITING:
            raise Unavailable(
                "too many people are signing in", retry_after_seconds=RETRY_AFTER_SECONDS
            )


def _hash_of_nothing(parameters: Parameters) -> str:
    """A hash that no password has, costing as much to compare with as any other."""

    def part(length: int) -> str:
        return base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")

    cost = f"m={parameters.memory_cost},t={parameters.time_cost},p={parameters.parallelism}"
    salt, digest = part(parameters.salt_len), part(parameters.hash_len)
    return f"$argon2id$v={parameters.version}${cost}${salt}${digest}"
