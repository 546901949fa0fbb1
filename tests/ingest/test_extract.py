"""Extracts are looked through once, and bad ones told in one line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.data_folder import data_file
from tests.ingest.drawn_extracts import square, write_extract
from wildside.domain.errors import IngestFailed, Invalid
from wildside.domain.extract import Extract, name_of_extract, region_id_of, region_version
from wildside.domain.geography import BoundingBox
from wildside.domain.identifiers import RegionId
from wildside.outbound.osm.extract import open_extract

STREET = {"highway": "residential"}


def test_an_extract_tells_its_date_frame_and_the_bounds_of_its_streets() -> None:
    """Monaco's frame holds thirty kilometres of sea; its streets do not."""
    extract = open_extract(data_file("osm/monaco-2025-01.osm.pbf"))
    assert extract.data_timestamp == datetime(2025, 1, 1, 21, 21, tzinfo=UTC)
    assert extract.frame is not None
    assert extract.frame.south < 43.5
    assert extract.bounds.south > 43.7
    assert len(extract.digest) == 64


def test_a_silent_header_is_no_obstacle(tmp_path: Path) -> None:
    """Small tools write neither date nor box."""
    path = write_extract(
        tmp_path / "x.osm.pbf", square(1, 0.1, 0.2, 0.01), {1: ((1, 2, 3), STREET)}
    )
    extract = open_extract(path)
    assert (extract.frame, extract.data_timestamp) == (None, None)
    assert extract.bounds == BoundingBox(0.1, 0.2, 0.11, 0.21)


def broken(folder: Path, fault: str) -> Path:
    """A file with one fault."""
    whole = write_extract(
        folder / "whole.osm.pbf", square(1, 0.1, 0.1, 0.01), {1: ((1, 2, 3), STREET)}
    )
    path = folder / "broken.osm.pbf"
    match fault:
        case "missing":
            return path
        case "folder":
            path.mkdir()
        case "empty":
            path.touch()
        case "truncated":
            content = whole.read_bytes()
            path.write_bytes(content[: len(content) // 2])
        case "text":
            path.write_text("Dear Sir or Madam,\n" * 50)
        case "format":
            path = folder / "broken.docx"
            path.write_bytes(whole.read_bytes())
        case "no street":
            write_extract(path, square(1, 0.1, 0.1, 0.01), {1: ((1, 2), {"waterway": "river"})})
    return path


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("missing", "not a file"),
        ("folder", "is a folder"),
        ("empty", "is empty"),
        ("truncated", "cannot be read as OpenStreetMap data"),
        ("text", "cannot be read as OpenStreetMap data"),
        ("format", "would end in"),
        ("no street", "nothing to walk on"),
    ],
)
def test_a_bad_file_is_told_in_one_line(tmp_path: Path, fault: str, complaint: str) -> None:
    """The file's name and what is wrong with it."""
    path = broken(tmp_path, fault)
    with pytest.raises(IngestFailed, match=complaint) as caught:
        open_extract(path)
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("ending", ["gz", "bz2"])
def test_a_truncated_archive_is_told_like_any_other(tmp_path: Path, ending: str) -> None:
    """Half a gzip or bzip2 stream."""
    content = data_file(f"osm/edinburgh-royal-mile.osm.{ending}").read_bytes()
    path = tmp_path / f"half.osm.{ending}"
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(IngestFailed, match="cannot be read"):
        open_extract(path)


@pytest.mark.parametrize(
    ("file", "name", "region"),
    [
        ("edinburgh-centre-2025-06.osm.pbf", "Edinburgh Centre", "edinburgh-centre"),
        ("monaco-latest.osm.pbf", "Monaco", "monaco"),
        ("liechtenstein-2013-08-03.osm.bz2", "Liechtenstein", "liechtenstein"),
        ("Porto.pbf", "Porto", "porto"),
        ("são_joão.osm.gz", "São João", "sao-joao"),
    ],
)
def test_a_region_is_named_after_its_file(file: str, name: str, region: str) -> None:
    """Dates and endings are left out; the id is what a folder and an address may carry."""
    assert name_of_extract(Path("/x") / file) == name
    assert region_id_of(name) == region


@pytest.mark.parametrize("name", ["", "  ", "…", "東京"])
def test_a_name_without_a_plain_letter_makes_no_folder(name: str) -> None:
    """Better refused than a folder called nothing."""
    with pytest.raises(Invalid, match="letter"):
        region_id_of(name)


def test_the_version_changes_with_everything_it_is_made_from() -> None:
    """Extract, region, name, themes and formats: each has its say, nothing else does."""
    extract = Extract(Path("x"), "a" * 64, BoundingBox(0, 0, 1, 1))
    versions = {
        region_version(extract, RegionId("r"), "R", "t", (1, 2)),
        region_version(extract, RegionId("s"), "R", "t", (1, 2)),
        region_version(extract, RegionId("r"), "S", "t", (1, 2)),
        region_version(extract, RegionId("r"), "R", "u", (1, 2)),
        region_version(extract, RegionId("r"), "R", "t", (1, 3)),
        region_version(
            Extract(Path("x"), "b" * 64, BoundingBox(0, 0, 1, 1)), RegionId("r"), "R", "t", (1, 2)
        ),
    }
    assert len(versions) == 6
    moved = Extract(Path("elsewhere"), "a" * 64, BoundingBox(0, 0, 2, 2))
    assert region_version(moved, RegionId("r"), "R", "t", (1, 2)) in versions
