"""Published files of regions in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence

from wildside.domain.identifiers import RegionId
from wildside.outbound.persistence.postgres.session import Session
from wildside.outbound.persistence.postgres.statements import statement
from wildside.ports import RegionFile

_ADD_PART = statement(
    "region_files.add_part",
    """
    INSERT INTO region_file_parts (region_id, version, name, number, data)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (region_id, version, name, number) DO UPDATE SET data = excluded.data
    """,
)
_PUBLISH = statement(
    "region_files.publish",
    """
    INSERT INTO region_files (region_id, version, name, size, sha256)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (region_id, version, name)
    DO UPDATE SET size = excluded.size, sha256 = excluded.sha256
    """,
)
_PUBLISHED = statement(
    "region_files.published",
    """
    SELECT name, size, sha256 FROM region_files WHERE region_id = $1 AND version = $2
    ORDER BY name
    """,
)
_PART = statement(
    "region_files.part",
    """
    SELECT data FROM region_file_parts
    WHERE region_id = $1 AND version = $2 AND name = $3 AND number = $4
    """,
)
_WITHDRAW_FILES = statement(
    "region_files.withdraw",
    "DELETE FROM region_files WHERE region_id = $1 AND version <> ALL ($2)",
)
_WITHDRAW_PARTS = statement(
    "region_files.withdraw_parts",
    "DELETE FROM region_file_parts WHERE region_id = $1 AND version <> ALL ($2)",
)


class PostgresRegionFiles:
    """Files in parts, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add_part(
        self, region: RegionId, version: str, name: str, number: int, data: bytes
    ) -> None:
        await self._session.run(_ADD_PART, region, version, name, number, data)

    async def publish(self, region: RegionId, version: str, files: Sequence[RegionFile]) -> None:
        for file in files:
            await self._session.run(_PUBLISH, region, version, file.name, file.size, file.sha256)

    async def published(self, region: RegionId, version: str) -> Sequence[RegionFile]:
        rows = await self._session.rows(_PUBLISHED, region, version)
        return [RegionFile(row["name"], row["size"], row["sha256"]) for row in rows]

    async def part(self, region: RegionId, version: str, name: str, number: int) -> bytes | None:
        row = await self._session.row(_PART, region, version, name, number)
        return None if row is None else bytes(row["data"])

    async def withdraw_all_but(self, region: RegionId, versions: Sequence[str]) -> None:
        await self._session.run(_WITHDRAW_FILES, region, list(versions))
        await self._session.run(_WITHDRAW_PARTS, region, list(versions))
