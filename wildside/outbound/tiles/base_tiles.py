"""Reads prebuilt base-map tiles out of an MBTiles file."""

from __future__ import annotations

import gzip
import sqlite3
import zlib
from pathlib import Path
from types import TracebackType
from typing import Self

from wildside.domain.errors import Unavailable

_TILE = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"


class BaseTiles:
    """The tiles of one region, open for reading; a read takes microseconds and may run inline."""

    def __init__(self, path: Path) -> None:
        """Raises Unavailable where there is no such map."""
        self._path = path
        try:
            # immutable: nobody writes to a region's files once they are swapped in.
            self._database = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
            self._cursor = self._database.cursor()
            self._cursor.execute(_TILE, (0, 0, 0))
        except sqlite3.Error as error:
            raise _damaged(path) from error

    def read(self, zoom: int, column: int, row: int) -> bytes | None:
        """The gzip'd vector tile z/x/y (rows counted from the north), None where nothing is drawn.

        Raises Unavailable where the file is damaged.
        """
        if not (0 <= zoom <= 30 and 0 <= column < 1 << zoom and 0 <= row < 1 << zoom):
            return None
        # MBTiles counts rows from the south (MBTiles 1.3, TMS scheme).
        row_from_south = (1 << zoom) - 1 - row
        try:
            found = self._cursor.execute(_TILE, (zoom, column, row_from_south)).fetchone()
        except sqlite3.DatabaseError as error:
            raise _damaged(self._path) from error
        return None if found is None else bytes(found[0])

    def unpacked(self, tile: bytes) -> bytes:
        """What `read` gave, without the gzip; Unavailable where the file is damaged."""
        try:
            return gzip.decompress(tile)
        except (OSError, EOFError, zlib.error) as error:
            raise _damaged(self._path) from error

    def close(self) -> None:
        """Lets go of the file; closing twice is fine."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _damaged(path: Path) -> Unavailable:
    return Unavailable(
        f"the base map {path} is damaged or missing; take the region in again with"
        " `wildside ingest-osm` and the file that it came from"
    )
