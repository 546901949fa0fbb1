"""Everything kept about a walker, in JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from wildside.domain.accounts import Role
from wildside.inbound.http.route_shapes import RouteShape
from wildside.inbound.http.shapes import Timestamp, UuidText, timestamp
from wildside.inbound.http.user_shapes import UserShape, user_shape
from wildside.ports import StoredRequest
from wildside.use_cases.export_walker import KeptOfWalker


class ExportedRequestShape(msgspec.Struct, omit_defaults=True):
    """A wish, and what became of it."""

    request_id: UuidText
    status: Literal["pending", "in_progress", "complete", "failed"]
    updated_at: Timestamp
    wish: dict[str, Any]
    route_id: UuidText | None = None
    error: str | None = None


class ExportedShareShape(msgspec.Struct):
    """A link to a walk; the link itself is not kept."""

    route_id: UuidText
    created_at: Timestamp
    expires_at: Timestamp


class ExportShape(msgspec.Struct):
    """Everything kept about a walker."""

    exported_at: Timestamp
    user: UserShape
    role: Role
    has_password: bool
    requests: list[ExportedRequestShape]
    routes: list[RouteShape]
    shares: list[ExportedShareShape]


def export_shape(kept: KeptOfWalker, routes: list[RouteShape], now: datetime) -> ExportShape:
    """All of it, as of now."""
    return ExportShape(
        exported_at=timestamp(now),
        user=user_shape(kept.user),
        role=kept.user.role,
        has_password=kept.has_password,
        requests=[_request(stored) for stored in kept.requests],
        routes=routes,
        shares=[
            ExportedShareShape(
                str(share.route_id), timestamp(share.created_at), timestamp(share.expires_at)
            )
            for share in kept.shares
        ],
    )


def _request(stored: StoredRequest) -> ExportedRequestShape:
    progress = stored.progress
    return ExportedRequestShape(
        request_id=str(progress.request_id),
        status=progress.stage.value,
        updated_at=timestamp(progress.updated_at),
        wish=dict(stored.request.params()),
        route_id=None if progress.route_id is None else str(progress.route_id),
        error=progress.error,
    )
