"""Structured logs on stderr: JSON for machines, or lines for a person at a terminal."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

# Names under which somebody might log what must not be kept: who was where, and what opens doors.
_NEVER = frozenset(
    {"location", "coordinates", "position", "cookie", "password", "session", "token", "key_text"}
)


def set_up_logs(level: str, *, pretty: bool, stream: TextIO | None = None) -> None:
    """Sends the process's logs, those of libraries included, to stderr from `level` on."""
    least = logging.getLevelName(level.upper())
    target = sys.stderr if stream is None else stream
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer()
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_secrets,
    ]
    structlog.configure(
        processors=[
            *shared,
            *([] if pretty else [structlog.processors.format_exc_info]),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.WriteLoggerFactory(target),
        cache_logger_on_first_use=False,
    )
    # Libraries speak only when something is wrong: their lines take the same way.
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(least, logging.WARNING))


def _without_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    for name in _NEVER & event.keys():
        event[name] = "(not logged)"
    return event
