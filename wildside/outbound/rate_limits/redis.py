"""Counts per minute for all servers together, in Redis."""

from __future__ import annotations

import math
from collections.abc import Mapping

import structlog

from wildside.outbound.rate_limits.memory import WINDOW_SECONDS, MemoryRateLimits
from wildside.outbound.redis_link.errors import RedisTrouble
from wildside.outbound.redis_link.link import RedisLink
from wildside.outbound.redis_link.script import Script
from wildside.ports import RateVerdict

PREFIX = "{wildside}:rate:"
TAKE = Script.read(__package__, "take.lua")

log = structlog.get_logger("wildside")


class RedisRateLimits:
    """`allowances` are requests a minute by name.

    With Redis away each server counts for itself: somebody may do a little more than allowed, but
    nobody is kept out and nothing is unlimited.
    """

    def __init__(
        self, link: RedisLink, allowances: Mapping[str, int], alone: MemoryRateLimits
    ) -> None:
        self._link = link
        self._allowances = dict(allowances)
        self._alone = alone

    async def take(self, allowance: str, key: str) -> RateVerdict:
        """Counts one more, refused ones included no further than the limit."""
        limit = self._allowances[allowance]
        try:
            allowed, taken, left_ms = await self._link.run_script(
                TAKE, [f"{PREFIX}{allowance}:{key}"], limit, int(WINDOW_SECONDS * 1000)
            )
        except RedisTrouble as error:
            log.warning("rates are counted here alone", why=str(error))
            return await self._alone.take(allowance, key)
        reset_seconds = max(1, math.ceil(left_ms / 1000))
        return RateVerdict(bool(allowed), limit, max(0, limit - taken), reset_seconds)
