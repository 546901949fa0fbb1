"""A person opens the page in a real browser and finds a walk."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.data_folder import data_file
from tests.end_to_end.server_process import server, wildside

PAGE = Path(__file__).parents[2] / "frontend-pwa"
SCREENS = {"desktop": "1440x900", "phone": "390x844"}


@pytest.fixture(scope="module")
def edinburgh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with Edinburgh in it."""
    data_dir = tmp_path_factory.mktemp("edinburgh")
    extract = data_file("osm/edinburgh-centre-2025-06.osm.pbf")
    ingested = wildside("ingest-osm", extract, "--name", "Edinburgh", data_dir=data_dir)
    assert ingested.returncode == 0, ingested.stderr
    return data_dir


@pytest.mark.browser
@pytest.mark.timeout(180)
@pytest.mark.parametrize("screen", SCREENS)
def test_a_person_finds_a_walk_on_the_page(screen: str, edinburgh: Path, tmp_path: Path) -> None:
    """Opens, picks, generates, sees line and cards; no console error, no request leaves the machine."""
    if shutil.which("chromium") is None:
        pytest.skip("needs Debian's chromium")
    if not (PAGE / "dist" / "index.html").exists():
        pytest.skip("needs the built page: make page")
    with server(edinburgh) as running:
        told = subprocess.run(
            ["node", "browser/find-a-walk.mjs", running.url, str(tmp_path), SCREENS[screen]],
            cwd=PAGE,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
    assert told.returncode == 0, told.stderr
    seen = json.loads(told.stdout)
    assert seen["consoleErrors"] == []
    assert seen["elsewhere"] == []
    assert seen["failures"] == []
    assert seen["statuses"][-1] == "complete"
    assert len(seen["stops"]) >= 5
    assert seen["redPixels"] > 500, "no line is drawn on the map"
