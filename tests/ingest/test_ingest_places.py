"""A region is taken in whole or not at all, whatever happens on the way."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from solver.walk_graph import WalkGraph
from tests.data_folder import data_file
from tests.ingest.drawn_extracts import square, write_extract
from wildside.__main__ import main
from wildside.app_ingest import open_ingest
from wildside.app_storage import opened_storage
from wildside.app_walk import open_walks
from wildside.domain.errors import IngestFailed
from wildside.domain.extract import Extract
from wildside.domain.identifiers import RegionId, TraceId
from wildside.domain.route_request import RouteRequest
from wildside.outbound.region_folders import CONTENTS_FILE, DiskRegionFolders
from wildside.outbound.tiles.base_tiles import BaseTiles
from wildside.use_cases.ingest_places import IngestOrder, IngestOutcome, sweep_interrupted

NAME = "Royal Mile"
REGION = RegionId("royal-mile")


def unheard(step: str, share: float) -> None:
    """Nobody watches, but a share is a share."""
    assert step
    assert 0.0 <= share <= 1.0


async def ingest(folder: Path, extract: Path, name: str = NAME) -> IngestOutcome:
    """One ingest with the real adapters."""
    async with open_ingest(folder) as take_in:
        return await take_in(IngestOrder(extract, None, name), unheard)


def royal_mile() -> Path:
    """A small real extract."""
    return data_file("osm/edinburgh-royal-mile.osm.pbf")


def crossing(path: Path, longitude: float = 0.1) -> Path:
    """A drawn extract of one street and one memorial."""
    nodes = square(1, longitude, 0.1, 0.01)
    nodes[9] = (longitude + 0.005, 0.105, {"historic": "memorial", "name": "Stone"})
    return write_extract(path, nodes, {1: ((1, 2, 3), {"highway": "residential"})})


def content(folder: Path) -> dict[str, object]:
    """Everything a region is: rows and the bytes of its files."""
    with closing(sqlite3.connect(folder / "wildside.sqlite3")) as database:
        rows: dict[str, object] = {
            table: database.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in ("regions", "pois", "region_pois", "poi_interest_themes")
        }
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted((folder / "regions").rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }
    return rows | files


def wildside(
    folder: Path, *arguments: str | Path, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """The command as a person types it."""
    return subprocess.run(
        [sys.executable, "-m", "wildside", *map(str, arguments)],
        env={**os.environ, "WILDSIDE_DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        preexec_fn=before,
    )


async def test_an_extract_becomes_a_region_with_places_graph_and_map(tmp_path: Path) -> None:
    """All three are there, and the files open."""
    outcome = await ingest(tmp_path, royal_mile())
    assert outcome.changed
    folder = tmp_path / "regions" / REGION / outcome.region.version
    assert WalkGraph.open(folder / "graph.walk").edge_count > 100
    with BaseTiles(folder / "base.mbtiles") as tiles:
        assert tiles.read(15, 16094, 10211) is not None
    with closing(sqlite3.connect(tmp_path / "wildside.sqlite3")) as database:
        (places,) = database.execute("SELECT count(*) FROM pois WHERE is_present = 1").fetchone()
    assert places == outcome.region.place_count > 300


async def test_heights_come_from_a_folder_of_tiles_and_reach_the_walk(tmp_path: Path) -> None:
    """Another folder of tiles is another version; a walk on it tells how much it climbs."""
    plain = await ingest(tmp_path, royal_mile())
    async with open_ingest(tmp_path, data_file("elevation")) as take_in:
        hilly = await take_in(IngestOrder(royal_mile(), None, NAME), unheard)
    assert hilly.region.version != plain.region.version
    path = tmp_path / "regions" / REGION / hilly.region.version / "graph.walk"
    assert WalkGraph.open(path).has_heights
    async with open_walks(tmp_path) as walks:

        async def on_progress(percent: int) -> None:
            assert 0 <= percent <= 100

        wish = RouteRequest(hilly.region.centre, 45)
        found = await walks.find(wish, trace_id=TraceId("t"), on_progress=on_progress)
    climbed = found.walk.summary.ascent_metres
    assert climbed is not None
    assert climbed > 5


@pytest.mark.parametrize("content", [None, b"", b"no square of heights"])
def test_heights_that_cannot_be_read_are_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    """No such folder, or a tile that is none: the name is told and no region is made."""
    tiles = tmp_path / "tiles"
    if content is not None:
        tiles.mkdir()
        (tiles / "N55W004.hgt").write_bytes(content)
    data = tmp_path / "data"
    arguments = ["--data-dir", str(data), "--elevation", str(tiles)]
    assert main(["ingest-osm", str(royal_mile()), *arguments]) == 1
    lines = [line for line in capsys.readouterr().err.splitlines() if not line.endswith("…")]
    assert len(lines) == 1
    assert str(tiles) in lines[0]
    assert not list(data.glob("regions/*/*/graph.walk"))


async def test_the_second_run_on_the_same_file_changes_nothing(tmp_path: Path) -> None:
    """Not a row, not a byte; another file of the same bytes is the same file."""
    first = await ingest(tmp_path, royal_mile())
    before = content(tmp_path)
    copy = tmp_path / "copy.osm.pbf"
    shutil.copy(royal_mile(), copy)
    second = await ingest(tmp_path, copy)
    assert (second.changed, second.region) == (False, first.region)
    assert content(tmp_path) == before


async def test_pbf_gz_and_bz2_make_the_same_region(tmp_path: Path) -> None:
    """Three files of one content: the same places, the same graph to the byte, the same tiles."""
    made = []
    for ending in ("pbf", "gz", "bz2"):
        folder = tmp_path / ending
        outcome = await ingest(folder, data_file(f"osm/edinburgh-royal-mile.osm.{ending}"))
        files = folder / "regions" / REGION / outcome.region.version
        with closing(sqlite3.connect(files / "base.mbtiles")) as tiles:
            drawn = tiles.execute("SELECT * FROM tiles ORDER BY 1, 2, 3").fetchall()
        places = [row[:-2] for row in content(folder)["pois"]]  # type: ignore[attr-defined]
        made.append(((files / "graph.walk").read_bytes(), drawn, places))
    assert made[0] == made[1] == made[2]


def flip(path: Path) -> None:
    """One byte in the middle is another, and nothing else tells of it."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "lost": shutil.rmtree,
    "flipped graph": lambda folder: flip(folder / "graph.walk"),
    "flipped map": lambda folder: flip(folder / "base.mbtiles"),
    "short graph": lambda folder: os.truncate(folder / "graph.walk", 1000),
    "empty calendar": lambda folder: os.truncate(folder / "calendar.json", 0),
    "no map": lambda folder: (folder / "base.mbtiles").unlink(),
    "no list": lambda folder: (folder / CONTENTS_FILE).unlink(),
    "nonsense list": lambda folder: (folder / CONTENTS_FILE).write_text("[1]"),
}


