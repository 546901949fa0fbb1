"""The machine below: its clock, its dice, its cores."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from uuid import UUID, uuid4


class SystemClock:
    """The wall clock."""

    def now(self) -> datetime:
        """This moment, in UTC."""
        return datetime.now(UTC)


class RandomIds:
    """Random UUIDs."""

    def new(self) -> UUID:
        """Another one."""
        return uuid4()


def core_count() -> int:
    """The cores this process may use, which a container restricts."""
    return len(os.sched_getaffinity(0))
