"""What a walker can reach at all: an ellipse around start and end, a circle for a loop."""

from __future__ import annotations

from dataclasses import dataclass

from wildside.domain.catalogue import Place
from wildside.domain.geography import BoundingBox, Point


@dataclass(frozen=True, slots=True)
class Reach:
    """All points where going there and on to the end is not farther than `metres`, as the crow flies.

    Streets are never shorter than the crow's flight, so nothing outside can be part of the walk.
    """

    start: Point
    end: Point
    metres: float

    def bounds(self) -> BoundingBox:
        """A box that holds the ellipse: its half-axis is half of the metres, around the middle."""
        middle = Point(
            (self.start.longitude + self.end.longitude) / 2,
            (self.start.latitude + self.end.latitude) / 2,
        )
        # A hundredth more: degrees are not metres, and the middle of degrees not quite the middle.
        return BoundingBox.around(middle, self.metres / 2 * 1.01)

    def detour_metres(self, point: Point) -> float:
        """From the start over the point to the end."""
        return self.start.distance_metres(point) + point.distance_metres(self.end)

    def allows(self, place: Place, metres_per_second: float) -> bool:
        """Whether the walker could go to the place, stay as long as one does, and reach the end."""
        left = self.metres - place.visit_seconds * metres_per_second
        # Doors are looked at only where the middle is too far, which is seldom: a park's far side.
        return self.detour_metres(place.location) <= left or any(
            self.detour_metres(door) <= left for door in place.doors
        )
