"""What every use case needs of the machine it runs on: the time, fresh ids, somebody who hears."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID


class Clock(Protocol):
    """What time it is on the wall, in UTC."""

    def now(self) -> datetime: ...


class Ids(Protocol):
    """Fresh UUIDs."""

    def new(self) -> UUID: ...


class Journal(Protocol):
    """Hears what happened and tells metrics and logs; never raises, never waits."""

    def note(self, event: object) -> None: ...
