"""Every file says on its first line what it is for."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(
    path
    for folder in ("actors", "solver", "wildside", "bench", "tests")
    for path in (ROOT / folder).rglob("*.py*")
    if path.suffix in {".py", ".pyx"}
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_first_line_says_what_the_file_is_for(path: Path) -> None:
    """A newcomer who opens any source file reads its purpose before anything else."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith(('"""', "# cython", "#!")), first
