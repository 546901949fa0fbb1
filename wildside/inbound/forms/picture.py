"""A walk as a picture: an SVG sheet with the map on the left and the stops on the right."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from wildside.domain.geography import BoundingBox, Point
from wildside.domain.ground import GroundShape
from wildside.domain.route import Walk
from wildside.inbound.forms.attribution import ATTRIBUTION
from wildside.inbound.forms.itinerary import clock, distance, title

WIDTH, HEIGHT, MAP_WIDTH = 1400, 960, 940
MARGIN = 70  # between the walk and the edge of the map
PAPER, INK, FAINT, ACCENT = "#f7f1e5", "#2d2a26", "#8b8276", "#c8452f"

# What lies under the walk, drawn in this order: layer, fill, stroke, stroke width in pixels.
GROUND: tuple[tuple[str, str, str, float], ...] = (
    ("landuse", "#f1eada", "none", 0),
    ("park", "#d5e0bd", "none", 0),
    ("sea", "#bcd6da", "none", 0),
    ("water", "#bcd6da", "none", 0),
    ("plaza", "#efe4cd", "none", 0),
    ("waterway", "none", "#bcd6da", 2.5),
    ("building", "#e7dcc7", "#dccfb5", 0.6),
    ("road", "none", "#ffffff", 3.2),
    ("path", "none", "#d9cbb0", 1.2),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where a point of the globe lies on the sheet (Web Mercator, fitted to the map's frame)."""

    west: float
    north: float
    pixels_per_unit: float
    left: float
    top: float

    @classmethod
    def fitting(cls, points: Sequence[Point]) -> Sheet:
        """The largest scale at which all points lie inside the frame."""
        xs = [_mercator(point)[0] for point in points]
        ys = [_mercator(point)[1] for point in points]
        # A walk of one point still shows its neighbourhood: about 400 m across.
        span_x = max(max(xs) - min(xs), 1e-5)
        span_y = max(max(ys) - min(ys), 1e-5)
        scale = min((MAP_WIDTH - 2 * MARGIN) / span_x, (HEIGHT - 2 * MARGIN) / span_y)
        left = (MAP_WIDTH - scale * (max(xs) + min(xs))) / 2 + scale * min(xs)
        top = (HEIGHT - scale * (max(ys) + min(ys))) / 2 + scale * min(ys)
        return cls(min(xs), min(ys), scale, left, top)

    def place(self, point: Point) -> tuple[float, float]:
        """Pixels from the upper left corner."""
        x, y = _mercator(point)
        return (
            self.left + (x - self.west) * self.pixels_per_unit,
            self.top + (y - self.north) * self.pixels_per_unit,
        )

    def bounds(self) -> BoundingBox:
        """What the map's frame shows."""
        west, north = _globe(
            self.west - self.left / self.pixels_per_unit,
            self.north - self.top / self.pixels_per_unit,
        )
        east, south = _globe(
            self.west + (MAP_WIDTH - self.left) / self.pixels_per_unit,
            self.north + (HEIGHT - self.top) / self.pixels_per_unit,
        )
        return BoundingBox(west, south, east, north)


def _mercator(point: Point) -> tuple[float, float]:
    """Web Mercator on the unit square, y growing southwards."""
    latitude = math.radians(max(-85.0, min(85.0, point.latitude)))
    return (
        (point.longitude + 180.0) / 360.0,
        (1.0 - math.asinh(math.tan(latitude)) / math.pi) / 2.0,
    )


def _globe(x: float, y: float) -> tuple[float, float]:
    latitude = math.degrees(math.atan(math.sinh(math.pi * (1.0 - 2.0 * y))))
    return max(-180.0, min(180.0, x * 360.0 - 180.0)), latitude


def sheet_of(walk: Walk) -> Sheet:
    """The sheet on which the whole walk can be seen."""
    return Sheet.fitting([*walk.path, *(stop.place.location for stop in walk.stops)])


