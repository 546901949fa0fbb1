"""Messages nobody will handle: counted by reason, the latest kept to look at."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Loss(Enum):
    """Why a message was not handled."""

    NOBODY = "nobody"  # told to an actor that had ended
    LEFT_BEHIND = "left_behind"  # still in the mailbox when its actor ended for good
    CRASHED = "crashed"  # being handled when the actor crashed
    DROPPED_OLDEST = "dropped_oldest"
    DROPPED_NEWEST = "dropped_newest"
    LATE_REPLY = "late_reply"  # an answer whose asker no longer waits


@dataclass(frozen=True)
class DeadLetter:
    """One message that was lost, to whom it went and why."""

    path: str
    message: object
    reason: Loss
    trace: str | None
    at: float  # on the clock of the run, seconds


class DeadLetters:
    """The last `room` dead letters and a count of all of them by reason."""

    def __init__(self, room: int, clock: Callable[[], float]) -> None:
        self.latest: deque[DeadLetter] = deque(maxlen=room)
        self.counts: Counter[Loss] = Counter()
        self._clock = clock

    def add(self, path: str, message: object, reason: Loss, trace: str | None) -> None:
        """Count a lost message and keep it while it is among the latest."""
        self.counts[reason] += 1
        self.latest.append(DeadLetter(path, message, reason, trace, self._clock()))

    @property
    def total(self) -> int:
        """All dead letters since the system was made."""
        return self.counts.total()
