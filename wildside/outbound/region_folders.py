"""Keeps the files of regions on disk: written aside, made durable, moved into place at once."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from wildside.domain.errors import IngestFailed
from wildside.domain.identifiers import RegionId

_INCOMING = ".incoming-"


class DiskRegionFolders:
    """`regions/<region id>/<version>/` below the data folder, and `.incoming-…` beside the versions."""

    def __init__(self, data_folder: Path) -> None:
        self._regions = data_folder / "regions"

    def folder(self, region: RegionId, version: str) -> Path:
        """Where a version's files lie."""
        return self._regions / region / version

    def holds(self, region: RegionId, version: str) -> bool:
        """Whether the version's files are there."""
        return self.folder(region, version).is_dir()

    @contextmanager
    def incoming(self, region: RegionId) -> Iterator[Path]:
        """A fresh folder that vanishes with the block.

        Raises IngestFailed where another ingest of the region runs, and for every OSError of the
        block: a disk that is full or read-only.
        """
        home = self._regions / region
        with _disk_trouble(home):
            home.mkdir(parents=True, exist_ok=True)
            with _alone(home, region):
                _remove_all(home.glob(f"{_INCOMING}*"))  # left by an ingest that was killed
                folder = Path(tempfile.mkdtemp(prefix=_INCOMING, dir=home))
                try:
                    yield folder
                finally:
                    shutil.rmtree(folder, ignore_errors=True)

    def keep(self, incoming: Path, region: RegionId, version: str) -> None:
        """Makes the folder's files durable and renames it to the version's; an older try gives way."""
        target = self.folder(region, version)
        for path in sorted(incoming.iterdir()):
            _sync(path)
        _sync(incoming)
        incoming.chmod(0o755)
        if target.exists():
            # Of the same making, but of no region: the commit after it never came.
            shutil.rmtree(target)
        incoming.rename(target)
        _sync(target.parent)

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
        """The names of the version's files."""
        return sorted(path.name for path in self.folder(region, version).iterdir())

    def parts(self, region: RegionId, version: str, name: str, size: int) -> Iterator[bytes]:
        """A file's content, so many bytes at a time."""
        with (self.folder(region, version) / name).open("rb") as source:
            while part := source.read(size):
                yield part


@contextmanager
def _disk_trouble(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise IngestFailed(f"{folder} cannot be written: {reason}") from error


@contextmanager
def _alone(home: Path, region: RegionId) -> Iterator[None]:
    """Holds the region's lock; the kernel lets go of it when the process dies."""
    descriptor = os.open(home / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise IngestFailed(f"another ingest of {region} is under way") from error
        yield
    finally:
        os.close(descriptor)


def _remove_all(folders: Iterator[Path]) -> None:
    for folder in sorted(folders):
        shutil.rmtree(folder, ignore_errors=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