async def test_damaged_files_are_made_again(tmp_path: Path) -> None:
    """The table says current, the files say otherwise: the same file taken in again mends the region."""
    outcome = await ingest(tmp_path, crossing(tmp_path / "x.osm.pbf"))
    folder = tmp_path / "regions" / REGION / outcome.region.version
    graph = (folder / "graph.walk").read_bytes()
    for name, damage in DAMAGES.items():
        damage(folder)
        again = await ingest(tmp_path, tmp_path / "x.osm.pbf")
        assert (again.changed, again.was_damaged) == (True, True), name
        assert (folder / "graph.walk").read_bytes() == graph
        with BaseTiles(folder / "base.mbtiles") as tiles:
            assert tiles.read(0, 0, 0) is None
        assert not list((tmp_path / "regions").glob(".incoming/*/"))
    assert not (await ingest(tmp_path, tmp_path / "x.osm.pbf")).changed


def test_files_are_read_through_once_and_again_when_touched(tmp_path: Path) -> None:
    """A server that asks every two seconds reads times and sizes; a damage by its own hands is seen."""
    folders = DiskRegionFolders(tmp_path)
    with folders.incoming(REGION) as incoming:
        (incoming / "graph.walk").write_bytes(b"edges")
        folders.keep(incoming, REGION, "1")
    assert folders.holds(REGION, "1")
    flip(folders.folder(REGION, "1") / "graph.walk")
    assert not folders.holds(REGION, "1")
    assert not DiskRegionFolders(tmp_path).holds(REGION, "1")


