"""Maps as files: extracts that come in, and the files that regions are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from wildside.domain.catalogue import Place
from wildside.domain.extract import Extract
from wildside.domain.identifiers import RegionId


class Extracts(Protocol):
    """Map files; whatever is wrong with one comes out as `IngestFailed`, one clear line."""

    def open(self, path: Path, area: Path | None) -> Extract:
        """Looks the file through and limits it to the GeoJSON area, if any."""
        ...


class PlaceSource(Protocol):
    """Finds the places of an extract; the same extract and `format` give the same places."""

    @property
    def format(self) -> int: ...
    def read(self, extract: Extract) -> Sequence[Place]: ...


class MapFileBuilder(Protocol):
    """Makes one of a region's files from an extract: the walking graph, or the base map."""

    @property
    def format(self) -> int: ...
    def build(
        self, extract: Extract, target: Path, on_progress: Callable[[float], None]
    ) -> None: ...


class RegionFolders(Protocol):
    """The folders of regions' files; disk trouble comes out as `IngestFailed`."""

    def holds(self, region: RegionId, version: str) -> bool:
        """Whether the version's files are all there and undamaged."""
        ...

    def incoming(self, region: RegionId) -> AbstractContextManager[Path]:
        """A fresh folder that vanishes with the block; one ingest of a region at a time."""
        ...

    def keep(self, incoming: Path, region: RegionId, version: str) -> None:
        """Makes the folder's files durable and puts them where the version's are looked for."""
        ...

    def sweep(self, current: Mapping[RegionId, str]) -> None:
        """Removes what killed ingests left; `current` tells the versions that regions have."""
        ...

    def forget_all_but(self, region: RegionId, versions: Sequence[str]) -> None: ...
    def forget_old(self, region: RegionId, version: str) -> None:
        """Forgets all but this version and the newest other, which may still be mapped."""
        ...

    def files(self, region: RegionId, version: str) -> Sequence[str]:
        """The names of the version's files."""
        ...

    def parts(self, region: RegionId, version: str, name: str, size: int) -> Iterable[bytes]:
        """A file's content, so many bytes at a time."""
        ...


@dataclass(frozen=True, slots=True)
class RegionFile:
    """One file of a region's version, as it must arrive."""

    name: str
    size: int
    sha256: str


class RegionFiles(Protocol):
    """Regions' files for other machines, in parts, within one unit of work."""

    async def add_part(
        self, region: RegionId, version: str, name: str, number: int, data: bytes
    ) -> None: ...
    async def publish(self, region: RegionId, version: str, files: Sequence[RegionFile]) -> None:
        """Says that all parts of these are there."""
        ...

    async def published(self, region: RegionId, version: str) -> Sequence[RegionFile]:
        """The version's files by name; none before it is whole."""
        ...

    async def part(self, region: RegionId, version: str, name: str, number: int) -> bytes | None:
        """Parts are numbered from 0; None behind the last."""
        ...

    async def withdraw_all_but(self, region: RegionId, versions: Sequence[str]) -> None: ...
