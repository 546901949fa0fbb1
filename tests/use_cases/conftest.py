"""A furnished house for stories about use cases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.town import House, a_house
from wildside.outbound.persistence.postgres.pool import Reach


@pytest.fixture
async def house(tmp_path: Path, reach: Reach | None) -> AsyncIterator[House]:
    """A server without doors; a test that names `autojump_clock` too runs it on a virtual clock."""
    async with a_house(tmp_path / "wildside.sqlite3", reach=reach) as house:
        yield house
