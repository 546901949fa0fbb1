"""Draws the tables of a migrated database and how they refer to each other, as Mermaid in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psycopg.rows import DictRow

from wildside.outbound.persistence.postgres.errors import translated
from wildside.outbound.persistence.postgres.trio_connection import TrioConnection

# Tables of ours: what an extension brought is not drawn, nor the ledger of migrations.
_OURS = """
WITH ours AS (
    SELECT oid, relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    AND relname <> 'schema_migrations' AND NOT EXISTS (
        SELECT 1 FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e'
    )
)
"""
_COLUMNS = """
SELECT relation.relname AS "table", attribute.attname AS "column",
    format_type(attribute.atttypid, attribute.atttypmod) AS type,
    NOT attribute.attnotnull AS is_nullable,
    EXISTS (
        SELECT 1 FROM pg_constraint WHERE conrelid = relation.oid AND contype = 'p'
        AND attribute.attnum = ANY (conkey)
    ) AS is_primary,
    EXISTS (
        SELECT 1 FROM pg_constraint WHERE conrelid = relation.oid AND contype = 'f'
        AND attribute.attnum = ANY (conkey)
    ) AS is_foreign,
    EXISTS (
        SELECT 1 FROM pg_constraint WHERE conrelid = relation.oid AND contype = 'u'
        AND conkey = ARRAY[attribute.attnum]
    ) AS is_unique
FROM ours AS relation JOIN pg_attribute AS attribute ON attribute.attrelid = relation.oid
WHERE attribute.attnum > 0 AND NOT attribute.attisdropped
ORDER BY relation.relname COLLATE "C", attribute.attnum
"""
_REFERENCES = """
SELECT other.relname AS parent, relation.relname AS child, attribute.attname AS "column",
    EXISTS (
        SELECT 1 FROM pg_constraint AS alone WHERE alone.conrelid = relation.oid
        AND alone.contype IN ('p', 'u') AND alone.conkey = reference.conkey
    ) AS is_single
FROM pg_constraint AS reference
JOIN ours AS relation ON relation.oid = reference.conrelid
JOIN pg_class AS other ON other.oid = reference.confrelid
JOIN pg_attribute AS attribute
    ON attribute.attrelid = relation.oid AND attribute.attnum = reference.conkey[1]
WHERE reference.contype = 'f'
ORDER BY other.relname COLLATE "C", relation.relname COLLATE "C", attribute.attname COLLATE "C"
"""
_SHORT_TYPES = {"timestamp with time zone": "timestamptz", "double precision": "float8"}
_HEAD = """# The tables

Drawn from a migrated PostgreSQL by `wildside migrate diagram`; a test fails when it is stale.
SQLite has the same tables, with an R*Tree (`poi_boxes`) where PostgreSQL has GiST indexes.

```mermaid
erDiagram
"""


async def er_diagram(url: str) -> str:
    """The page docs/diagrams/tables.md for the database."""
    with translated():
        connection = await TrioConnection.open(url)
        try:
            columns = await (await connection.script(_OURS + _COLUMNS)).fetchall()
            references = await (await connection.script(_OURS + _REFERENCES)).fetchall()
        finally:
            await connection.close()
    lines = [*_tables(columns), "", *_references(references)]
    return _HEAD + "".join(f"    {line}".rstrip() + "\n" for line in lines) + "```\n"


def _tables(columns: Sequence[DictRow]) -> Iterable[str]:
    for table in dict.fromkeys(row["table"] for row in columns):
        yield f"{table} {{"
        for row in columns:
            if row["table"] == table:
                yield f"    {_column(row)}"
        yield "}"


def _column(row: DictRow) -> str:
    # Mermaid takes no commas and spaces in a type: what stands in brackets becomes a remark.
    kind, _, detail = row["type"].partition("(")
    remarks = [detail.rstrip(")").replace(",", ", ")] if detail else []
    if row["is_nullable"]:
        remarks.append("may be absent")
    keys = [
        key
        for key, holds in (
            ("PK", row["is_primary"]),
            ("FK", row["is_foreign"]),
            ("UK", row["is_unique"]),
        )
        if holds
    ]
    words = [_SHORT_TYPES.get(kind, kind), row["column"], ", ".join(keys)]
    if remarks:
        words.append(f'"{"; ".join(remarks)}"')
    return " ".join(word for word in words if word)


def _references(references: Sequence[DictRow]) -> Iterable[str]:
    for row in references:
        many = "o|" if row["is_single"] else "o{"
        yield f"{row['parent']} ||--{many} {row['child']} : {row['column']}"
