"""A walk drawn with dots for a terminal: eight dots a character (Unicode braille, U+2800)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from wildside.domain.geography import Point

# Bit of each dot by (column, row) inside a character, as Unicode numbers them.
_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


class DotCanvas:
    """A grid of dots two wide and four high a character, with letters put over it."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._cells = [[0] * columns for _ in range(rows)]
        self._letters: dict[tuple[int, int], str] = {}

    def dot(self, x: float, y: float) -> None:
        """One dot; outside the canvas it is left out."""
        column, row = int(x) // 2, int(y) // 4
        if 0 <= column < self.columns and 0 <= row < self.rows and x >= 0 and y >= 0:
            self._cells[row][column] |= _BITS[int(x) % 2][int(y) % 4]

    def line(self, from_x: float, from_y: float, to_x: float, to_y: float) -> None:
        """A straight line, a dot at least every dot."""
        steps = max(1, math.ceil(max(abs(to_x - from_x), abs(to_y - from_y))))
        for step in range(steps + 1):
            share = step / steps
            self.dot(from_x + (to_x - from_x) * share, from_y + (to_y - from_y) * share)

    def letter(self, x: float, y: float, text: str) -> None:
        """A character over the dots; the first one there stays."""
        self._letters.setdefault((int(x) // 2, int(y) // 4), text)

    def text(self) -> str:
        """The picture, a line a row."""
        return "\n".join(
            "".join(
                self._letters.get((column, row), chr(0x2800 + cell))
                for column, cell in enumerate(cells)
            ).rstrip("\u2800")
            for row, cells in enumerate(self._cells)
        )


def mark(position: int) -> str:
    """One character for a stop: 1 to 9, then a to z, then a star."""
    if position <= 9:
        return str(position)
    return chr(ord("a") + position - 10) if position < 36 else "*"


def sketch(path: Sequence[Point], stops: Sequence[Point], columns: int = 64, rows: int = 20) -> str:
    """The path as dots, north up and true to shape, with the stops' marks in order."""
    canvas = DotCanvas(columns, rows)
    points = [*path, *stops]
    narrowing = math.cos(math.radians(points[0].latitude))
    west = min(point.longitude for point in points)
    north = max(point.latitude for point in points)
    width = max((max(point.longitude for point in points) - west) * narrowing, 1e-6)
    height = max(north - min(point.latitude for point in points), 1e-6)
    # Room for a mark at the edges: one character.
    scale = min((columns * 2 - 4) / width, (rows * 4 - 4) / height)

    def spot(point: Point) -> tuple[float, float]:
        return (point.longitude - west) * narrowing * scale + 2, (
            north - point.latitude
        ) * scale + 2

    spots = [spot(point) for point in path]
    for (from_x, from_y), (to_x, to_y) in itertools.pairwise(spots):
        canvas.line(from_x, from_y, to_x, to_y)
    canvas.letter(*spots[0], "◉")
    for position, stop in enumerate(stops, start=1):
        canvas.letter(*spot(stop), mark(position))
    return canvas.text()
