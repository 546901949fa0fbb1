"""Reads one page of a table that is ordered by (created_at, id)."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from wildside.domain.moments import microseconds
from wildside.domain.paging import Cursor, PageRequest


def rows_of_page(
    connection: sqlite3.Connection,
    select: str,
    parameters: Mapping[str, object],
    page: PageRequest,
    *,
    cursor_key: object = None,
    newest_first: bool = False,
) -> list[sqlite3.Row]:
    """One row more than the page holds, from the cursor on, in the direction of travel.

    `select` ends in a WHERE clause and its result has the columns `created_at` and `id`;
    `cursor_key` is the cursor's key as that id is stored.
    """
    descending = newest_first != page.goes_back
    order = "DESC" if descending else "ASC"
    beyond = ""
    bound = dict(parameters)
    if page.cursor is not None:
        beyond = f"AND (created_at, id) {'<' if descending else '>'} (:cursor_moment, :cursor_key)"
        bound |= {"cursor_moment": _moment(page.cursor), "cursor_key": cursor_key}
    bound["one_more"] = page.limit + 1
    # Only words of this file go into the text; whatever a walker sent is bound.
    statement = f"{select} {beyond} ORDER BY created_at {order}, id {order} LIMIT :one_more"
    return connection.execute(statement, bound).fetchall()


def _moment(cursor: Cursor) -> int:
    return microseconds(cursor.created_at)
