"""Tells every server by way of Redis that somebody was signed out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from uuid import UUID

import structlog
import trio

from wildside.domain.identifiers import UserId
from wildside.outbound.redis_link.errors import RedisTrouble
from wildside.outbound.redis_link.link import RedisLink
from wildside.outbound.sign_outs.memory import MemorySignOuts

CHANNEL = "{wildside}:sign-outs"
MOST_UNSENT = 1000

log = structlog.get_logger("wildside")


class RedisSignOuts:
    """This process hears at once, the others in a moment.

    What Redis does not carry, because it is away or somebody's connection is, is not sent again:
    every server looks every few seconds who still stands.
    """

    def __init__(self, link: RedisLink, hearing: RedisLink) -> None:
        self._link = link
        self._here = MemorySignOuts()
        self._unsent: deque[UserId] = deque(maxlen=MOST_UNSENT)
        self._something_unsent = trio.Event()
        hearing.subscribe(CHANNEL, self._hear)

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Sends until cancelled."""
        task_status.started()
        while True:
            if not self._unsent:
                self._something_unsent = trio.Event()
                await self._something_unsent.wait()
            user_id = self._unsent.popleft()
            try:
                await self._link.ask("PUBLISH", CHANNEL, user_id.hex, again=True)
            except RedisTrouble as error:
                log.warning("a sign-out was not told to other servers", why=str(error))

    def hear(self, listener: Callable[[UserId], None]) -> None:
        """From now on the listener is told; it must not raise or wait."""
        self._here.hear(listener)

    def publish(self, user_id: UserId) -> None:
        """Tells the listeners here at once, and puts the word into the line to the others."""
        self._here.publish(user_id)
        self._unsent.append(user_id)
        self._something_unsent.set()

    def _hear(self, text: bytes) -> None:
        try:
            user_id = UserId(UUID(text.decode("ascii")))
        except ValueError:
            log.warning("a sign-out of another release cannot be read")
            return
        self._here.publish(user_id)
