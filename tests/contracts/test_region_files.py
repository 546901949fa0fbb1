"""Regions' files in storage, and how they come from one machine to another."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.town import MURALS, NOON, PUBS, TOWN, a_place
from wildside.domain.errors import IngestFailed
from wildside.domain.identifiers import RegionId
from wildside.outbound.region_folders import DiskRegionFolders
from wildside.ports import RegionFile, Storage
from wildside.use_cases.share_regions import PART_BYTES, fetch_regions, publish_region

GRAPH = bytes(range(256)) * (PART_BYTES // 100)  # two parts and a bit
FILES = {"graph.walk": GRAPH, "base.mbtiles": b"tiles", "empty": b""}


def a_machine(folder: Path) -> DiskRegionFolders:
    folder.mkdir()
    return DiskRegionFolders(folder)


def take_in(machine: DiskRegionFolders, version: str) -> None:
    """What an ingest leaves on the disk."""
    with machine.incoming(TOWN.id) as incoming:
        for name, content in FILES.items():
            (incoming / name).write_bytes(content)
        machine.keep(incoming, TOWN.id, version)


async def make_current(storage: Storage, version: str) -> None:
    async with storage.write() as work:
        await work.catalogue.put_themes((PUBS, MURALS))
        region = replace(TOWN, version=version)
        await work.catalogue.replace_region(region, [a_place(1)], NOON)


async def ingest(storage: Storage, machine: DiskRegionFolders, version: str) -> None:
    take_in(machine, version)
    await publish_region(storage, machine, TOWN.id, version, None)
    await make_current(storage, version)


def content(machine: DiskRegionFolders, version: str) -> dict[str, bytes]:
    folder = machine.folder(TOWN.id, version)
    return {name: (folder / name).read_bytes() for name in machine.files(TOWN.id, version)}


async def test_a_version_is_not_there_before_it_is_whole(storage: Storage) -> None:
    """Parts alone are nothing; every file says its size and its checksum."""
    region, file = RegionId("town"), RegionFile("a", 3, "0" * 64)
    async with storage.write() as work:
        await work.region_files.add_part(region, "1", "a", 0, b"abc")
        assert await work.region_files.published(region, "1") == []
        await work.region_files.publish(region, "1", [file])
    async with storage.read() as work:
        assert await work.region_files.published(region, "1") == [file]
        assert await work.region_files.part(region, "1", "a", 0) == b"abc"
        assert await work.region_files.part(region, "1", "a", 1) is None
    async with storage.write() as work:
        await work.region_files.withdraw_all_but(region, ["2"])
        assert await work.region_files.published(region, "1") == []
        assert await work.region_files.part(region, "1", "a", 0) is None


async def test_what_one_machine_takes_in_another_fetches(storage: Storage, tmp_path: Path) -> None:
    """Byte for byte, once; the machine that ingested fetches nothing."""
    here, there = a_machine(tmp_path / "here"), a_machine(tmp_path / "there")
    await ingest(storage, here, "1")
    assert await fetch_regions(storage, here) == 0
    assert await fetch_regions(storage, there) == 1
    assert content(there, "1") == FILES
    assert await fetch_regions(storage, there) == 0


async def test_the_version_before_stays_and_older_ones_go(storage: Storage, tmp_path: Path) -> None:
    """A walk under way may still be mapping it."""
    here, there = a_machine(tmp_path / "here"), a_machine(tmp_path / "there")
    for version in ("1", "2", "3"):
        await ingest(storage, here, version)
        await fetch_regions(storage, there)
    kept = sorted(path.name for path in there.folder(TOWN.id, "3").parent.glob("[!.]*"))
    assert kept == ["2", "3"]


async def test_a_damaged_file_is_not_used(storage: Storage, tmp_path: Path) -> None:
    """Neither a changed byte nor a missing part comes through; nothing half lies about."""
    here, there = a_machine(tmp_path / "here"), a_machine(tmp_path / "there")
    await ingest(storage, here, "1")
    async with storage.write() as work:
        await work.region_files.add_part(TOWN.id, "1", "graph.walk", 1, b"x" * PART_BYTES)
    with pytest.raises(IngestFailed, match="damaged"):
        await fetch_regions(storage, there)
    async with storage.write() as work:
        await work.region_files.add_part(TOWN.id, "1", "graph.walk", 1, b"")
    with pytest.raises(IngestFailed, match="damaged"):
        await fetch_regions(storage, there)
    assert not there.holds(TOWN.id, "1")
    assert list((tmp_path / "there" / "regions").glob("[!.]*")) == []
    assert [path.name for path in (tmp_path / "there/regions/.incoming").iterdir()] == ["town.lock"]


async def test_a_region_nobody_published_is_waited_for(storage: Storage, tmp_path: Path) -> None:
    """Its files are brought some other way, such as a shared folder."""
    there = a_machine(tmp_path / "there")
    await make_current(storage, "1")
    assert await fetch_regions(storage, there) == 0
    assert not there.holds(TOWN.id, "1")
