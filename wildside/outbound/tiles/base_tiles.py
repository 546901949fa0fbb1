"""Reads prebuilt base-map tiles out of an MBTiles file."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self

from wildside.domain.errors import Unavailable

_TILE = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"


class BaseTiles:
    """The tiles of one region, open for reading; a read takes microseconds and may run inline."""

    def __init__(self, path: Path) -> None:
        """Raises Unavailable where there is no such map."""
        try:
            # immutable: nobody writes to a region's files once they are swapped in.
            self._database = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
            self._cursor = self._database.cursor()
            self._cursor.execute(_TILE, (0, 0, 0))
        except sqlite3.Error as error:
            raise Unavailable(f"the base map {path} cannot be opened: {error}") from error

    def read(self, zoom: int, column: int, row: int) -> bytes | None:
        """The gzip'd vector tile z/x/y (rows counted from the north), None where nothing is drawn."""
        if not (0 <= zoom <= 30 and 0 <= column < 1 << zoom and 0 <= row < 1 << zoom):
            return None
        # MBTiles counts rows from the south (MBTiles 1.3, TMS scheme).
        found = self._cursor.execute(_TILE, (zoom, column, (1 << zoom) - 1 - row)).fetchone()
        return None if found is None else bytes(found[0])

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
