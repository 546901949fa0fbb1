"""The demo finds something to show: the given file, the downloaded city, or the invented town."""

import argparse
import os
import socket
from pathlib import Path

import pytest

from tests.data_folder import data_file
from tests.ingest.misbehaving_mirror import Mirror, serving
from wildside.app_demo import demo_ground
from wildside.inbound.cli import demo
from wildside.inbound.cli.ingest_osm import progress_bar
from wildside.outbound.sample_town.sights import TOWN_NAME

AREA = """{"type": "Polygon", "coordinates":
 [[[-3.21, 55.94], [-3.17, 55.94], [-3.17, 55.96], [-3.21, 55.96], [-3.21, 55.94]]]}"""


def conf(folder: Path, address: str) -> Path:
    """A conf folder that names a city at an address."""
    folder.mkdir()
    (folder / "areas").mkdir()
    (folder / "areas" / "city.geojson").write_text(AREA, encoding="utf-8")
    (folder / "demo.toml").write_text(
        f'[download]\nname = "City"\naddress = "{address}"\narea = "areas/city.geojson"\n'
        "silence_seconds = 2\ndeadline_seconds = 20\n",
        encoding="utf-8",
    )
    return folder


def asked(extract: Path | None = None) -> argparse.Namespace:
    """The command's arguments."""
    return argparse.Namespace(extract=extract)


async def test_a_given_extract_is_shown(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """`make demo EXTRACT=…` asks no network."""
    ground = demo_ground(tmp_path / "data", conf(tmp_path / "conf", "http://127.0.0.1:1/x"))
    extract = data_file("osm/edinburgh-royal-mile.osm.pbf")
    assert await demo.prepare(asked(extract), tmp_path / "data", ground) == 0
    assert "Edinburgh Royal Mile is ready" in capfd.readouterr().err


async def test_the_city_is_downloaded_once_and_its_digest_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The second start finds it there and changes nothing."""
    content = data_file("osm/edinburgh-royal-mile.osm.pbf").read_bytes()
    with serving(Mirror(content)) as mirror:
        ground = demo_ground(tmp_path / "data", conf(tmp_path / "conf", mirror.address))
        assert await demo.prepare(asked(), tmp_path / "data", ground) == 0
        told = capfd.readouterr().err
        assert "City is ready" in told
        assert "sha256 062c26820f5ff7f900e0fb08375146d0c6e74bcdf8e39436766ac925d243a767" in told
        assert await demo.prepare(asked(), tmp_path / "data", ground) == 0
    assert "City is up to date" in capfd.readouterr().err
    assert len(mirror.ranges) == 1


async def test_without_a_network_the_town_is_shown_and_the_network_not_asked_again(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """One line says so; the second start does not wait for an answer that will not come."""
    with serving(Mirror(b"", faults=["404"])) as mirror:
        ground = demo_ground(tmp_path / "data", conf(tmp_path / "conf", mirror.address))
        assert await demo.prepare(asked(), tmp_path / "data", ground) == 0
        told = capfd.readouterr().err.splitlines()
        assert sum("instead" in line for line in told) == 1
        assert any(line.startswith(f"{TOWN_NAME} is ready") for line in told)
        assert await demo.prepare(asked(), tmp_path / "data", ground) == 0
    assert f"{TOWN_NAME} is up to date" in capfd.readouterr().err
    assert len(mirror.ranges) == 1


async def test_a_bad_extract_is_told_in_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The demo fails like the ingest does."""
    ground = demo_ground(tmp_path, conf(tmp_path / "conf", "http://127.0.0.1:1/x"))
    assert await demo.prepare(asked(tmp_path / "absent.pbf"), tmp_path, ground) == 1
    assert "absent.pbf is not a file that is there" in capfd.readouterr().err.splitlines()[-1]


def test_the_usual_port_gives_way_to_a_free_one_and_a_wish_to_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A newcomer's 8080 is often taken; a port they asked for is theirs to free."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(demo, "USUAL_PORT", taken.getsockname()[1])
        assert demo.free_port(None) not in {"0", str(taken.getsockname()[1])}
        assert demo.free_port("1234") == "1234"


def test_progress_is_a_bar_on_a_terminal_and_lines_in_a_log() -> None:
    """Through a pipe each step is said once; a terminal sees percentages."""
    leader, follower = os.openpty()
    with os.fdopen(follower, "w", encoding="utf-8") as terminal:
        with progress_bar(terminal) as on_progress:
            on_progress("Finding places", 0.0)
            on_progress("Finding places", 1.0)
        terminal.flush()
        # A terminal hands over what it has, in as many pieces as it likes; the timeout ends a wait for more.
        shown = b""
        while b"100 %" not in shown:
            shown += os.read(leader, 65536)
    os.close(leader)
    assert b"Finding places" in shown
