"""Remembers in Redis which route answered which wish, for every server and worker."""

from __future__ import annotations

import random
from uuid import UUID

import structlog

from wildside.domain.identifiers import RouteId
from wildside.outbound.cache.memory import ANSWER_SECONDS, JITTER
from wildside.outbound.redis_link.errors import RedisTrouble
from wildside.outbound.redis_link.link import RedisLink
from wildside.outbound.redis_link.script import Script

# A fingerprint tells the versions of region and engine apart by itself; this is the version of what
# is kept under it. Two versions may run side by side: neither sees the other's answers.
PREFIX = "{wildside}:answer:1:"
KEEP, PIN, UNPIN = (Script.read(__package__, f"{name}.lua") for name in ("keep", "pin", "unpin"))

log = structlog.get_logger("wildside")


class RedisRouteCache:
    """Answers for about a day each, pinned ones for ever; Redis' own rules bound them.

    With Redis away every lookup is a miss: the walk is found once more.
    """

    def __init__(self, link: RedisLink, dice: random.Random) -> None:
        self._link = link
        self._dice = dice
        self.evictions = 0

    async def find(self, fingerprint: str) -> RouteId | None:
        """The route that answered an equal wish, or None."""
        try:
            found = await self._link.ask("GET", PREFIX + fingerprint, again=True)
        except RedisTrouble as error:
            log.warning("the cache does not answer", why=str(error))
            return None
        return None if found is None else RouteId(UUID(found.decode()))

    async def keep(self, fingerprint: str, route_id: RouteId) -> None:
        """Remembers the answer for 24 hours, give or take a tenth; a pinned one stays."""
        await self._try(KEEP, fingerprint, str(route_id), self._seconds())

    async def pin(self, fingerprint: str, route_id: RouteId) -> None:
        await self._try(PIN, fingerprint, str(route_id))

    async def unpin(self, fingerprint: str, route_id: RouteId) -> None:
        await self._try(UNPIN, fingerprint, str(route_id), self._seconds())

    async def look(self) -> None:
        """Reads how many keys that Redis has thrown out for want of room, of others' too."""
        try:
            self.evictions = int((await self._link.info("stats"))["evicted_keys"])
        except RedisTrouble as error:
            log.warning("the cache does not answer", why=str(error))

    async def _try(self, script: Script, fingerprint: str, *words: str | int) -> None:
        try:
            await self._link.run_script(script, [PREFIX + fingerprint], *words, again=True)
        except RedisTrouble as error:
            log.warning("the cache does not answer", why=str(error))

    def _seconds(self) -> int:
        return int(ANSWER_SECONDS * self._dice.uniform(1 - JITTER, 1 + JITTER))
