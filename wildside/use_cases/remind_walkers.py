"""Tells this process' walkers what was stored lately, wherever: storage has the last word, not the news."""

from __future__ import annotations

from datetime import timedelta

from wildside.ports import Clock, News, Storage

# A process may die between its commit and its news, and Redis may lose a second of them. What was
# stored so long ago is told again with every round: clocks differ, and commits take their time.
LOOKS_BACK = timedelta(seconds=15)


async def remind_walkers(storage: Storage, news: News, clock: Clock) -> None:
    """Run every few seconds; whoever has heard it already hears nothing."""
    async with storage.read() as work:
        changed = await work.requests.changed_since(clock.now() - LOOKS_BACK)
    news.remind(changed)
