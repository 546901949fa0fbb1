"""One event told to everybody who listens: metrics, and the log lines worth keeping."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import singledispatch

import structlog

from wildside.domain.errors import Unavailable
from wildside.domain.events import (
    ChoreFaulted,
    JobEnded,
    JobFaulted,
    JobNotQueued,
    JobStarted,
    RouteFailed,
    RouteGenerated,
    RouteRequested,
    StatementRan,
)
from wildside.domain.traffic import (
    KeysChanged,
    KeysUnusable,
    LoginAnswered,
    RequestAnswered,
    SessionRefused,
    SocketClosed,
    SocketOpened,
)

# Ours take a few milliseconds; what takes a quarter of a second makes a walker wait.
SLOW_STATEMENT_SECONDS = 0.25
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


@singledispatch
def write_log(event: object) -> None:
    """The log line of an event, if it is worth one; no positions, no cookies."""


@write_log.register
def _(event: RequestAnswered) -> None:
    tell = log.error if event.status >= 500 else log.debug if event.method in SAFE else log.info
    tell(
        "request",
        method=event.method,
        route=event.route,
        status=event.status,
        ms=_ms(event.seconds),
    )


@write_log.register
def _(event: SessionRefused) -> None:
    log.warning("session refused", reason=event.reason)


@write_log.register
def _(event: LoginAnswered) -> None:
    if not event.succeeded:
        log.warning("login refused", trace_id=event.trace_id)


@write_log.register
def _(event: KeysChanged) -> None:
    *verifying, signing = event.fingerprints
    log.info("keys changed", setting=event.setting, signing=signing, verifying=verifying)


@write_log.register
def _(event: KeysUnusable) -> None:
    log.error("keys unusable, the old ones stay", setting=event.setting, why=event.message)


@write_log.register
def _(event: SocketOpened) -> None:
    log.info("socket opened", user_id=str(event.user_id), trace_id=event.trace_id)


@write_log.register
def _(event: SocketClosed) -> None:
    log.info("socket closed", code=event.code, trace_id=event.trace_id)


@write_log.register
def _(event: RouteRequested) -> None:
    log.info(
        "route requested",
        request_id=str(event.request_id),
        minutes=event.duration_minutes,
        from_cache=event.from_cache,
        trace_id=event.trace_id,
    )


@write_log.register
def _(event: JobStarted) -> None:
    log.info("job started", **_job(event))


@write_log.register
def _(event: JobEnded) -> None:
    log.info(
        "job ended",
        **_job(event),
        status=event.status.value,
        ms=_ms(event.seconds),
        error=event.error,
    )


@write_log.register
def _(event: JobFaulted) -> None:
    log.error("job faulted", **_job(event), exc_info=event.fault)


@write_log.register
def _(event: JobNotQueued) -> None:
    log.warning("job not queued", job=event.key, why=event.message, trace_id=event.trace_id)


@write_log.register
def _(event: RouteGenerated) -> None:
    log.info(
        "route generated",
        ms=_ms(event.seconds),
        stops=event.stop_count,
        walkers=event.walkers_served,
        truncated=event.truncated,
        trace_id=event.trace_id,
    )


@write_log.register
def _(event: RouteFailed) -> None:
    log.warning(
        "route failed",
        request_id=str(event.request_id),
        reason=event.reason,
        trace_id=event.trace_id,
    )


@write_log.register
def _(event: ChoreFaulted) -> None:
    if isinstance(event.fault, Unavailable):
        # Its next round will find the store or the queue again; where the fault lies is known.
        log.warning("chore put off", chore=event.name, why=event.fault.message)
    else:
        log.error("chore faulted", chore=event.name, exc_info=event.fault)


@write_log.register
def _(event: StatementRan) -> None:
    # The trace id comes from the context of whoever asked.
    if event.seconds >= SLOW_STATEMENT_SECONDS:
        log.warning("slow statement", query=event.name, ms=_ms(event.seconds))


def _job(event: JobStarted | JobEnded | JobFaulted) -> dict[str, object]:
    return {
        "job": event.key,
        "type": event.kind.value,
        "attempt": event.attempt,
        "trace_id": event.trace_id,
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
