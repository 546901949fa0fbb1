"""Names as people hear them: words without accents, case and signs, and the phrases within them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_WORD = re.compile(r"\w+")

Words = tuple[str, ...]


def words_of(name: str) -> Words:
    """`Miss'Opó (Porto)` → miss, opo, porto; a name of nothing but signs is one word."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(sign for sign in parts if not unicodedata.combining(sign))
    return tuple(_WORD.findall(plain)) or (name.casefold(),)


def phrases_of(words: Words) -> Iterator[Words]:
    """Every run of words, the whole included."""
    for first in range(len(words)):
        for last in range(first + 1, len(words) + 1):
            yield words[first:last]