async def test_a_newer_extract_replaces_the_places_and_keeps_one_version_back(
    tmp_path: Path,
) -> None:
    """Walks under way end on the version before; the one before that is let go."""
    versions = []
    for number in range(3):
        path = crossing(tmp_path / f"{number}.osm.pbf", 0.1 + number / 100)
        versions.append((await ingest(tmp_path, path)).region.version)
    kept = {path.name for path in (tmp_path / "regions" / REGION).iterdir() if path.is_dir()}
    assert kept == set(versions[1:])


async def test_a_failing_step_leaves_the_region_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The base map fails after graph and places: nothing of the new version is seen."""
    await ingest(tmp_path, crossing(tmp_path / "x.osm.pbf"))
    before = content(tmp_path)

    def fail(_self: object, _extract: Extract, target: Path, _progress: object) -> None:
        target.write_text("half a map")
        raise IngestFailed("out of ink")

    monkeypatch.setattr("wildside.outbound.tiles.base_map.TippecanoeBaseMap.build", fail)
    with pytest.raises(IngestFailed, match="out of ink"):
        await ingest(tmp_path, crossing(tmp_path / "y.osm.pbf", 0.2))
    assert content(tmp_path) == before


async def test_a_database_that_fails_at_the_end_leaves_the_region_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files are in place already, but no region points at them; the next run takes them over."""
    first = await ingest(tmp_path, crossing(tmp_path / "x.osm.pbf"))

    async def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    catalogue = "wildside.outbound.persistence.sqlite.catalogue.SqliteCatalogue.replace_region"
    with monkeypatch.context() as broken:
        broken.setattr(catalogue, fail)
        with pytest.raises(IngestFailed, match="No space left"):
            await ingest(tmp_path, crossing(tmp_path / "y.osm.pbf", 0.2))
    async with open_ingest(tmp_path) as take_in:
        same = await take_in(IngestOrder(tmp_path / "x.osm.pbf", None, NAME), unheard)
        assert (same.changed, same.region) == (False, first.region)
        assert (await take_in(IngestOrder(tmp_path / "y.osm.pbf", None, NAME), unheard)).changed


def test_two_ingests_of_one_region_do_not_mix(tmp_path: Path) -> None:
    """The second is told at once; other regions are free."""
    folders = DiskRegionFolders(tmp_path)
    with folders.incoming(REGION):
        with pytest.raises(IngestFailed, match="under way"), folders.incoming(REGION):
            pytest.fail("two at once")
        with folders.incoming(RegionId("elsewhere")) as other:
            assert other.is_dir()


async def test_what_a_killed_ingest_left_is_swept(tmp_path: Path) -> None:
    """Kill -9 runs no clean-up; the next ingest does it, of whichever region, but lets a running one be."""
    left = tmp_path / "regions" / ".incoming" / f"{REGION}.abc"
    left.mkdir(parents=True)
    (left / "graph.walk").write_text("half")
    left.with_name(f"{REGION}.lock").touch()
    with DiskRegionFolders(tmp_path).incoming(RegionId("elsewhere")) as running:
        await ingest(tmp_path, crossing(tmp_path / "x.osm.pbf"), "Third")
        assert not left.exists()
        assert running.is_dir()
    assert not running.exists()


