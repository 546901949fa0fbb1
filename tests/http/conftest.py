"""The doors as a fixture; a test that lets time pass asks for `autojump_clock` itself."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.http.doors import Doors, the_doors
from wildside.outbound.persistence.postgres.pool import Reach


@pytest.fixture
async def doors(tmp_path: Path, reach: Reach | None) -> AsyncIterator[Doors]:
    """The town's doors."""
    async with the_doors(tmp_path, reach=reach) as built:
        yield built
