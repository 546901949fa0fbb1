"""Reads the keys that sign cookies and tokens, and notices when they change; the last one signs, all verify."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from wildside.domain.errors import Invalid
from wildside.domain.key_rotation import Keys, fingerprint, fresh_key
from wildside.domain.traffic import KeysChanged, KeysUnusable
from wildside.ports import Journal

# What a file's content hangs on: path, moment of change, size, inode.
_State = tuple[tuple[str, int, int, int], ...]


def read_keys(path: Path, *, shortest_bytes: int, setting: str = "SESSION_KEY_FILE") -> Keys:
    """One key a line of a file, or a file each in a folder, by name; blank lines do not count.

    Raises Invalid, without a byte of any key, where nothing can be read or a key is too short.
    """
    try:
        texts = [file.read_text("utf-8") for file in key_files(path)]
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise Invalid(f"{setting} {path} cannot be read: {reason}") from error
    keys = tuple(line.strip() for text in texts for line in text.splitlines() if line.strip())
    if not keys:
        raise Invalid(f"{setting} {path} holds no key")
    if any(len(key.encode()) < shortest_bytes for key in keys):
        raise Invalid(f"{setting} {path}: every key needs {shortest_bytes} bytes or more")
    return keys


def key_files(path: Path) -> list[Path]:
    """The file itself, or a folder's files, the newest key's last."""
    if not path.is_dir():
        return [path]
    # Kubernetes keeps the real files of a mounted secret in folders whose names begin with dots.
    return sorted(
        file for file in path.iterdir() if file.is_file() and not file.name.startswith(".")
    )


class WatchedKeys:
    """Keys in use: those of a file or folder, read again whenever it changes."""

    def __init__(self, path: Path, *, shortest_bytes: int, setting: str, journal: Journal) -> None:
        self._path = path
        self._shortest_bytes = shortest_bytes
        self._setting = setting
        self._journal = journal
        self._listeners: list[Callable[[Sequence[str]], None]] = []
        self._state = self._look()
        self.keys = self._read()

    def hear(self, listener: Callable[[Sequence[str]], None]) -> None:
        """Tells the listener the keys, now and after every change."""
        self._listeners.append(listener)
        listener(self.keys)

    async def watch(self) -> None:
        """Reads the keys again if their files have changed since the last look."""
        if self._look() != self._state:
            self.reload()

    def reload(self) -> None:
        """Reads the keys again. Unusable ones are told of once, and the old ones stay in use."""
        self._state = self._look()
        try:
            keys = self._read()
        except Invalid as error:
            self._journal.note(KeysUnusable(self._setting, error.message))
            return
        if keys == self.keys:
            return
        self.keys = keys
        for listener in self._listeners:
            listener(keys)
        self._journal.note(KeysChanged(self._setting, tuple(map(fingerprint, keys))))

    def _read(self) -> Keys:
        return read_keys(self._path, shortest_bytes=self._shortest_bytes, setting=self._setting)

    def _look(self) -> _State:
        try:
            files = key_files(self._path)
            stats = [(file, file.stat()) for file in files]
        except OSError:
            # Being replaced, or gone: reading will say which.
            return ()
        return tuple(
            (str(file), stat.st_mtime_ns, stat.st_size, stat.st_ino) for file, stat in stats
        )


class TemporaryKeys:
    """A key that dies with the process, and never changes."""

    def __init__(self) -> None:
        self.keys: Keys = (fresh_key(),)

    def hear(self, listener: Callable[[Sequence[str]], None]) -> None:
        """Tells the listener the key, once."""
        listener(self.keys)

    async def watch(self) -> None:
        """Nothing changes."""

    def reload(self) -> None:
        """Nothing changes."""
