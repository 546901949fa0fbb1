"""What tests of several folders share."""

from tests.redis_server import own_redis, redis_server, shared_redis

__all__ = ["own_redis", "redis_server", "shared_redis"]
