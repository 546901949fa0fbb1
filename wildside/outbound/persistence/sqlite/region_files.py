"""Published files of regions in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from wildside.domain.identifiers import RegionId
from wildside.outbound.persistence.stored_forms import to_json
from wildside.ports import RegionFile

_WITHDRAW_FILES = """
DELETE FROM region_files
WHERE region_id = ? AND version NOT IN (SELECT value FROM json_each(?))
"""
_WITHDRAW_PARTS = """
DELETE FROM region_file_parts
WHERE region_id = ? AND version NOT IN (SELECT value FROM json_each(?))
"""


class SqliteRegionFiles:
    """Files in parts, within one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def add_part(
        self, region: RegionId, version: str, name: str, number: int, data: bytes
    ) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO region_file_parts VALUES (?, ?, ?, ?, ?)",
            (region, version, name, number, data),
        )

    async def publish(self, region: RegionId, version: str, files: Sequence[RegionFile]) -> None:
        self._connection.executemany(
            "INSERT OR REPLACE INTO region_files VALUES (?, ?, ?, ?, ?)",
            [(region, version, file.name, file.size, file.sha256) for file in files],
        )

    async def published(self, region: RegionId, version: str) -> Sequence[RegionFile]:
        rows = self._connection.execute(
            "SELECT name, size, sha256 FROM region_files WHERE region_id = ? AND version = ?"
            " ORDER BY name",
            (region, version),
        )
        return [RegionFile(row["name"], row["size"], row["sha256"]) for row in rows]

    async def part(self, region: RegionId, version: str, name: str, number: int) -> bytes | None:
        row = self._connection.execute(
            "SELECT data FROM region_file_parts"
            " WHERE region_id = ? AND version = ? AND name = ? AND number = ?",
            (region, version, name, number),
        ).fetchone()
        return None if row is None else row["data"]

    async def withdraw_all_but(self, region: RegionId, versions: Sequence[str]) -> None:
        kept = to_json(list(versions))
        self._connection.execute(_WITHDRAW_FILES, (region, kept))
        self._connection.execute(_WITHDRAW_PARTS, (region, kept))
