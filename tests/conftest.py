"""What tests of several folders share."""

from tests.postgres_server import database_url, postgres
from tests.redis_server import own_redis, redis_server, shared_redis

__all__ = ["database_url", "own_redis", "postgres", "redis_server", "shared_redis"]
