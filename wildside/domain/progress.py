"""How far a request for a walk has come, and the rule that it never goes back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from wildside.domain.identifiers import RequestId, RouteId, TraceId, UserId


class Stage(StrEnum):
    """The contract's four words for a request."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether nothing can follow."""
        return self in (Stage.COMPLETE, Stage.FAILED)


@dataclass(frozen=True, slots=True)
class Progress:
    """The latest word on one request, as stored and as told to the walker's sockets.

    Processes whose clocks differ write it one after the other: `updated_at` never goes back.
    """

    request_id: RequestId
    user_id: UserId
    stage: Stage
    percent: int
    updated_at: datetime
    trace_id: TraceId
    route_id: RouteId | None = None
    error: str | None = None

    def moved_on(self, percent: int, now: datetime) -> Progress:
        """The same request at work, so many percent done."""
        return replace(self, stage=Stage.IN_PROGRESS, percent=percent, updated_at=self._then(now))

    def completed(self, route_id: RouteId, now: datetime) -> Progress:
        """The same request answered."""
        return replace(
            self,
            stage=Stage.COMPLETE,
            percent=100,
            route_id=route_id,
            error=None,
            updated_at=self._then(now),
        )

    def failed(self, error: str, now: datetime) -> Progress:
        """The same request given up; `error` is one of the contract's stable words."""
        return replace(self, stage=Stage.FAILED, error=error, updated_at=self._then(now))

    def _then(self, now: datetime) -> datetime:
        return max(self.updated_at, now)

    def may_follow(self, earlier: Progress) -> bool:
        """Whether this may be told after `earlier`: never backwards, nothing after the end."""
        if earlier.stage.is_final:
            return False
        if self.stage.is_final:
            return True
        order = list(Stage)
        # A retried job starts its percentage again, but a walker only ever sees it grow.
        return (order.index(self.stage), self.percent) >= (
            order.index(earlier.stage),
            earlier.percent,
        )
