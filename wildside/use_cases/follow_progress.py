"""Tells a walker's socket how their requests stand, and everything that happens from then on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta

from wildside.domain.identifiers import RequestId, UserId
from wildside.domain.moments import microseconds
from wildside.domain.progress import Progress
from wildside.ports import Clock, News, Storage, Told

FINISHED_WITHIN = timedelta(minutes=10)
# Ids are the wall clock's microseconds. Telling something twice after a reconnect does no harm,
# a clock that jumped back a little must not swallow anything.
RESUME_SLACK_MICROSECONDS = 1_000_000
MOST_REQUESTS_IN_MIND = 256  # a socket may stay open for days; older requests have ended long ago


class FollowProgress:
    """The latest words first, then live ones, in order for each request."""

    def __init__(self, storage: Storage, news: News, clock: Clock) -> None:
        self._storage = storage
        self._news = news
        self._clock = clock

    @asynccontextmanager
    async def listen(
        self, user_id: UserId, since: int | None = None
    ) -> AsyncIterator[AsyncIterator[Told]]:
        """Messages with growing ids; `since` leaves out what the walker has heard before."""
        # Listening begins before the look at the store: what happens in between is heard twice
        # and told once, never missed.
        # An id of a clock that was ahead says nothing of what was heard: all of it is told again.
        known = since if since is None or since <= self._now() else 0
        async with self._news.listen(user_id, since=known) as live:
            async with self._storage.read() as work:
                latest = await work.requests.news_for(user_id, self._clock.now() - FINISHED_WITHIN)
            fresh = [
                progress
                for progress in latest
                if microseconds(progress.updated_at) > (known or 0) - RESUME_SLACK_MICROSECONDS
                or not progress.stage.is_final
            ]
            yield OrderedNews(fresh, live, self._now, after=since or 0)

    def _now(self) -> int:
        return microseconds(self._clock.now())


class OrderedNews:
    """First what was stored, then what is heard; never a word behind one already told."""

    def __init__(
        self,
        stored: Iterable[Progress],
        live: AsyncIterator[Told],
        now: Callable[[], int],
        *,
        after: int,
    ) -> None:
        self._stored = iter(stored)
        self._live = live
        self._now = now
        self._last_id = after
        self._latest: dict[RequestId, Progress] = {}

    def __aiter__(self) -> OrderedNews:
        return self

    async def __anext__(self) -> Told:
        for progress in self._stored:
            return self._tell(progress, microseconds(progress.updated_at))
        while True:
            told = await self._live.__anext__()
            if self._is_news(told.progress):
                return self._tell(told.progress, told.id)

    def _is_news(self, progress: Progress) -> bool:
        earlier = self._latest.get(progress.request_id)
        return earlier is None or (progress != earlier and progress.may_follow(earlier))

    def _tell(self, progress: Progress, message_id: int) -> Told:
        # Whoever wrote the word may have a clock that is ahead: what follows would seem older.
        self._latest.pop(progress.request_id, None)
        self._latest[progress.request_id] = progress
        if len(self._latest) > MOST_REQUESTS_IN_MIND:
            del self._latest[next(iter(self._latest))]
        self._last_id = max(self._last_id + 1, min(message_id, self._now()))
        return Told(self._last_id, progress)