async def test_files_that_became_no_region_are_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the files and the commit: neither version nor folder is left; what the region has stays."""
    first = await ingest(tmp_path, crossing(tmp_path / "x.osm.pbf"))

    async def die(*_: object) -> None:
        raise SystemExit

    catalogue = "wildside.outbound.persistence.sqlite.catalogue.SqliteCatalogue.replace_region"
    for name in (NAME, "Elsewhere"):
        with monkeypatch.context() as killed:
            killed.setattr(catalogue, die)
            with pytest.raises(SystemExit):
                await ingest(tmp_path, crossing(tmp_path / "y.osm.pbf", 0.2), name)
    regions = tmp_path / "regions"
    # The second of them has swept what the first left.
    assert sorted(path.parent.name for path in regions.glob("[!.]*/*")) == ["elsewhere", REGION]
    async with opened_storage(tmp_path) as storage:
        await sweep_interrupted(storage, DiskRegionFolders(tmp_path))
    assert [path.name for path in regions.glob("[!.]*")] == [REGION]
    assert [path.name for path in (regions / REGION).iterdir()] == [first.region.version]
    assert not (await ingest(tmp_path, tmp_path / "x.osm.pbf")).changed


def test_an_ingest_that_fails_leaves_no_folder_of_a_region(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """There was no such region before, and there is none afterwards."""
    streets = {1: ((1, 2, 3), {"highway": "motorway"})}
    path = write_extract(tmp_path / "x.osm.pbf", square(1, 0.1, 0.1, 0.1), streets)
    assert main(["ingest-osm", str(path), "--data-dir", str(tmp_path)]) == 1
    assert "no footpath" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "regions").iterdir()] == [".incoming"]
    assert [path.name for path in (tmp_path / "regions" / ".incoming").iterdir()] == ["x.lock"]


@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_ingest_leaves_the_region_as_it_was(
    tmp_path: Path, word: signal.Signals
) -> None:
    """Ctrl-C and kill -9 while the new version is being built."""
    assert (
        wildside(
            tmp_path, "ingest-osm", crossing(tmp_path / "x.osm.pbf"), "--name", NAME
        ).returncode
        == 0
    )
    before = content(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-m", "wildside", "ingest-osm", str(royal_mile()), "--name", NAME],
        env={**os.environ, "WILDSIDE_DATA_DIR": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("Finding places"):
            process.send_signal(word)
            break
    last_words = process.stderr.read().strip()
    code = process.wait(30)
    process.stderr.close()
    if word == signal.SIGINT:
        assert code == 1
        assert (
            last_words.splitlines()[-1]
            == "wildside ingest-osm: interrupted; the region is as it was"
        )
    after = {name: value for name, value in content(tmp_path).items() if ".incoming" not in name}
    assert after == before
    again = wildside(tmp_path, "ingest-osm", royal_mile(), "--name", NAME)
    assert again.returncode == 0, again.stderr
    assert not list((tmp_path / "regions").glob(".incoming/*/"))


def bad_inputs(folder: Path) -> Iterator[tuple[list[str | Path], str]]:
    """Command lines that cannot work, and what they are told."""
    whole = royal_mile().read_bytes()
    (folder / "half.osm.pbf").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.osm.pbf").touch()
    (folder / "letter.osm.pbf").write_text("Dear Sir or Madam,\n" * 50)
    write_extract(
        folder / "rivers.osm.pbf", square(1, 0.1, 0.1, 0.1), {1: ((1, 2), {"waterway": "river"})}
    )
    write_extract(
        folder / "motorway.osm.pbf",
        square(1, 0.1, 0.1, 0.1),
        {1: ((1, 2, 3), {"highway": "motorway"})},
    )
    yield [folder / "half.osm.pbf"], "may be cut short or damaged: download it again"
    yield [folder / "empty.osm.pbf"], "is empty: download it again"
    yield [folder / "letter.osm.pbf"], "cannot be read"
    yield [folder / "absent.osm.pbf"], "not a file that is there; name an extract that ends in"
    yield [folder], "is a folder, not a file"
    yield [folder / "rivers.osm.pbf"], "nothing to walk on. Take another extract"
    yield [folder / "motorway.osm.pbf"], "no footpath"
    yield [royal_mile(), "--area", folder / "absent.geojson"], "No such file"
    yield [royal_mile(), "--name", "…"], "no letter a–z or digit: give the region another --name"
    yield [royal_mile(), "--elevation", folder / "none"], "none: No such file or directory"
    yield [royal_mile(), "--elevation", folder], "there is no elevation tile in"


def test_bad_input_is_told_in_one_line_and_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing is lost of what was there."""
    data = tmp_path / "data"
    assert main(["ingest-osm", str(crossing(tmp_path / "x.osm.pbf")), "--data-dir", str(data)]) == 0
    capsys.readouterr()
    before = content(data)
    for arguments, complaint in bad_inputs(tmp_path):
        code = main(["ingest-osm", *map(str, arguments), "--data-dir", str(data)])
        told = capsys.readouterr()
        lines = [line for line in told.err.splitlines() if not line.endswith("…")]
        assert code == 1, arguments
        assert len(lines) == 1, told.err
        assert lines[0].startswith("wildside ingest-osm: ")
        assert complaint in lines[0]
        assert told.out == ""
    assert content(data) == before


