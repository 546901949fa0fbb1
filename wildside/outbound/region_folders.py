"""Keeps the files of regions on disk: written aside, made durable, moved into place at once."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from wildside.domain.errors import IngestFailed
from wildside.domain.identifiers import RegionId

CONTENTS_FILE = "contents.json"  # every other file of the version with its size and SHA-256

_CHUNK_BYTES = 1 << 20
_Stamps = Mapping[str, tuple[int, int, int]]  # a file's inode, size and time by its name


class DiskRegionFolders:
    """`regions/<region id>/<version>/` below the data folder.

    What is under way lies in `regions/.incoming/`: a lock for each region, the folders being filled,
    and the note of a version that was put into place and is not the region's yet.
    """

    def __init__(self, data_folder: Path) -> None:
        self._regions = data_folder / "regions"
        self._incoming = self._regions / ".incoming"
        self._looked_at: dict[Path, tuple[_Stamps, bool]] = {}

    def folder(self, region: RegionId, version: str) -> Path:
        """Where a version's files lie."""
        return self._regions / region / version

    def holds(self, region: RegionId, version: str) -> bool:
        """Whether the version's files are there, to the byte as they were put there.

        They are read through at the first look only, and again when one of them was touched.
        """
        folder = self.folder(region, version)
        try:
            listed = _listed(folder)
            stamps = {name: _stamp(folder / name) for name in (CONTENTS_FILE, *listed)}
            if folder not in self._looked_at or self._looked_at[folder][0] != stamps:
                is_whole = all(_entry(folder / name) == entry for name, entry in listed.items())
                self._looked_at[folder] = stamps, is_whole
        except (OSError, TypeError, ValueError):
            return False
        return self._looked_at[folder][1]

    @contextmanager
    def incoming(self, region: RegionId) -> Iterator[Path]:
        """A fresh folder that vanishes with the block.

        Raises IngestFailed where another ingest of the region runs, and for every OSError of the
        block: a disk that is full or read-only.
        """
        with _disk_trouble(self._incoming):
            self._incoming.mkdir(parents=True, exist_ok=True)
            with _alone(self._lock(region)) as is_alone:
                if not is_alone:
                    raise IngestFailed(
                        f"another ingest of {region} is under way; wait until it has ended"
                    )
                _remove_all(self._left_of(region))
                folder = Path(tempfile.mkdtemp(prefix=f"{region}.", dir=self._incoming))
                try:
                    yield folder
                finally:
                    shutil.rmtree(folder, ignore_errors=True)
                # Not reached where the block failed: the version that it kept may be nobody's.
                self._note(region).unlink(missing_ok=True)

    def keep(self, incoming: Path, region: RegionId, version: str) -> None:
        """Makes the folder's files durable and renames it to the version's; an older try gives way."""
        target = self.folder(region, version)
        names = sorted(path.name for path in incoming.iterdir() if path.name != CONTENTS_FILE)
        contents = {name: _entry(incoming / name) for name in names}
        (incoming / CONTENTS_FILE).write_text(json.dumps(contents, indent=1), encoding="utf-8")
        for path in sorted(incoming.iterdir()):
            _sync(path)
        _sync(incoming)
        incoming.chmod(0o755)
        self._note(region).write_text(version, encoding="utf-8")
        target.parent.mkdir(exist_ok=True)
        if target.exists():
            # Of the same making, but damaged, or of a try whose commit never came.
            target.rename(Path(tempfile.mkdtemp(prefix=f"{region}.", dir=self._incoming)) / "old")
        incoming.rename(target)
        _sync(target.parent)
        _remove_all(self._left_of(region))

    def sweep(self, current: Mapping[RegionId, str]) -> None:
        """Removes what ingests left behind that were killed; what is under way is let be.

        `current` tells each region's version: one that was put into place without becoming it goes.
        """
        for lock in sorted(self._incoming.glob("*.lock")):
            region = RegionId(lock.stem)
            with _disk_trouble(self._incoming), _alone(lock) as is_alone:
                if is_alone:
                    self._sweep(region, current.get(region))

    def _sweep(self, region: RegionId, current: str | None) -> None:
        _remove_all(self._left_of(region))
        note = self._note(region)
        if not note.exists():
            return
        version = note.read_text(encoding="utf-8").strip()
        home = self._regions / region
        if version != current:
            _remove_all(path for path in home.glob("*") if path.name == version)
        if home.is_dir() and not any(home.iterdir()):
            home.rmdir()
        note.unlink()

    def _lock(self, region: RegionId) -> Path:
        return self._incoming / f"{region}.lock"

    def _note(self, region: RegionId) -> Path:
        return self._incoming / f"{region}.kept"

    def _left_of(self, region: RegionId) -> list[Path]:
        return [path for path in self._incoming.glob(f"{region}.*") if path.is_dir()]

    def forget_all_but(self, region: RegionId, versions: Sequence[str]) -> None:
        """Removes the files of all other versions; what cannot be removed waits for the next time."""
        kept = set(versions)
        home = self._regions / region
        _remove_all(path for path in home.glob("*") if path.is_dir() and path.name not in kept)

    def forget_old(self, region: RegionId, version: str) -> None:
        """Removes all but this version and the newest other."""
        others = [path for path in (self._regions / region).glob("[!.]*") if path.name != version]
        others.sort(key=lambda path: path.stat().st_mtime)
        self.forget_all_but(region, [version, *(path.name for path in others[-1:])])

    def files(self, region: RegionId, version: str) -> Sequence[str]:
        """The names of the version's files; who keeps them elsewhere writes a list of their own."""
        names = (path.name for path in self.folder(region, version).iterdir())
        return sorted(name for name in names if name != CONTENTS_FILE)

    def parts(self, region: RegionId, version: str, name: str, size: int) -> Iterator[bytes]:
        """A file's content, so many bytes at a time."""
        with (self.folder(region, version) / name).open("rb") as source:
            while part := source.read(size):
                yield part


def _listed(folder: Path) -> dict[str, object]:
    listed = json.loads((folder / CONTENTS_FILE).read_bytes())
    if not isinstance(listed, dict):
        raise TypeError(f"{folder / CONTENTS_FILE} is no list of files")
    return listed


def _entry(path: Path) -> dict[str, object]:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
        return {"size": file.tell(), "sha256": digest.hexdigest()}


def _stamp(path: Path) -> tuple[int, int, int]:
    standing = path.stat()
    return standing.st_ino, standing.st_size, standing.st_mtime_ns


@contextmanager
def _disk_trouble(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise IngestFailed(f"{folder} cannot be written: {reason}") from error


@contextmanager
def _alone(lock: Path) -> Iterator[bool]:
    """Holds the region's lock, or says that another does; the kernel lets go of it when we die."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _remove_all(folders: Iterable[Path]) -> None:
    for folder in sorted(folders):
        shutil.rmtree(folder, ignore_errors=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
