"""The doors as a fixture; a test that lets time pass asks for `autojump_clock` itself."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.http.doors import Doors, the_doors


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[Doors]:
    """The town's doors."""
    async with the_doors(tmp_path) as built:
        yield built
