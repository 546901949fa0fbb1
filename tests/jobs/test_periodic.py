"""Chores are done again and again, whatever one of them dies of."""

import trio
from trio.testing import MockClock

from tests.town import Diary
from wildside.domain.events import ChoreFaulted
from wildside.inbound.jobs.periodic import Chore, do_chores


async def test_chores_keep_their_own_time_and_survive_their_failures(
    autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """One every two seconds, one every five that fails: the story of ten seconds."""
    story: list[tuple[str, float]] = []
    diary = Diary()
    begun_at = trio.current_time()

    async def sweep() -> None:
        story.append(("sweep", round(trio.current_time() - begun_at, 6)))

    async def fail() -> None:
        story.append(("fail", round(trio.current_time() - begun_at, 6)))
        raise OSError("the broom broke")

    await nursery.start(do_chores, (Chore("sweep", 2, sweep), Chore("fail", 5, fail)), diary)
    await trio.sleep(9)
    assert sorted(story, key=lambda entry: (entry[1], entry[0])) == [
        ("fail", 0),
        ("sweep", 0),
        ("sweep", 2),
        ("sweep", 4),
        ("fail", 5),
        ("sweep", 6),
        ("sweep", 8),
    ]
    assert [event.name for event in diary.events if isinstance(event, ChoreFaulted)] == ["fail"] * 2
