"""Reads the interest themes and their OSM tag rules from conf/themes.toml."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from wildside.bundled import folder
from wildside.domain.catalogue import TagRule, Theme, ThemeRules
from wildside.domain.errors import Invalid
from wildside.domain.identifiers import ThemeId

_FIELDS = {"id", "name", "description", "icon", "visit_minutes", "rules", "except"}
_ICON = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class ThemeBook:
    """All themes in the order of the file; `digest` changes whenever a byte of it does."""

    entries: tuple[ThemeRules, ...]
    digest: str

    @property
    def themes(self) -> tuple[Theme, ...]:
        """The themes without their rules, as walkers see them."""
        return tuple(entry.theme for entry in self.entries)


def load_themes(path: Path | None = None) -> ThemeBook:
    """The themes of a file, by default the one that travels with Wildside.

    Raises Invalid with the theme's name where an entry is incomplete, misspelt or given twice.
    """
    chosen = path or folder("conf") / "themes.toml"
    try:
        content = chosen.read_bytes()
        parsed = tomllib.loads(content.decode("utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(f"{chosen} cannot be read: {error}") from error
    entries = tuple(_entry(table) for table in parsed.get("theme", ()))
    for field in ("id", "name"):
        values = [getattr(entry.theme, field) for entry in entries]
        twice = {value for value in values if values.count(value) > 1}
        if twice:
            raise Invalid(f"{chosen}: two themes share the {field} {min(map(str, twice))}")
    if not entries:
        raise Invalid(f"{chosen} names no theme")
    return ThemeBook(entries, hashlib.sha256(content).hexdigest())


def _entry(table: Mapping[str, object]) -> ThemeRules:
    name = table.get("name")
    unknown = set(table) - _FIELDS
    missing = _FIELDS - {"except"} - set(table)
    if unknown or missing:
        raise Invalid(
            f"theme {name!r}: unknown {sorted(unknown)}"
            if unknown
            else f"theme {name!r}: missing {sorted(missing)}"
        )
    icon, minutes = str(table["icon"]), table["visit_minutes"]
    if not _ICON.fullmatch(icon):
        raise Invalid(f"theme {name!r}: {icon!r} is no icon name like book-open")
    if not isinstance(minutes, (int, float)) or not 0 < minutes <= 120:
        raise Invalid(f"theme {name!r}: visit_minutes must lie in 0..120")
    try:
        theme = Theme(ThemeId(UUID(str(table["id"]))), str(name), str(table["description"]), icon)
    except ValueError as error:
        raise Invalid(f"theme {name!r}: {table['id']!r} is no UUID") from error
    return ThemeRules(
        theme, _rules(name, table["rules"]), float(minutes), _rules(name, table.get("except", []))
    )


def _rules(name: object, tables: object) -> tuple[TagRule, ...]:
    if not isinstance(tables, Sequence) or isinstance(tables, str):
        raise Invalid(f"theme {name!r}: rules are a list of tables")
    rules = []
    for table in tables:
        if not isinstance(table, Mapping):
            raise Invalid(f"theme {name!r}: a rule is a table of tags, not {table!r}")
        rules.append(TagRule({str(key): _values(name, value) for key, value in table.items()}))
    return tuple(rules)


def _values(name: object, value: object) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if (
        not isinstance(values, list)
        or not values
        or not all(isinstance(v, str) and v for v in values)
    ):
        raise Invalid(f"theme {name!r}: {value!r} is neither a value nor a list of values")
    if any(text.startswith("<") and not text[1:].isdecimal() for text in values):
        raise Invalid(f"theme {name!r}: {value!r} should name a year behind the <, such as <1940")
    return tuple(values)
