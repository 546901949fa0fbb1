"""What lies under a walk when it is drawn: the base map's lines and polygons."""

from __future__ import annotations

from dataclasses import dataclass

from wildside.domain.geography import Point


@dataclass(frozen=True, slots=True)
class GroundShape:
    """One line or polygon of the base map: its layer and its lines, or its rings (outer first)."""

    layer: str
    lines: tuple[tuple[Point, ...], ...]
