"""Brings the files of regions to every machine: published by who ingests, fetched by who serves."""

from __future__ import annotations

import hashlib
from pathlib import Path

from wildside.domain.catalogue import Region
from wildside.domain.errors import IngestFailed
from wildside.domain.identifiers import RegionId
from wildside.ports import RegionFile, RegionFolders, Storage

PART_BYTES = 1024 * 1024  # one statement's worth: a city's files are some tens of them


async def publish_region(
    storage: Storage, folders: RegionFolders, region: RegionId, version: str, current: str | None
) -> None:
    """Puts a version's files into storage, whole before anybody can find them.

    The version before stays: somebody may be fetching it.
    """
    files = []
    for name in folders.files(region, version):
        digest, size, number = hashlib.sha256(), 0, 0
        for part in folders.parts(region, version, name, PART_BYTES):
            async with storage.write() as work:
                await work.region_files.add_part(region, version, name, number, part)
            digest.update(part)
            size, number = size + len(part), number + 1
        files.append(RegionFile(name, size, digest.hexdigest()))
    kept = [version] if current is None else [version, current]
    async with storage.write() as work:
        await work.region_files.publish(region, version, files)
        await work.region_files.withdraw_all_but(region, kept)


async def fetch_regions(storage: Storage, folders: RegionFolders) -> int:
    """Fetches what this machine lacks of the current regions; says how many it fetched.

    Written aside, checked against what was published and moved into place at once: a version that
    was fetched by half is never there. Raises IngestFailed where a file is not what it should be.
    """
    async with storage.read() as work:
        regions = await work.catalogue.regions()
    fetched = 0
    for region in regions:
        if folders.holds(region.id, region.version):
            continue
        async with storage.read() as work:
            files = await work.region_files.published(region.id, region.version)
        if not files:
            continue
        with folders.incoming(region.id) as incoming:
            for file in files:
                await _fetch(storage, region, file, incoming / file.name)
            folders.keep(incoming, region.id, region.version)
        folders.forget_old(region.id, region.version)
        fetched += 1
    return fetched


async def _fetch(storage: Storage, region: Region, file: RegionFile, target: Path) -> None:
    digest, size, number = hashlib.sha256(), 0, 0
    with target.open("wb") as sink:
        while size < file.size:
            async with storage.read() as work:
                part = await work.region_files.part(region.id, region.version, file.name, number)
            if not part:
                break
            sink.write(part)
            digest.update(part)
            size, number = size + len(part), number + 1
    if size != file.size or digest.hexdigest() != file.sha256:
        raise IngestFailed(f"{file.name} of {region.id} arrived damaged: it is not used")
