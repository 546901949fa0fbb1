"""Every statement has a name: metrics and slow logs speak of it, a test prepares each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from wildside.domain.paging import PageRequest

_KNOWN: dict[str, Statement] = {}


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with $1, $2, … as it is sent; `name` is `repository.verb`.

    `after` names a statement that must have run before this one can be prepared, such as the
    making of a temporary table.
    """

    name: str
    sql: str
    after: str | None = None


def statement(name: str, sql: str, *, after: str | None = None) -> Statement:
    """Writes the statement into the book; names are taken once."""
    if name in _KNOWN:
        raise ValueError(f"there are two statements named {name}")
    known = _KNOWN[name] = Statement(name, sql, after)
    return known


def known_statements() -> Mapping[str, Statement]:
    """Every statement of the modules loaded so far, by name."""
    return MappingProxyType(_KNOWN)


class PagedStatements:
    """One page of a table that is ordered by (created_at, id): a statement a direction and start."""

    def __init__(
        self, name: str, select: str, *, parameters: int, key_type: str, newest_first: bool = False
    ) -> None:
        """`select` ends in a WHERE clause with `parameters` parameters and gives `created_at` and `id`."""
        self._newest_first = newest_first
        self._statements: dict[tuple[bool, bool], Statement] = {}
        for descending, begins in ((False, False), (False, True), (True, False), (True, True)):
            order, sign = ("DESC", "<") if descending else ("ASC", ">")
            beyond, count = "", parameters
            if not begins:
                moment, key, count = parameters + 1, parameters + 2, parameters + 2
                beyond = f"AND (created_at, id) {sign} (${moment}::timestamptz, ${key}::{key_type})"
            kind = f"{name}_{order.lower()}{'_first' if begins else ''}"
            self._statements[descending, begins] = statement(
                kind,
                f"{select} {beyond} ORDER BY created_at {order}, id {order} LIMIT ${count + 1}",
            )

    def for_page(
        self, parameters: Iterable[object], page: PageRequest, cursor_key: object
    ) -> tuple[Statement, Sequence[object]]:
        """The statement and its parameters for one row more than the page holds, in travel order."""
        descending = self._newest_first != page.goes_back
        chosen = self._statements[descending, page.cursor is None]
        if page.cursor is None:
            return chosen, (*parameters, page.limit + 1)
        moment: datetime = page.cursor.created_at
        return chosen, (*parameters, moment, cursor_key, page.limit + 1)
