"""From a wish to its walk: the whole job flow, on a virtual clock."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.town import TRACE, House, a_house, a_store, a_wish
from wildside.domain.accounts import User
from wildside.domain.errors import EngineFailed, Unavailable
from wildside.domain.events import JobEnded, JobStatus, RouteFailed, RouteGenerated
from wildside.domain.geography import Point
from wildside.domain.identifiers import RequestId
from wildside.domain.progress import Progress, Stage
from wildside.outbound.persistence.postgres.pool import Reach
from wildside.ports import StoredRequest, Told
from wildside.use_cases.resume_requests import MOST_PAGES, PAGE

HOUR = timedelta(hours=1)
PENDING, IN_PROGRESS, COMPLETE, FAILED = Stage
CRASH = "engine_crashed"


def crash() -> EngineFailed:
    return EngineFailed(CRASH, "the child is gone", retryable=True)


async def story_of(told: AsyncIterator[Told]) -> list[tuple[Stage, int]]:
    """All that is told until the end."""
    story = []
    async for message in told:
        story.append((message.progress.stage, message.progress.percent))
        if message.progress.stage.is_final:
            return story
    raise AssertionError("news never end")


def endings(house: House) -> list[JobStatus]:
    return [event.status for event in house.diary.events if isinstance(event, JobEnded)]


async def start(nursery: trio.Nursery, house: House) -> None:
    await nursery.start(house.scheduler.run)


async def test_a_wish_becomes_a_walk_and_its_walker_hears_all_of_it(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """Pending, at work, growing percents, complete: and what is complete can be fetched."""
    await start(nursery, house)
    ada = await house.arrive()
    async with house.follow_progress.listen(ada.id) as told:
        asked = await house.ask(ada)
        assert asked.stage is PENDING
        assert await story_of(told) == [
            (PENDING, 0),
            (IN_PROGRESS, 5),
            (IN_PROGRESS, 50),
            (COMPLETE, 100),
        ]
    status = await house.read_routes.status(ada.id, asked.request_id)
    (route,) = await house.routes_of(ada.id, status)
    assert route.request_id == asked.request_id
    assert [stop.place.name for stop in route.walk.stops] == ["Place 1", "Place 2", "Place 3"]
    assert route.generation_params["duration_minutes"] == 60
    await wait_all_tasks_blocked()
    assert endings(house) == [JobStatus.DONE]


async def test_a_crashing_engine_is_tried_three_times_with_growing_waits(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """About one second and two seconds apart, then the walker is told, and the job is buried."""
    house.engine.troubles = [crash(), crash(), crash()]
    await start(nursery, house)
    ada = await house.arrive()
    begun_at = trio.current_time()
    async with house.follow_progress.listen(ada.id) as told:
        asked = await house.ask(ada)
        assert await story_of(told) == [
            (PENDING, 0),
            (IN_PROGRESS, 5),
            (IN_PROGRESS, 5),
            (IN_PROGRESS, 5),
            (FAILED, 5),
        ]
    waited_seconds = trio.current_time() - begun_at - 3 * house.engine.search_seconds / 2
    assert 0.8 * 3 <= waited_seconds <= 1.2 * 3
    await wait_all_tasks_blocked()
    assert (await house.read_routes.status(ada.id, asked.request_id)).error == CRASH
    assert endings(house) == [JobStatus.RETRIED, JobStatus.RETRIED, JobStatus.BURIED]
    assert [buried.error for buried in house.queue.buried] == [CRASH]


async def test_an_engine_that_crashes_once_costs_a_second_not_the_walk(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """Percents never go back though the search began anew."""
    house.engine.troubles = [crash()]
    await start(nursery, house)
    ada = await house.arrive()
    asked = await house.ask(ada)
    ended = await house.ended(ada, asked.request_id)
    assert ended.stage is COMPLETE
    assert house.engine.searches == 2


async def test_what_cannot_be_mended_is_not_tried_again(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """The end lies on an island; it will lie there in a second too."""
    house.engine.troubles = [EngineFailed("outside_coverage", "no way there", retryable=False)]
    await start(nursery, house)
    ada = await house.arrive()
    ended = await house.ended(ada, (await house.ask(ada)).request_id)
    await wait_all_tasks_blocked()
    assert (ended.stage, ended.error) == (FAILED, "outside_coverage")
    assert house.engine.searches == 1
    assert endings(house) == [JobStatus.REFUSED]
    assert not house.queue.buried


async def test_whatever_goes_wrong_the_walker_learns_only_that_it_did(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """The message of a bug is for the log; the next walker is served as if nothing had happened."""
    house.engine.troubles = [ZeroDivisionError("a bug") for _ in range(3)]
    await start(nursery, house)
    ada = await house.arrive()
    ended = await house.ended(ada, (await house.ask(ada)).request_id)
    assert (ended.stage, ended.error) == (FAILED, "internal_error")
    ended = await house.ended(ada, (await house.ask(ada, a_wish(90))).request_id)
    assert ended.stage is COMPLETE


async def test_a_search_past_its_deadline_is_stopped_and_tried_again(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """A child that never answers holds its place for the deadline and no longer."""
    house.engine.search_seconds = 3600.0
    await start(nursery, house)
    ada = await house.arrive()
    begun_at = trio.current_time()
    ended = await house.ended(ada, (await house.ask(ada)).request_id)
    assert (ended.stage, ended.error) == (FAILED, "engine_timeout")
    assert 90 <= trio.current_time() - begun_at <= 94
    assert house.engine.cancelled == 3


async def test_a_waiting_request_that_is_cancelled_is_never_looked_for(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """Nothing runs yet; its walker hears the end at once."""
    ada = await house.arrive()
    asked = await house.ask(ada)
    async with house.follow_progress.listen(ada.id) as told:
        assert (await told.__anext__()).progress == asked
        cancelled = await house.cancel(ada, asked.request_id)
        assert (cancelled.stage, cancelled.error) == (FAILED, "cancelled")
        assert (await told.__anext__()).progress == cancelled
    assert house.queue.depth() == 0
    await start(nursery, house)
    await trio.sleep(10)
    assert house.engine.searches == 0


async def test_a_running_search_that_is_cancelled_stops(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """The child is freed within the moment, and the request stays cancelled."""
    house.engine.search_seconds = 20.0
    await start(nursery, house)
    ada = await house.arrive()
    asked = await house.ask(ada)
    await trio.sleep(2)
    begun_at = trio.current_time()
    await house.cancel(ada, asked.request_id)
    await wait_all_tasks_blocked()
    assert house.engine.cancelled == 1
    assert trio.current_time() == begun_at
    assert endings(house) == [JobStatus.CANCELLED]
    await trio.sleep(60)
    assert (await house.read_routes.status(ada.id, asked.request_id)).error == "cancelled"
    assert house.engine.searches == 1


async def test_a_search_goes_on_while_somebody_else_waits_for_it(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """Two walkers wish the same; one changes her mind."""
    await start(nursery, house)
    ada, bob = await house.arrive(), await house.arrive()
    hers, his = await house.ask(ada), await house.ask(bob)
    await house.cancel(ada, hers.request_id)
    assert (await house.ended(bob, his.request_id)).stage is COMPLETE
    assert (await house.ended(ada, hers.request_id)).error == "cancelled"
    assert house.engine.searches == 1


async def test_a_wish_that_comes_as_its_twin_is_cancelled_is_not_lost(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """The job that stops for Ada would have been Bob's."""
    house.engine.search_seconds = 4.0
    await start(nursery, house)
    ada, bob = await house.arrive(), await house.arrive()
    hers = await house.ask(ada)
    await trio.sleep(1)
    asked: list[Progress] = []

    async def ask() -> None:
        asked.append(await house.ask(bob))

    async with trio.open_nursery() as both:
        both.start_soon(house.cancel, ada, hers.request_id)
        both.start_soon(ask)
    assert (await house.ended(bob, asked[0].request_id)).stage is COMPLETE