def test_wrong_usage_is_exit_code_2(tmp_path: Path) -> None:
    """No file named, or a flag that does not exist."""
    for arguments in ([], ["x.pbf", "--nonsense"], ["x.pbf", "y.pbf"]):
        with pytest.raises(SystemExit) as ended:
            main(["ingest-osm", *arguments, "--data-dir", str(tmp_path)])
        assert ended.value.code == 2


def test_a_data_folder_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    """A file stands where the folder should be: as good as read-only, for root too."""
    (tmp_path / "data").write_text("in the way")
    told = wildside(tmp_path / "data", "ingest-osm", crossing(tmp_path / "x.osm.pbf"))
    assert told.returncode == 1
    assert len(told.stderr.strip().splitlines()) == 1, told.stderr


@pytest.mark.parametrize("options", ["ro", "rw"])
def test_a_full_or_read_only_disk_is_told_and_loses_nothing(tmp_path: Path, options: str) -> None:
    """A real little file system, full in the middle of the ingest or never writable."""
    data = tmp_path / "data"
    data.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(data)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        # Only root may mount, and not in every container: the limit on file sizes stands in for a full disk.
        limit_stands_in(tmp_path)
        return
    try:
        assert (
            wildside(
                data, "ingest-osm", crossing(tmp_path / "x.osm.pbf"), "--name", NAME
            ).returncode
            == 0
        )
        before = content(data)
        subprocess.run(["mount", "-o", f"remount,{options}", str(data)], check=True)
        if options != "ro":
            free = os.statvfs(data)
            (data / "ballast").write_bytes(bytes(max(0, free.f_bavail * free.f_frsize - 100_000)))
        told = wildside(data, "ingest-osm", royal_mile(), "--name", NAME)
        lines = [line for line in told.stderr.splitlines() if not line.endswith("…")]
        assert told.returncode == 1, told.stderr
        assert len(lines) == 1, told.stderr
        subprocess.run(["mount", "-o", "remount,rw", str(data)], check=True)
        (data / "ballast").unlink(missing_ok=True)
        after = content(data)
    finally:
        subprocess.run(["umount", "-l", str(data)], check=False)
    assert after == before


def limit_stands_in(tmp_path: Path) -> None:
    """No file may grow past 100 kB: the graph cannot be written."""
    data = tmp_path / "limited"
    assert (
        wildside(data, "ingest-osm", crossing(tmp_path / "x.osm.pbf"), "--name", NAME).returncode
        == 0
    )
    before = content(data)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    told = wildside(data, "ingest-osm", royal_mile(), "--name", NAME, before=limit)
    assert told.returncode == 1, told.stderr
    assert content(data) == before


def test_no_file_may_grow_past_its_limit(tmp_path: Path) -> None:
    """A quota on file sizes ends an ingest as cleanly as a full disk."""
    limit_stands_in(tmp_path)


async def test_a_reader_sees_the_old_region_until_the_new_one_is_whole(tmp_path: Path) -> None:
    """Places are counted over and over while a new version comes in: old or new, never between."""
    await ingest(tmp_path, crossing(tmp_path / "x.osm.pbf"))
    seen: set[int] = set()
    stop = threading.Event()

    def look() -> None:
        with closing(sqlite3.connect(tmp_path / "wildside.sqlite3")) as database:
            while not stop.is_set():
                (count,) = database.execute(
                    "SELECT count(*) FROM region_pois WHERE region_id = ?", (REGION,)
                ).fetchone()
                seen.add(count)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        outcome = await ingest(tmp_path, royal_mile())
    finally:
        stop.set()
        watcher.join()
    assert seen <= {1, outcome.region.place_count}
