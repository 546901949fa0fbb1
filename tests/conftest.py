"""What tests of several folders share."""

import pytest

from tests.postgres_server import database_url, postgres, reach
from tests.redis_server import own_redis, redis_server, shared_redis

__all__ = ["database_url", "own_redis", "postgres", "reach", "redis_server", "shared_redis"]

# Suites about the whole server that run on either store; the others would say nothing new.
BOTH_STORES = (
    "tests.use_cases.",
    "tests.jobs.",
    "tests.http.test_routes",
    "tests.http.test_accounts",
    "tests.http.test_admin",
    "tests.http.test_shares",
    "tests.attacks.test_hostile_content",
    "tests.attacks.test_other_walkers",
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs the chosen suites on SQLite and on PostgreSQL."""
    if "reach" in metafunc.fixturenames and metafunc.module.__name__.startswith(BOTH_STORES):
        metafunc.parametrize("reach", ["sqlite", "postgres"], indirect=True)
