"""`wildside walk` says plainly what it found, and of what it did not find what, why and what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from tests.ingest.drawn_extracts import square, write_extract
from wildside.__main__ import main
from wildside.app_ingest import open_ingest
from wildside.use_cases.ingest_places import IngestOrder

HERE = "--from=0.1,0.1"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drawn crossing with one memorial, taken in, and a street of its own far away."""
    folder = tmp_path_factory.mktemp("walks")
    nodes = square(1, 0.1, 0.1, 0.01) | square(11, 0.13, 0.13, 0.001)
    nodes[9] = (0.105, 0.101, {"historic": "memorial", "name": "Stone"})
    streets = {
        1: ((1, 2, 3), {"highway": "residential"}),
        2: ((11, 12, 13), {"highway": "residential"}),
    }
    extract = write_extract(folder / "crossing.osm.pbf", nodes, streets)

    async def ingest() -> None:
        async with open_ingest(folder / "data") as take_in:
            await take_in(IngestOrder(extract), lambda _step, _share: None)

    trio.run(ingest)
    return folder / "data"


def walk(data: Path, *arguments: str) -> int:
    """The command as a person types it; its exit code."""
    try:
        return main(["walk", *arguments, "--data-dir", str(data)])
    except SystemExit as ended:
        return int(ended.code or 0)


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ([], 2, "--from LAT,LON is needed"),
        (["--from=here"], 2, "'here' is not LAT,LON in degrees"),
        ([HERE, "--minutes=3"], 2, "'3' is no number of minutes from 15 to 180"),
        ([HERE, "--minutes=abc"], 2, "'abc' is no number of minutes from 15 to 180"),
        ([HERE, "--popularity=nan"], 2, "'nan' is no number from 0 to 1"),
        ([HERE, "--popularity=much"], 2, "'much' is no number from 0 to 1"),
        ([HERE, "--depart-at=2026-05-04T15:00"], 2, "is no time with a zone"),
        ([HERE, "--out=walk.pdf"], 2, "must end in .gpx or .geojson or .svg"),
        ([HERE, "--out=/nowhere/at/all/walk.svg"], 2, "no folder '/nowhere/at/all' to write into"),
        (
            [HERE, "--themes=nonsense"],
            2,
            "no theme begins with 'nonsense'; `wildside walk --themes",
        ),
        ([HERE, "--themes=historic"], 2, "may be Historic pubs or Historic streets and squares"),
        (["--from=50,50"], 1, "no footpath of a known region (Crossing) lies within 500 m"),
        (["--from=50,50"], 1, "Take in an extract that covers the walk: wildside ingest-osm FILE"),
        ([HERE, "--to=50,50"], 1, "footpaths within 500 m of both the start and the end"),
        ([HERE, "--to=0.13,0.13"], 1, "no footpath near the end can be walked to from the start."),
        (
            [HERE, "--to=0.11,0.11", "--minutes=15"],
            1,
            "Give more --minutes, up to 180, or a nearer",
        ),
        (
            [HERE, "--themes=coffee,gardens"],
            1,
            "nothing to see for Gardens, Coffee that a walk of 60",
        ),
        (
            [HERE, "--themes=coffee,gardens"],
            1,
            "Try more --minutes, more --themes or another --from",
        ),
    ],
)
def test_what_cannot_be_had_is_told_with_what_to_do(
    data: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, told: str
) -> None:
    """One sentence on stderr behind the usage, nothing on stdout; 2 for wrong usage, 1 for no walk."""
    assert walk(data, *arguments) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    last = captured.err.splitlines()[-1]
    assert last.startswith("wildside walk: ")
    assert told in last


def test_a_walk_without_a_stop_is_still_the_way_to_the_end(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody who wants to get somewhere is shown how, and told that there is little to see."""
    assert walk(data, HERE, "--to=0.103,0.11", "--themes=coffee") == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "minutes without a stop" in told
    assert "no stop," in told
    assert "There is little to see for these interests around here." in told


def test_a_walk_with_one_stop_says_so(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One stop, not one stops; nothing on stderr where nobody watches."""
    assert walk(data, HERE) == 0
    captured = capsys.readouterr()
    assert " 1 stop, " in captured.out
    assert captured.err == ""


def test_themes_can_be_listed_from_nowhere(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who wants to know what can be liked need not say where they are."""
    assert walk(data, "--themes", "help") == 0
    assert "Street art" in capsys.readouterr().out


def test_a_file_that_cannot_be_written_costs_the_file_only(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The walk is printed; the sentence names the file, the reason and the way out."""
    target = tmp_path / "full.gpx"
    target.symlink_to("/dev/full")
    assert walk(data, HERE, "--out", str(target)) == 1
    captured = capsys.readouterr()
    assert "Stone" in captured.out
    assert captured.err == (
        f"wildside walk: {target} cannot be written: No space left on device. Name another --out\n"
    )


def cut_tiles(folder: Path) -> None:
    """Every page of the map's tiles but the first is noise."""
    path = folder / "base.mbtiles"
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))


@pytest.mark.parametrize(
    ("damage", "arguments"),
    [
        (lambda folder: (folder / "graph.walk").write_bytes(b"?"), []),
        (lambda folder: (folder / "base.mbtiles").unlink(), ["--out=walk.svg"]),
        (cut_tiles, ["--out=walk.svg"]),
    ],
)
def test_a_damaged_map_says_how_to_mend_it(
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    damage: Callable[[Path], object],
    arguments: list[str],
) -> None:
    """The graph or the base map: take it in again."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(data, tmp_path / "data")
    (folder,) = (tmp_path / "data" / "regions").glob("crossing/*")
    damage(folder)
    assert walk(tmp_path / "data", HERE, *arguments) == 1
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1
    assert "in again with `wildside ingest-osm`" in told
    assert not (tmp_path / "walk.svg").exists()


def test_no_map_at_all_says_what_to_do_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty data folder, and a database without a region."""
    assert walk(tmp_path / "empty", HERE) == 1
    assert "run `wildside ingest-osm FILE` first" in capsys.readouterr().err
    assert main(["migrate", "--data-dir", str(tmp_path / "new"), "up"]) == 0
    capsys.readouterr()
    assert walk(tmp_path / "new", HERE) == 1
    assert "no region has been taken in yet. Take in an extract" in capsys.readouterr().err
