"""Reads the keys that sign cookies; the last one signs, all of them verify."""

from __future__ import annotations

import secrets
from pathlib import Path

from wildside.domain.errors import Invalid


def read_session_keys(path: Path, *, shortest_bytes: int) -> tuple[str, ...]:
    """One key a line of a file, or a file each in a folder, by name; blank lines do not count.

    Raises Invalid, without a byte of any key, where nothing can be read or a key is too short.
    """
    try:
        texts = [file.read_text("utf-8") for file in _files(path)]
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise Invalid(f"SESSION_KEY_FILE {path} cannot be read: {reason}") from error
    keys = tuple(line.strip() for text in texts for line in text.splitlines() if line.strip())
    if not keys:
        raise Invalid(f"SESSION_KEY_FILE {path} holds no key")
    if any(len(key.encode()) < shortest_bytes for key in keys):
        raise Invalid(f"SESSION_KEY_FILE {path}: every key needs {shortest_bytes} bytes or more")
    return keys


def temporary_key() -> tuple[str, ...]:
    """A key that dies with the process."""
    return (secrets.token_hex(64),)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    # Kubernetes keeps the real files of a mounted secret in folders whose names begin with dots.
    return sorted(
        file for file in path.iterdir() if file.is_file() and not file.name.startswith(".")
    )
