"""A scheduler that falls over its jobs: its next life does them."""

from __future__ import annotations

import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.town import House
from wildside.domain.events import JobEnded, JobStatus
from wildside.domain.progress import Stage


async def test_a_job_under_way_when_the_scheduler_falls_is_done_by_its_next_life(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """Left claimed, it would be known to the queue and done by nobody: its walker waits for ever."""
    ada = await house.arrive()
    asked = await house.ask(ada)
    async with trio.open_nursery() as first_life:
        await first_life.start(house.scheduler.run)
        while house.engine.searches == 0:
            await wait_all_tasks_blocked()
        first_life.cancel_scope.cancel()
    assert (house.queue.depth(), house.queue.running()) == (1, 0)
    await nursery.start(house.scheduler.run)
    assert (await house.ended(ada, asked.request_id)).stage is Stage.COMPLETE
    await wait_all_tasks_blocked()
    ends = [event for event in house.diary.events if isinstance(event, JobEnded)]
    assert [(end.status, end.error) for end in ends] == [
        (JobStatus.RETRIED, "interrupted"),
        (JobStatus.DONE, None),
    ]
