"""Where the real maps and benchmark instances lie, and a clear word when they do not."""

import os
from pathlib import Path

import pytest


def data_folder() -> Path | None:
    """`WILDSIDE_TEST_DATA`, or `../shared/data` beside the checkout, or None."""
    named = os.environ.get("WILDSIDE_TEST_DATA")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    return folder if folder.is_dir() else None


def data_file(name: str) -> Path:
    """A file below the folder; the test is skipped with a reason where the folder is absent."""
    folder = data_folder()
    if folder is None:
        pytest.skip("needs the real data of ../shared/data (or WILDSIDE_TEST_DATA)")
    return folder / name
