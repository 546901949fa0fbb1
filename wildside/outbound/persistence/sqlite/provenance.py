"""What was enriched from where, in SQLite."""

from __future__ import annotations

import sqlite3
from uuid import UUID

from wildside.domain.enrichment import Enrichment
from wildside.domain.geography import BoundingBox
from wildside.domain.moments import microseconds, moment
from wildside.domain.paging import Page, PageRequest, page_of
from wildside.outbound.persistence.sqlite.paged import rows_of_page

_ADD = """
INSERT INTO enrichment_provenance (
    id, created_at, source, source_url, west, south, east, north, place_count
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class SqliteProvenance:
    """Records of enrichment within one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def add(self, enrichment: Enrichment) -> None:
        bounds = enrichment.bounds
        self._connection.execute(
            _ADD,
            (
                str(enrichment.id),
                microseconds(enrichment.created_at),
                enrichment.source,
                enrichment.source_url,
                bounds.west,
                bounds.south,
                bounds.east,
                bounds.north,
                enrichment.place_count,
            ),
        )

    async def page(self, page: PageRequest) -> Page[Enrichment]:
        rows = rows_of_page(
            self._connection,
            "SELECT * FROM enrichment_provenance WHERE TRUE",
            {},
            page,
            cursor_key=None if page.cursor is None else str(page.cursor.uuid_key()),
            newest_first=True,
        )
        return page_of(rows, page, lambda row: (moment(row["created_at"]), row["id"])).map(
            _enrichment
        )


def _enrichment(row: sqlite3.Row) -> Enrichment:
    return Enrichment(
        id=UUID(row["id"]),
        created_at=moment(row["created_at"]),
        source=row["source"],
        source_url=row["source_url"],
        bounds=BoundingBox(row["west"], row["south"], row["east"], row["north"]),
        place_count=row["place_count"],
    )
