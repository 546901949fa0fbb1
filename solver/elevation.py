"""Heights of the ground from SRTM tiles (.hgt, plain or zipped), for slopes and ascents.

Format: NASA SRTM documentation, "SRTM_Topo": big-endian 16-bit metres, rows from north to south,
1201 or 3601 posts a side, -32768 where nothing is known.
"""

from __future__ import annotations

import math
import re
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_TILE = re.compile(r"^([NS])(\d{2})([EW])(\d{3})\.hgt(\.zip)?$", re.IGNORECASE)
_VOID = -32768

Heights = NDArray[np.float64]


class Terrain:
    """Heights by longitude and latitude; NaN where no tile covers a point."""

    def __init__(self, tiles: dict[tuple[int, int], NDArray[np.int16]]) -> None:
        """`tiles` by the whole degrees of their south-west corner, (longitude, latitude)."""
        self._tiles = tiles

    @classmethod
    def read(cls, folder: Path, bounds: tuple[float, float, float, float]) -> Terrain:
        """The folder's tiles that touch (west, south, east, north); unreadable ones raise ValueError."""
        west, south, east, north = (math.floor(bound) for bound in bounds)
        tiles = {}
        for path in tiles_in(folder):
            corner = _corner(path.name)
            if corner is not None and west <= corner[0] <= east and south <= corner[1] <= north:
                tiles[corner] = _posts(path)
        return cls(tiles)

    def heights(self, longitudes: Heights, latitudes: Heights) -> Heights:
        """Metres above the sea, bilinear between posts, shaped like the arguments."""
        found = np.full(np.shape(longitudes), np.nan)
        columns, rows = np.floor(longitudes), np.floor(latitudes)
        for (column, row), posts in self._tiles.items():
            here = (columns == column) & (rows == row)
            found[here] = _between_posts(posts, longitudes[here] - column, latitudes[here] - row)
        return found


def tiles_in(folder: Path) -> list[Path]:
    """The files of a folder that are named like tiles, sorted; OSError where it cannot be listed."""
    return sorted(path for path in folder.iterdir() if _corner(path.name) is not None)


def _corner(name: str) -> tuple[int, int] | None:
    match = _TILE.match(name)
    if match is None:
        return None
    latitude = int(match[2]) * (1 if match[1].upper() == "N" else -1)
    longitude = int(match[4]) * (1 if match[3].upper() == "E" else -1)
    return longitude, latitude


def _posts(path: Path) -> NDArray[np.int16]:
    content = _content(path)
    side = math.isqrt(len(content) // 2)
    if side < 2 or side * side * 2 != len(content):
        raise ValueError(f"{path} is no SRTM tile: {len(content)} bytes make no square")
    return np.frombuffer(content, dtype=">i2").reshape(side, side).astype(np.int16)


def _content(path: Path) -> bytes:
    if path.suffix.lower() != ".zip":
        return path.read_bytes()
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [name for name in archive.namelist() if name.lower().endswith(".hgt")]
            return archive.read(inside[0]) if inside else b""
    except zipfile.BadZipFile as error:
        raise ValueError(f"{path} is no zip archive") from error


def _between_posts(posts: NDArray[np.int16], east: Heights, north: Heights) -> Heights:
    """`east` and `north` in 0..1 within the tile."""
    last = len(posts) - 1
    column, row = east * last, (1.0 - north) * last
    left = np.minimum(column.astype(np.int64), last - 1)
    top = np.minimum(row.astype(np.int64), last - 1)
    right_share, lower_share = column - left, row - top
    corners = [
        (top, left, (1 - right_share) * (1 - lower_share)),
        (top, left + 1, right_share * (1 - lower_share)),
        (top + 1, left, (1 - right_share) * lower_share),
        (top + 1, left + 1, right_share * lower_share),
    ]
    height = np.zeros(len(column))
    for corner_row, corner_column, share in corners:
        metres = posts[corner_row, corner_column].astype(np.float64)
        metres[metres == _VOID] = np.nan
        height += np.where(share > 0, metres * share, 0.0)  # a void beside the point is no matter
    return height