async def test_equal_wishes_in_flight_cost_one_search(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """A hundred walkers at one corner: one search, a hundred routes, each its walker's own."""
    await start(nursery, house)
    walkers = [await house.arrive() for _ in range(100)]
    asked: dict[User, Progress] = {}

    async def ask(walker: User, wait_seconds: float) -> None:
        await trio.sleep(wait_seconds)
        asked[walker] = await house.ask(walker)

    async with trio.open_nursery() as crowd:
        for number, walker in enumerate(walkers):
            # Some before the search begins, most while it runs.
            crowd.start_soon(ask, walker, number * 0.009)
    routes = []
    for walker, progress in asked.items():
        ended = await house.ended(walker, progress.request_id)
        routes += await house.routes_of(walker.id, ended)
    assert house.engine.searches == 1
    assert len({route.id for route in routes}) == 100
    assert len({route.user_id for route in routes}) == 100
    assert all(route.walk == routes[0].walk for route in routes)


async def test_a_wish_that_comes_while_the_answer_is_being_stored_is_answered(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """It is too late for the search and too early for the cache: the job runs once more, searching not."""
    await start(nursery, house)
    ada, bob = await house.arrive(), await house.arrive()
    hers = await house.ask(ada)
    prepared = await house.request_route.prepare(bob, a_wish(), hers.trace_id)
    await house.ended(ada, hers.request_id)
    async with house.storage.write() as work:
        his = await house.request_route.accept(work, prepared)
    assert his.stage is PENDING
    assert (await house.ended(bob, his.request_id)).stage is COMPLETE
    assert house.engine.searches == 1


async def test_no_more_searches_run_at_once_than_there_are_children(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """Six wishes, two children, three rounds."""
    await start(nursery, house)
    ada = await house.arrive()
    begun_at = trio.current_time()
    asked = [await house.ask(ada, a_wish(minutes)) for minutes in range(30, 36)]
    await wait_all_tasks_blocked()
    assert house.scheduler.busy == 2
    for progress in asked:
        assert (await house.ended(ada, progress.request_id)).stage is COMPLETE
    assert trio.current_time() - begun_at == pytest.approx(3 * house.engine.search_seconds)


async def test_a_restarted_server_does_what_the_old_one_owed(
    tmp_path: Path, reach: Reach | None, autojump_clock: MockClock
) -> None:
    """One request was running, two equal ones were waiting; all three are answered, by two searches."""
    async with a_store(tmp_path / "wildside.sqlite3", reach) as storage:
        async with a_house(tmp_path / "wildside.sqlite3", places=1, reach=reach) as old:
            old.engine.search_seconds = 100.0
            async with trio.open_nursery() as nursery:
                await start(nursery, old)
                ada = await old.arrive()
                asked = [await old.ask(ada, a_wish(minutes)) for minutes in (30, 45, 45)]
                await wait_all_tasks_blocked()
                nursery.cancel_scope.cancel()
        new = House(storage)
        assert await new.resume() == 2
        assert await new.resume() == 0
        new.ids._count = 1000
        async with trio.open_nursery() as nursery:
            await start(nursery, new)
            for progress in asked:
                ended = await new.ended(ada, progress.request_id)
                assert ended.stage is COMPLETE
            nursery.cancel_scope.cancel()
        assert new.engine.searches == 2
        statuses = [await new.read_routes.status(ada.id, progress.request_id) for progress in asked]
        assert len({route.id for route in await new.routes_of(ada.id, *statuses)}) == 3


async def test_a_full_queue_refuses_a_wish_before_it_is_stored(
    tmp_path: Path, reach: Reach | None, autojump_clock: MockClock
) -> None:
    """503, and nothing is owed."""
    async with a_house(tmp_path / "wildside.sqlite3", queue_room=1, reach=reach) as house:
        ada = await house.arrive()
        await house.ask(ada, a_wish(30))
        with pytest.raises(Unavailable):
            await house.ask(ada, a_wish(45))
        async with house.storage.read() as work:
            assert len(await work.requests.owed(house.clock.now() + HOUR, None, 10)) == 1


async def test_a_wish_accepted_as_the_queue_filled_up_is_done_all_the_same(
    tmp_path: Path, reach: Reach | None, autojump_clock: MockClock
) -> None:
    """Between the look at the queue and the commit others were faster: the reconciler finds it."""
    async with a_house(tmp_path / "wildside.sqlite3", queue_room=1, reach=reach) as house:
        ada = await house.arrive()
        prepared = [
            await house.request_route.prepare(ada, a_wish(minutes), TRACE) for minutes in (30, 45)
        ]
        asked = []
        for one in prepared:
            async with house.storage.write() as work:
                asked.append(await house.request_route.accept(work, one))
        assert house.queue.depth() == 1
        async with trio.open_nursery() as nursery:
            await start(nursery, house)
            assert (await house.ended(ada, asked[0].request_id)).stage is COMPLETE
            await wait_all_tasks_blocked()
            await trio.sleep(6)
            assert await house.resume() == 1
            assert (await house.ended(ada, asked[1].request_id)).stage is COMPLETE
            nursery.cancel_scope.cancel()


async def test_the_same_wish_again_is_answered_from_the_cache_at_once(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """Complete without a job, as a route of the asker's own, and the socket hears it."""
    await start(nursery, house)
    ada, bob = await house.arrive(), await house.arrive()
    hers = await house.ended(ada, (await house.ask(ada)).request_id)
    async with house.follow_progress.listen(bob.id) as told:
        his = await house.ask(bob)
        assert his.stage is COMPLETE
        assert (await told.__anext__()).progress == his
    (route,) = await house.routes_of(bob.id, his)
    (known,) = await house.routes_of(ada.id, hers)
    assert route.walk == known.walk
    assert route.id != known.id
    assert house.engine.searches == 1


async def test_a_cached_answer_whose_route_is_gone_is_looked_for_anew(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """Its first walker deleted it."""
    await start(nursery, house)
    ada = await house.arrive()
    ended = await house.ended(ada, (await house.ask(ada)).request_id)
    assert ended.route_id is not None
    async with house.storage.write() as work:
        assert await work.routes.delete(ada.id, ended.route_id)
    again = await house.ask(ada)
    assert again.stage is PENDING
    assert (await house.ended(ada, again.request_id)).stage is COMPLETE
    assert house.engine.searches == 2


async def test_no_place_within_reach_is_a_walk_without_stops(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """The walker is told that there is little to see, not that something failed."""
    await start(nursery, house)
    ada = await house.arrive()
    ended = await house.ended(
        ada, (await house.ask(ada, a_wish(15, start=Point(-3.24, 55.91)))).request_id
    )
    (route,) = await house.routes_of(ada.id, ended)
    assert route.walk.stops == ()
    assert route.walk.warnings == ("sparse_area",)


async def test_what_happened_is_noted_for_metrics_and_logs(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """How long a route took, and why a request failed."""
    await start(nursery, house)
    ada = await house.arrive()
    await house.ended(ada, (await house.ask(ada)).request_id)
    house.engine.troubles = [crash(), crash(), crash()]
    await house.ended(ada, (await house.ask(ada, a_wish(90))).request_id)
    (generated,) = (event for event in house.diary.events if isinstance(event, RouteGenerated))
    assert generated.seconds == pytest.approx(house.engine.search_seconds)
    assert (generated.walkers_served, generated.stop_count) == (1, 3)
    (failed,) = (event for event in house.diary.events if isinstance(event, RouteFailed))
    assert failed.reason == CRASH


async def test_a_long_line_of_owed_wishes_is_looked_through_round_by_round(
    house: House, autojump_clock: MockClock
) -> None:
    """Each round reads a bounded number; after a few all are queued, and none twice."""
    ada = await house.arrive()
    count = PAGE * MOST_PAGES + 50
    progress = await house.ask(ada)
    async with house.storage.write() as work:
        asked = await work.requests.find(progress.request_id)
        assert asked is not None
        for number in range(count):
            word = replace(progress, request_id=RequestId(house.ids.new()))
            await work.requests.add(StoredRequest(asked.request, word, f"f{number}"))
    restarted = House(house.storage, queue_room=10_000)
    await trio.sleep(6)
    assert [await restarted.resume() for _ in range(3)] == [PAGE * MOST_PAGES, 51, 0]
