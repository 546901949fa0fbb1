"""The guide's sample clients against the real server: they follow links and see everything once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.server_process import ServerProcess, server, wildside
from wildside.outbound.sample_town.town import write_sample_town

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "docs" / "guide" / "paging"
COMPILER = ROOT / "frontend-pwa" / "node_modules" / ".bin" / "tsc"
LIST = "/api/v1/pois?limit=7"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with the made-up town's places."""
    folder = tmp_path_factory.mktemp("samples")
    write_sample_town(folder / "town.osm.pbf")
    ingested = wildside(
        "ingest-osm", folder / "town.osm.pbf", "--name", "Town", data_dir=folder / "data"
    )
    assert ingested.returncode == 0, ingested.stderr
    with server(folder / "data", settings={"SOLVER_PROCESSES": "1"}) as ready:
        yield ready


def everything(running: ServerProcess) -> list[str]:
    """The ids of all places, asked for a hundred at a time."""
    found: list[str] = []
    link: str | None = "/api/v1/pois?limit=100"
    with httpx.Client(base_url=running.url) as client:
        while link is not None:
            page = client.get(link).json()
            found += [str(place["id"]) for place in page["data"]]
            link = page["links"].get("next")
    return found


def lines(*command: str | Path) -> list[str]:
    """What the sample prints."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_python_sample_reads_a_whole_list(running: ServerProcess) -> None:
    """Seven at a time: all of them, in the list's order, none twice."""
    expected = everything(running)
    assert len(expected) > 100
    found = lines(sys.executable, SAMPLES / "follow_links.py", running.url, LIST)
    assert found == expected
    assert len(set(found)) == len(found)
    metrics = httpx.get(f"{running.url}/metrics").text
    assert 'pages_total{direction="next",list="list_places"}' in metrics
    assert 'pages_traversed_count{list="list_places"}' in metrics


def test_the_typescript_sample_reads_a_whole_list(running: ServerProcess, tmp_path: Path) -> None:
    """Compiled under strict rules, then the same."""
    if shutil.which("node") is None or not COMPILER.exists():
        pytest.skip("needs node and the page's installed dependencies: make page")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    types = ROOT / "frontend-pwa" / "node_modules" / "@types"
    lines(
        *(COMPILER, SAMPLES / "follow-links.ts", "--outDir", tmp_path, "--strict"),
        *("--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"),
        *("--typeRoots", types, "--types", "node", "--rootDir", SAMPLES),
    )
    assert lines("node", tmp_path / "follow-links.js", running.url, LIST) == everything(running)
