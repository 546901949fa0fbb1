"""Writes key files: whole or not at all, and for nobody else's eyes."""

from __future__ import annotations

import os
from pathlib import Path

from wildside.domain.errors import Conflict, Invalid, Unavailable
from wildside.domain.key_rotation import Keys, keeping, signing_with_new
from wildside.outbound.session_keys import key_files, read_keys

OWNER_ONLY = 0o600
OWNER_AND_GROUP = 0o660


class KeyStore:
    """The keys of a file (one a line) or of a folder (one a file, in the order of their names)."""

    def __init__(self, path: Path, *, shortest_bytes: int = 1) -> None:
        self.path = path
        self._shortest_bytes = shortest_bytes

    def read(self) -> Keys:
        """The keys, the signing one last; Invalid where they cannot be read or used."""
        return read_keys(self.path, shortest_bytes=self._shortest_bytes, setting="key file")

    def create(self, key: str) -> None:
        """Makes the file with its first key; Conflict where there is something already."""
        if self.path.exists():
            raise Conflict(f"{self.path} is there already: `wildside keys rotate` adds a key")
        _write(self.path, (key,))

    def replace(self, keys: Keys) -> None:
        """Makes these the file's keys."""
        if self.path.is_dir():
            raise Invalid(
                f"{self.path} is a folder, whose keys are ordered by their files' names: "
                "keep the keys in one file to announce or reorder them"
            )
        _write(self.path, keys)

    def add(self, key: str, *, name: str, keep: int) -> Keys:
        """The new key signs, the newest `keep` verify; in a folder `name` is the new file's."""
        if not self.path.is_dir():
            keys = keeping(signing_with_new(self.read(), key), keep)
            _write(self.path, keys)
            return keys
        if keep < 1:
            raise Invalid("at least one key must stay")
        files = key_files(self.path)
        if files and name <= files[-1].name:
            raise Invalid(f"{name} would not sign: {files[-1].name} comes after it by name")
        _write(self.path / name, (key,))
        for file in key_files(self.path)[:-keep]:
            file.unlink()
        return self.read()


def _write(path: Path, keys: Keys) -> None:
    """Into a file beside it, which then takes its place: readers see the old keys or the new ones."""
    beside = path.with_name(f".{path.name}.new")
    try:
        # The file beside is the lock, too: of two who rotate at once the second is refused.
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError as error:
        raise Conflict(
            f"{beside} is there: somebody rotates this moment, or was interrupted and it may be removed"
        ) from error
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be written: {error.strerror} (--file names another place)"
        ) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            _like_before(handle, path)
            file.writelines(f"{key}\n" for key in keys)
            file.flush()
            os.fsync(handle)
        beside.replace(path)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}") from error
    finally:
        beside.unlink(missing_ok=True)


def _like_before(handle: int, path: Path) -> None:
    """The same owner and group, so that whoever could read the old keys can read the new ones."""
    try:
        before = path.stat()
    except FileNotFoundError:
        return
    os.fchmod(handle, before.st_mode & OWNER_AND_GROUP | OWNER_ONLY)
    now = os.fstat(handle)
    if (before.st_uid, before.st_gid) != (now.st_uid, now.st_gid):
        os.fchown(handle, before.st_uid, before.st_gid)