def picture(walk: Walk, ground: Iterable[GroundShape] = ()) -> str:
    """The SVG document as text; `ground` is what lies under the walk, in any order."""
    sheet = sheet_of(walk)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'width="{WIDTH}" height="{HEIGHT}" font-family="Georgia, \'Noto Serif\', serif">'
        ),
        f"<title>{escape(title(walk))}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>',
        f'<clipPath id="frame"><rect width="{MAP_WIDTH}" height="{HEIGHT}"/></clipPath>',
        '<g clip-path="url(#frame)" stroke-linejoin="round" stroke-linecap="round">',
        *_ground(sheet, ground),
        *_walk(sheet, walk),
        "</g>",
        *_panel(walk),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _ground(sheet: Sheet, ground: Iterable[GroundShape]) -> Iterable[str]:
    by_layer: dict[str, list[str]] = {}
    for shape in ground:
        closed = "Z" if shape.layer not in {"waterway", "road", "path"} else ""
        by_layer.setdefault(shape.layer, []).extend(
            _data(sheet, line) + closed for line in shape.lines
        )
    for layer, fill, stroke, width in GROUND:
        if layer in by_layer:
            yield (
                f'<path d="{"".join(by_layer[layer])}" fill="{fill}" fill-rule="nonzero" '
                f'stroke="{stroke}" stroke-width="{width}"/>'
            )


def _data(sheet: Sheet, line: Sequence[Point]) -> str:
    pixels = [sheet.place(point) for point in line]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in pixels)


def _walk(sheet: Sheet, walk: Walk) -> Iterable[str]:
    data = _data(sheet, walk.path)
    yield f'<path d="{data}" fill="none" stroke="#ffffff" stroke-width="9" opacity="0.9"/>'
    yield f'<path d="{data}" fill="none" stroke="{ACCENT}" stroke-width="4.5"/>'
    start_x, start_y = sheet.place(walk.path[0])
    yield (
        f'<circle cx="{start_x:.1f}" cy="{start_y:.1f}" r="9" fill="{PAPER}" '
        f'stroke="{ACCENT}" stroke-width="4"/>'
    )
    for stop in walk.stops:
        x, y = sheet.place(stop.place.location)
        yield (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="14" fill="{INK}" stroke="{PAPER}" stroke-width="3"/>'
            f'<text x="{x:.1f}" y="{y + 5:.1f}" fill="{PAPER}" font-size="15" '
            f'text-anchor="middle">{stop.position}</text>'
        )


def _panel(walk: Walk) -> Iterable[str]:
    left = MAP_WIDTH + 36
    width_characters = 34
    yield f'<path d="M{MAP_WIDTH} 0V{HEIGHT}" stroke="#e2d6bf" stroke-width="2"/>'
    y = 72.0
    for line in _wrapped(title(walk), 26)[:3]:
        yield f'<text x="{left}" y="{y:.0f}" fill="{INK}" font-size="29">{escape(line)}</text>'
        y += 35
    summary = walk.summary
    facts = f"{distance(summary.distance_metres)} on foot · {summary.stop_count} stops"
    yield f'<text x="{left}" y="{y:.0f}" fill="{FAINT}" font-size="17">{escape(facts)}</text>'
    y += 40
    room = HEIGHT - 60 - y
    step = min(58.0, room / max(1, len(walk.stops)))
    for stop in walk.stops:
        name = _shortened(stop.place.name, width_characters)
        yield (
            f'<circle cx="{left + 13}" cy="{y - 6:.0f}" r="13" fill="{INK}"/>'
            f'<text x="{left + 13}" y="{y - 1:.0f}" fill="{PAPER}" font-size="14" '
            f'text-anchor="middle">{stop.position}</text>'
            f'<text x="{left + 38}" y="{y:.0f}" fill="{INK}" font-size="18">{escape(name)}</text>'
            f'<text x="{WIDTH - 30}" y="{y:.0f}" fill="{FAINT}" font-size="15" '
            f'text-anchor="end">{clock(stop.arrival_offset_seconds)}</text>'
        )
        if stop.why and step >= 42:
            why = _shortened(" · ".join(stop.why), width_characters + 12)
            yield (
                f'<text x="{left + 38}" y="{y + 20:.0f}" fill="{FAINT}" font-size="14" '
                f'font-style="italic">{escape(why)}</text>'
            )
        y += step
    yield (
        f'<text x="{left}" y="{HEIGHT - 26}" fill="{FAINT}" font-size="13">'
        f"Wildside · {ATTRIBUTION}</text>"
    )


def _shortened(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[: characters - 1].rstrip() + "…"


def _wrapped(text: str, characters: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > characters:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
