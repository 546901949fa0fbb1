"""The languages people want to be spoken to in, as tags."""

from __future__ import annotations

import re

from wildside.domain.errors import Invalid

SHORTEST_TAG, LONGEST_TAG = 2, 35  # RFC 5646, 4.4.1: so long every tag in use is
# RFC 5646, 2.1: language, script, region, variants, extensions, private use; or only the last. The
# irregular tags registered before 2006 are not taken: each has a regular one by now.
LANGUAGE_PATTERN = (
    "^(?:(?:[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})"
    "(?:-[A-Za-z]{4})?"
    "(?:-(?:[A-Za-z]{2}|[0-9]{3}))?"
    "(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"
    "(?:-[0-9A-WY-Za-wy-z](?:-[A-Za-z0-9]{2,8})+)*"
    "(?:-[Xx](?:-[A-Za-z0-9]{1,8})+)?"
    "|[Xx](?:-[A-Za-z0-9]{1,8})+)$"
)
_TAG = re.compile(LANGUAGE_PATTERN)


def refuse_bad_language(tag: str) -> None:
    """Raises Invalid where the text is no BCP 47 tag."""
    # `$` alone would let a line's end through.
    if not (SHORTEST_TAG <= len(tag) <= LONGEST_TAG and _TAG.fullmatch(tag)):
        raise Invalid.field(
            "preferences.language", "invalid", "language is a BCP 47 tag such as en or pt-PT"
        )
