"""Lua that runs inside Redis, kept in files beside the adapters that use it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class Script:
    """A script's text and the name Redis knows it by."""

    text: str
    sha: str

    @classmethod
    def read(cls, package: str, name: str) -> Script:
        """The file of that name in the package."""
        return cls.of(resources.files(package).joinpath(name).read_text(encoding="utf-8"))

    @classmethod
    def of(cls, text: str) -> Script:
        """The script with this text."""
        return cls(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())
