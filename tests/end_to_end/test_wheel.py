"""An installed wheel serves like the checkout: conf, migrations and the page travel in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.data_folder import data_file
from tests.end_to_end.server_process import environment, server, wildside
from tests.end_to_end.walker import Walker

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel unpacked into a folder of its own, as pip would."""
    folder = tmp_path_factory.mktemp("installed")
    steps: tuple[list[str | Path], ...] = (
        ["wheel", "--no-build-isolation", "--wheel-dir", folder / "wheels", ROOT],
        [
            "install",
            "--target",
            folder / "site",
            "--no-index",
            "--find-links",
            folder / "wheels",
            "wildside",
        ],
    )
    for words in steps:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pip",
                str(words[0]),
                "--quiet",
                "--no-deps",
                *[str(word) for word in words[1:]],
            ],
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    return folder / "site"


@pytest.mark.timeout(600)
async def test_an_installed_wheel_ingests_serves_the_page_and_finds_a_walk(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run from elsewhere, with nothing of the checkout on the path."""
    monkeypatch.chdir(tmp_path)
    where = {"PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1"}
    assert _home_of_the_package(tmp_path, where).startswith(str(installed))
    extract = data_file("osm/edinburgh-royal-mile.osm.pbf")
    ingested = wildside("ingest-osm", extract, data_dir=tmp_path, settings=where)
    assert ingested.returncode == 0, ingested.stderr
    with server(tmp_path, settings=where) as running:
        walker = await Walker.arrive(running.url)
        page = await walker.http.get("/")
        assert page.status_code == 200
        assert "<script" in page.text
        wish = {
            "start_location": {"type": "Point", "coordinates": [-3.1897, 55.95]},
            "duration_minutes": 30,
        }
        assert (await walker.walk(wish))["stops"]
        await walker.leave()


def _home_of_the_package(data_dir: Path, settings: dict[str, str]) -> str:
    """Where `import wildside` comes from: were it the checkout, this would test nothing."""
    return subprocess.run(
        [sys.executable, "-c", "import wildside; print(wildside.__file__)"],
        env=environment(data_dir, settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
