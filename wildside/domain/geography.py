"""Points, boxes and distances on the WGS 84 globe; coordinates in degrees, longitude first."""

from __future__ import annotations

import math
from dataclasses import dataclass

from wildside.domain.errors import Invalid

EARTH_RADIUS_METRES = 6_371_008.8  # mean radius, IUGG


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """A place on the globe, in degrees."""

    longitude: float
    latitude: float

    def __post_init__(self) -> None:
        if not (-180.0 <= self.longitude <= 180.0 and -90.0 <= self.latitude <= 90.0):
            raise Invalid.field(
                "coordinates",
                "out_of_range",
                "coordinates are [longitude, latitude] within -180..180 and -90..90",
            )

    def distance_metres(self, other: Point) -> float:
        """Great-circle distance (haversine; Sinnott 1984), good to 0.5 % on the ellipsoid."""
        latitude_a, latitude_b = math.radians(self.latitude), math.radians(other.latitude)
        half_north = (latitude_b - latitude_a) / 2
        half_east = math.radians(other.longitude - self.longitude) / 2
        chord = (
            math.sin(half_north) ** 2
            + math.cos(latitude_a) * math.cos(latitude_b) * math.sin(half_east) ** 2
        )
        return 2 * EARTH_RADIUS_METRES * math.asin(min(1.0, math.sqrt(chord)))

    def bearing_degrees(self, other: Point) -> float:
        """The compass direction of `other` from here, 0 north, 90 east."""
        latitude_a, latitude_b = math.radians(self.latitude), math.radians(other.latitude)
        east = math.radians(other.longitude - self.longitude)
        return (
            math.degrees(
                math.atan2(
                    math.sin(east) * math.cos(latitude_b),
                    math.cos(latitude_a) * math.sin(latitude_b)
                    - math.sin(latitude_a) * math.cos(latitude_b) * math.cos(east),
                )
            )
            % 360.0
        )


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """West, south, east, north in degrees; never across the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        if not (-180 <= self.west <= self.east <= 180 and -90 <= self.south <= self.north <= 90):
            raise Invalid.field(
                "bbox", "out_of_range", "bbox is west,south,east,north in degrees, in that order"
            )

    @classmethod
    def around(cls, centre: Point, radius_metres: float) -> BoundingBox:
        """The smallest box that holds the circle, cut at the edges of the map."""
        north_degrees = math.degrees(radius_metres / EARTH_RADIUS_METRES)
        narrowing = max(0.01, math.cos(math.radians(centre.latitude)))
        east_degrees = north_degrees / narrowing
        return cls(
            max(-180.0, centre.longitude - east_degrees),
            max(-90.0, centre.latitude - north_degrees),
            min(180.0, centre.longitude + east_degrees),
            min(90.0, centre.latitude + north_degrees),
        )

    def contains(self, point: Point) -> bool:
        """Whether the point lies inside or on the edge."""
        return (
            self.west <= point.longitude <= self.east and self.south <= point.latitude <= self.north
        )

    @property
    def centre(self) -> Point:
        """The middle of the box."""
        return Point((self.west + self.east) / 2, (self.south + self.north) / 2)
