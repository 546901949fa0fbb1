"""Carries news to the walkers' sockets on whichever server they are, by way of Redis."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog
import trio

from wildside.domain.identifiers import RequestId, UserId
from wildside.domain.moments import microseconds
from wildside.domain.progress import Progress
from wildside.outbound.progress.listener import LateListener
from wildside.outbound.progress.told_form import decode_progress, encode_progress
from wildside.outbound.redis_link.errors import RedisTrouble
from wildside.outbound.redis_link.link import RedisLink
from wildside.outbound.redis_link.script import Script
from wildside.ports import Told

MOST_RECENT = 64  # messages kept for a walker who reconnects
RECENT_SECONDS = 900  # longer than the ten minutes for which storage tells of ended requests
MOST_AT_ONCE = 100
MOST_UNSENT = 10_000
AWAY_PAUSE_SECONDS = 0.2
PREFIX = "{wildside}:news:"
PUBLISH = Script.read(__package__, "publish.lua")

log = structlog.get_logger("wildside")


@dataclass(eq=False)
class _Ear:
    """Everybody in this process who listens for one walker."""

    last_id: int = 0
    listeners: set[LateListener] = field(default_factory=set)


class RedisNews:
    """Each walker has a short stream of recent words and a channel of the same name.

    This process subscribes to the channels of those who listen here and to no others; `hearing` is
    a link of its own for that. What was told while it was cut off is read from the streams.
    Publishing never waits: words stand in line here, and `run` sends them on. With Redis away the
    line is kept short by keeping the newest word of each request; storage tells the rest.
    """

    def __init__(self, link: RedisLink, hearing: RedisLink) -> None:
        self._link = link
        self._hearing = hearing
        self._unsent: deque[Progress] = deque()
        self._something_unsent = trio.Event()
        self._ears: dict[UserId, _Ear] = {}
        self._cut_off = trio.Event()
        hearing.when_connected(self._note_connection)

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Sends and catches up until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._send_always)
            nursery.start_soon(self._catch_up_always)
            task_status.started()

    def publish(self, progress: Progress) -> None:
        """Puts the word into the line; it is sent in a moment."""
        self._unsent.append(progress)
        if len(self._unsent) > MOST_UNSENT:
            self._unsent = _newest_of_each(self._unsent)
        self._something_unsent.set()

    def remind(self, progresses: Iterable[Progress]) -> None:
        """Tells the listeners of this process again; they leave out what they have heard."""
        for progress in progresses:
            ear = self._ears.get(progress.user_id)
            for listener in ear.listeners if ear is not None else ():
                listener.offer(Told(microseconds(progress.updated_at), progress))

    @asynccontextmanager
    async def listen(
        self, user_id: UserId, *, since: int | None = None
    ) -> AsyncIterator[AsyncIterator[Told]]:
        """What is told from now on, after the recent messages with an id above `since`."""
        listener = LateListener()
        ear = self._ears.get(user_id)
        if ear is None:
            ear = self._ears[user_id] = _Ear()
            self._hearing.subscribe(_channel(user_id), lambda text: self._hear(user_id, text))
        ear.listeners.add(listener)
        try:
            listener.begin_after(await self._past(user_id, ear, since))
            yield listener
        finally:
            ear.listeners.discard(listener)
            if not ear.listeners and self._ears.get(user_id) is ear:
                del self._ears[user_id]
                self._hearing.unsubscribe(_channel(user_id))

    async def _past(self, user_id: UserId, ear: _Ear, since: int | None) -> list[Told]:
        """The recent words after `since`. Asked over the link that hears, behind the subscription:
        whatever is not in the answer will be heard.
        """
        try:
            recent = await self._recent(user_id, 0 if since is None else since)
        except RedisTrouble as error:
            # Nothing is lost: the next connection catches up, and storage is asked in any case.
            log.warning("recent news cannot be read", why=str(error))
            return []
        if recent:
            ear.last_id = max(ear.last_id, recent[-1].id)
        return [] if since is None else recent

    async def _recent(self, user_id: UserId, after: int) -> list[Told]:
        rows = await self._hearing.ask("XRANGE", _channel(user_id), f"({after}-0", "+", again=True)
        found = []
        for entry, (_, text) in rows:
            progress = decode_progress(text)
            if progress is not None:
                found.append(Told(int(entry.partition(b"-")[0]), progress))
        return found

    def _hear(self, user_id: UserId, text: bytes) -> None:
        number, _, word = text.partition(b" ")
        progress, ear = decode_progress(word), self._ears.get(user_id)
        if progress is None or ear is None:
            return
        self._offer(ear, Told(int(number), progress))

    def _offer(self, ear: _Ear, told: Told) -> None:
        if told.id <= ear.last_id:
            return
        ear.last_id = told.id
        for listener in ear.listeners:
            listener.offer(told)

    async def _send_always(self) -> None:
        while True:
            if not self._unsent:
                self._something_unsent = trio.Event()
                await self._something_unsent.wait()
            batch = [self._unsent.popleft() for _ in range(min(MOST_AT_ONCE, len(self._unsent)))]
            try:
                await self._link.run_script(
                    PUBLISH,
                    [_channel(progress.user_id) for progress in batch],
                    MOST_RECENT,
                    RECENT_SECONDS,
                    *(encode_progress(progress) for progress in batch),
                    again=True,
                )
            except RedisTrouble as error:
                log.warning("news wait for Redis", why=str(error), words=len(batch))
                self._unsent.extendleft(reversed(batch))
                await self._link.pause(AWAY_PAUSE_SECONDS)

    def _note_connection(self) -> None:
        self._cut_off.set()

    async def _catch_up_always(self) -> None:
        """After each connection: what was told between the last one and this."""
        while True:
            await self._cut_off.wait()
            self._cut_off = trio.Event()
            for user_id, ear in list(self._ears.items()):
                try:
                    for told in await self._recent(user_id, ear.last_id):
                        self._offer(ear, told)
                except RedisTrouble:
                    # The next connection begins again.
                    break


def _channel(user_id: UserId) -> str:
    return PREFIX + user_id.hex


def _newest_of_each(words: Iterable[Progress]) -> deque[Progress]:
    newest: OrderedDict[RequestId, Progress] = OrderedDict()
    for progress in words:
        newest[progress.request_id] = progress
        newest.move_to_end(progress.request_id)
    return deque(newest.values())
