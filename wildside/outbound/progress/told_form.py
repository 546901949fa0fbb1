"""What is told about a request on its way between processes: JSON with a version."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from wildside.domain.identifiers import RequestId, RouteId, TraceId, UserId
from wildside.domain.progress import Progress, Stage

VERSION = 1


class _Form(msgspec.Struct, omit_defaults=True):
    v: int
    request: UUID
    user: UUID
    stage: Stage
    percent: int
    at: datetime
    trace: str
    route: UUID | None = None
    error: str | None = None


_ENCODE = msgspec.json.Encoder().encode
_DECODE = msgspec.json.Decoder(_Form).decode


def encode_progress(progress: Progress) -> bytes:
    """The word as it travels."""
    return _ENCODE(
        _Form(
            VERSION,
            progress.request_id,
            progress.user_id,
            progress.stage,
            progress.percent,
            progress.updated_at,
            progress.trace_id,
            progress.route_id,
            progress.error,
        )
    )


def decode_progress(text: bytes) -> Progress | None:
    """The word, or None where it is of a version that is not read here: storage tells it too."""
    try:
        form = _DECODE(text)
    except msgspec.MsgspecError:
        return None
    if form.v != VERSION:
        return None
    return Progress(
        RequestId(form.request),
        UserId(form.user),
        form.stage,
        form.percent,
        form.at,
        TraceId(form.trace),
        None if form.route is None else RouteId(form.route),
        form.error,
    )
