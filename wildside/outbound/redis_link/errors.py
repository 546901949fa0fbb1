"""What can go wrong with Redis, seen from an adapter."""

from __future__ import annotations

from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    ClusterDownError,
    ExternalAuthProviderError,
    MasterDownError,
    MovedError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    TryAgainError,
)


class RedisAway(Exception):
    """Redis did not answer in time, or the connection broke.

    `maybe_done`: the command had been sent, so it may have been done all the same.
    """

    def __init__(self, message: str, *, maybe_done: bool = False) -> None:
        super().__init__(message)
        self.maybe_done = maybe_done


# Answers of a node that is not, or not yet, the one to talk to: the connection is made anew, which
# asks the Sentinels again.
WRONG_NODE = (ReadOnlyError, BusyLoadingError, MasterDownError, ClusterDownError, TryAgainError)

# Whatever an adapter may meet when it asks; it says `Unavailable` instead.
RedisTrouble = (RedisAway, RedisError)

__all__ = [
    "WRONG_NODE",
    "AuthenticationError",
    "ExternalAuthProviderError",
    "MovedError",
    "OutOfMemoryError",
    "RedisAway",
    "RedisError",
    "RedisTrouble",
]
