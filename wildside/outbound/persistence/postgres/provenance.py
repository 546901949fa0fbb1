"""What was enriched from where, in PostgreSQL."""

from __future__ import annotations

from psycopg.rows import DictRow

from wildside.domain.enrichment import Enrichment
from wildside.domain.geography import BoundingBox
from wildside.domain.paging import Page, PageRequest, page_of
from wildside.outbound.persistence.postgres.session import Session
from wildside.outbound.persistence.postgres.statements import PagedStatements, statement

_ADD = statement(
    "provenance.add",
    """
    INSERT INTO enrichment_provenance (
        id, created_at, source, source_url, west, south, east, north, place_count
    ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    """,
)
_PAGE = PagedStatements(
    "provenance.page",
    """
    SELECT id, created_at, source, source_url, west, south, east, north, place_count
    FROM enrichment_provenance WHERE true
    """,
    parameters=0,
    key_type="uuid",
    newest_first=True,
)


class PostgresProvenance:
    """Records of enrichment within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, enrichment: Enrichment) -> None:
        bounds = enrichment.bounds
        await self._session.run(
            _ADD,
            enrichment.id,
            enrichment.created_at,
            enrichment.source,
            enrichment.source_url,
            bounds.west,
            bounds.south,
            bounds.east,
            bounds.north,
            enrichment.place_count,
        )

    async def page(self, page: PageRequest) -> Page[Enrichment]:
        cursor_key = None if page.cursor is None else page.cursor.uuid_key()
        chosen, parameters = _PAGE.for_page((), page, cursor_key)
        rows = await self._session.rows(chosen, *parameters)
        return page_of(rows, page, lambda row: (row["created_at"], str(row["id"]))).map(_enrichment)


def _enrichment(row: DictRow) -> Enrichment:
    return Enrichment(
        id=row["id"],
        created_at=row["created_at"],
        source=row["source"],
        source_url=row["source_url"],
        bounds=BoundingBox(row["west"], row["south"], row["east"], row["north"]),
        place_count=row["place_count"],
    )
