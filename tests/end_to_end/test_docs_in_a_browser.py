"""Somebody reads the API's documents at /docs in a real browser and tries an operation."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.end_to_end.server_process import server
from wildside.inbound.http.table import API_ENDPOINTS, METRICS_ENDPOINTS

PAGE = Path(__file__).parents[2] / "frontend-pwa"


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_every_operation_is_shown_and_can_be_tried_without_leaving_the_machine(
    tmp_path: Path,
) -> None:
    """Swagger UI from our own files under our own policy: no console error, nothing from elsewhere."""
    if shutil.which("chromium") is None:
        pytest.skip("needs Debian's chromium")
    if not (PAGE / "dist" / "docs.html").exists():
        pytest.skip("needs the built page: make page")
    with server(tmp_path / "data") as running:
        told = subprocess.run(
            ["node", "browser/read-the-docs.mjs", running.url, str(tmp_path)],
            cwd=PAGE,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    assert told.returncode == 0, told.stderr
    seen = json.loads(told.stdout)
    assert seen["consoleErrors"] == []
    assert seen["elsewhere"] == []
    documented = [one for one in (*API_ENDPOINTS, *METRICS_ENDPOINTS) if one.documented]
    assert seen["operations"] == len(documented)
    assert seen["tried"].startswith("200")
