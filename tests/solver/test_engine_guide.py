"""The engine's guide tells the truth: its examples run as printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.data_folder import data_file

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "engine.md"


def blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_guides_walk_is_built_and_walked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From extract to instructions in one sitting: all three places fit, the must among them."""
    name = "edinburgh-royal-mile.osm.pbf"
    (tmp_path / name).symlink_to(data_file(f"osm/{name}"))
    monkeypatch.chdir(tmp_path)
    exec(blocks()[0], {})
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines[:3]} == {"1", "2", "3"}
    assert lines[3].startswith("Walk ")
    assert lines[-2:] == ["You are there", "(2, 2)"]


def test_the_guides_matrix_is_toured(capsys: pytest.CaptureFixture[str]) -> None:
    """Both places and the way home: 60 + 50 + 90 of walking and two visits."""
    exec(blocks()[1], {})
    order, score, cost = re.fullmatch(
        r"\((.*)\) (\S+) (\S+)", capsys.readouterr().out.strip()
    ).groups()  # type: ignore[union-attr]
    assert order in ("0, 1, 2, 0", "0, 2, 1, 0")
    assert (score, cost) == ("12.0", "220")
