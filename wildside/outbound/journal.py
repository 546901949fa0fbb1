"""One event told to everybody who listens: metrics, and the log lines worth keeping."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from wildside.domain.events import (
    ChoreFaulted,
    JobEnded,
    JobFaulted,
    JobNotQueued,
    JobStarted,
    RouteFailed,
    RouteGenerated,
    RouteRequested,
)
from wildside.domain.traffic import RequestAnswered, SessionRefused, SocketClosed, SocketOpened

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

log = structlog.get_logger("wildside")


class EventJournal:
    """Tells the listeners; one that fails is logged and does not disturb whoever noted the event."""

    def __init__(self, listeners: Sequence[Callable[[object], None]]) -> None:
        self._listeners = tuple(listeners)

    def note(self, event: object) -> None:
        """Never raises, never waits."""
        for listener in self._listeners:
            # Supervised: counting must not break what is counted.
            try:
                listener(event)
            except Exception:
                log.exception("a listener of the journal failed", happened=type(event).__name__)


def write_log(event: object) -> None:  # noqa: PLR0912, C901 - one case an event, all alike
    """The log line of an event, if it is worth one; no positions, no cookies."""
    match event:
        case RequestAnswered(method=method, route=route, status=status, seconds=seconds):
            tell = log.error if status >= 500 else log.debug if method in SAFE else log.info
            tell("request", method=method, route=route, status=status, ms=_ms(seconds))
        case SessionRefused(reason=reason):
            log.warning("session refused", reason=reason)
        case SocketOpened():
            log.info("socket opened", user_id=str(event.user_id), trace_id=event.trace_id)
        case SocketClosed():
            log.info("socket closed", code=event.code, trace_id=event.trace_id)
        case RouteRequested():
            log.info(
                "route requested",
                request_id=str(event.request_id),
                minutes=event.duration_minutes,
                from_cache=event.from_cache,
                trace_id=event.trace_id,
            )
        case JobStarted():
            log.info(
                "job started",
                job=event.key,
                type=event.kind.value,
                attempt=event.attempt,
                trace_id=event.trace_id,
            )
        case JobEnded():
            log.info(
                "job ended",
                job=event.key,
                type=event.kind.value,
                attempt=event.attempt,
                status=event.status.value,
                ms=_ms(event.seconds),
                error=event.error,
                trace_id=event.trace_id,
            )
        case RouteGenerated():
            log.info(
                "route generated",
                ms=_ms(event.seconds),
                stops=event.stop_count,
                walkers=event.walkers_served,
                truncated=event.truncated,
                trace_id=event.trace_id,
            )
        case RouteFailed():
            log.warning(
                "route failed",
                request_id=str(event.request_id),
                reason=event.reason,
                trace_id=event.trace_id,
            )
        case JobNotQueued():
            log.warning("job not queued", job=event.key, why=event.message, trace_id=event.trace_id)
        case JobFaulted():
            log.error(
                "job faulted",
                job=event.key,
                attempt=event.attempt,
                trace_id=event.trace_id,
                exc_info=event.fault,
            )
        case ChoreFaulted():
            log.error("chore faulted", chore=event.name, exc_info=event.fault)
        case _:
            pass


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
