"""Every message of a socket, one direction after the other, as the AsyncAPI document describes them."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from wildside.inbound.http.shapes import PointShape, Timestamp, UuidText, timestamp
from wildside.ports import Told

# --- from the server


class RouteGenerationStatus(
    msgspec.Struct, tag_field="type", tag="route_generation_status", omit_defaults=True
):
    """The latest word on one of the walker's requests."""

    id: Annotated[int, Meta(description="grows per walker; give it back as ?since=")]
    timestamp: Timestamp
    trace_id: UuidText
    request_id: UuidText
    status: Literal["pending", "in_progress", "complete", "failed"]
    progress: Annotated[int, Meta(ge=0, le=100)]
    route_id: UuidText | None = None
    error: str | None = None


class ErrorMessage(msgspec.Struct, tag_field="type", tag="error", omit_defaults=True):
    """A message was refused; the socket stays open."""

    id: int
    timestamp: Timestamp
    trace_id: UuidText
    code: str
    message: str
    details: dict[str, str] | None = None


# --- from the walker


class UpdateLocation(
    msgspec.Struct, tag_field="type", tag="update_location", forbid_unknown_fields=True
):
    """Where the walker is on a route."""

    route_id: UUID
    location: PointShape
    accuracy_metres: Annotated[float, Meta(ge=0)] | None = None
    heading: Annotated[float, Meta(ge=0, le=360)] | None = None


FROM_SERVER: tuple[type[msgspec.Struct], ...] = (RouteGenerationStatus, ErrorMessage)
FROM_WALKER: tuple[type[msgspec.Struct], ...] = (UpdateLocation,)


def status_message(told: Told) -> RouteGenerationStatus:
    """The word as it goes over the wire."""
    progress = told.progress
    return RouteGenerationStatus(
        id=told.id,
        timestamp=timestamp(progress.updated_at),
        trace_id=progress.trace_id,
        request_id=str(progress.request_id),
        status=progress.stage.value,
        progress=progress.percent,
        route_id=None if progress.route_id is None else str(progress.route_id),
        error=progress.error,
    )
