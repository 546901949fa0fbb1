"""One key, one effect, one answer."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import trio
from trio.testing import MockClock

from tests.town import House
from wildside.domain.errors import Conflict
from wildside.domain.events import ReplayChecked, ReplayOutcome
from wildside.ports import Work
from wildside.use_cases.idempotency import Answer, Claim, forget_old_answers

ANSWER = Answer(201, b'{"id":1}', {"Location": "/x"})


async def a_claim(house: House) -> Claim:
    ada = await house.arrive()
    return Claim(ada.id, UUID(int=77), "hash", "POST /things")


class Effect:
    """Something done in a unit of work, counted."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.done = 0

    async def __call__(self, work: Work) -> Answer:
        self.done += 1
        await self.house.walkers.add_anonymous(work)
        await trio.lowlevel.checkpoint()
        return ANSWER


async def test_a_repetition_gets_the_first_answer_and_does_nothing(house: House) -> None:
    """Word for word, and marked as a replay."""
    claim, effect = await a_claim(house), Effect(house)
    assert await house.answer_once.changing(claim, effect) == ANSWER
    assert await house.answer_once.changing(claim, effect) == replace(ANSWER, replayed=True)
    assert effect.done == 1


async def test_ten_twins_at_once_have_one_effect(house: House) -> None:
    """One works, the others wait for its answer."""
    claim, effect = await a_claim(house), Effect(house)
    answers: list[Answer] = []

    async def send() -> None:
        answers.append(await house.answer_once.changing(claim, effect))

    async with trio.open_nursery() as nursery:
        for _ in range(10):
            nursery.start_soon(send)
    assert effect.done == 1
    assert sorted(answer.replayed for answer in answers) == [False] + [True] * 9
    assert {answer.body for answer in answers} == {ANSWER.body}


async def test_another_payload_under_the_same_key_is_a_conflict(house: House) -> None:
    """Somebody's client forgot to draw a new key."""
    claim, effect = await a_claim(house), Effect(house)
    await house.answer_once.changing(claim, effect)
    with pytest.raises(Conflict, match="another request"):
        await house.answer_once.changing(replace(claim, payload_hash="other"), effect)
    assert effect.done == 1


async def test_keys_belong_to_their_walker(house: House) -> None:
    """Bob draws the number that Ada drew."""
    claim, effect = await a_claim(house), Effect(house)
    bob = await house.arrive()
    await house.answer_once.changing(claim, effect)
    answer = await house.answer_once.changing(replace(claim, user_id=bob.id), effect)
    assert not answer.replayed
    assert effect.done == 2


async def test_what_failed_is_not_remembered_and_left_nothing(house: House) -> None:
    """The second try with the same key works."""
    claim, effect = await a_claim(house), Effect(house)

    async def fail(work: Work) -> Answer:
        await effect(work)
        raise Conflict("not today")

    with pytest.raises(Conflict, match="not today"):
        await house.answer_once.changing(claim, fail)
    assert await house.answer_once.changing(claim, effect) == ANSWER


async def test_a_day_later_the_key_is_free_again(house: House, autojump_clock: MockClock) -> None:
    """Whether or not the old answer has been swept away by then."""
    claim, effect = await a_claim(house), Effect(house)
    await house.answer_once.changing(claim, effect)
    await trio.sleep(timedelta(hours=24).total_seconds() + 1)
    other = replace(claim, payload_hash="other")
    assert not (await house.answer_once.changing(other, effect)).replayed
    assert effect.done == 2
    assert await forget_old_answers(house.storage, house.clock.now()) == 0
    await trio.sleep(timedelta(hours=25).total_seconds())
    assert await forget_old_answers(house.storage, house.clock.now()) == 1


async def test_a_replay_prepares_nothing(house: House) -> None:
    """What was possible yesterday is answered today even where it would be refused."""
    claim, effect = await a_claim(house), Effect(house)
    await house.answer_once.changing(claim, effect)

    async def refuse() -> None:
        raise Conflict("the region is gone")

    async def act(work: Work, _: None) -> Answer:
        return await effect(work)

    assert (await house.answer_once(claim, act, refuse)).replayed


async def test_without_a_key_everything_is_done_every_time(house: House) -> None:
    """Nothing is remembered, nothing is counted."""
    effect = Effect(house)
    assert await house.answer_once.changing(None, effect) == ANSWER
    assert await house.answer_once.changing(None, effect) == ANSWER
    assert effect.done == 2
    assert house.diary.events == []


async def test_hits_misses_and_conflicts_are_noted_with_their_age(
    house: House, autojump_clock: MockClock
) -> None:
    """For the audit metrics."""
    claim, effect = await a_claim(house), Effect(house)
    await house.answer_once.changing(claim, effect)
    await trio.sleep(60)
    await house.answer_once.changing(claim, effect)
    with pytest.raises(Conflict):
        await house.answer_once.changing(replace(claim, payload_hash="other"), effect)
    checked = [event for event in house.diary.events if isinstance(event, ReplayChecked)]
    assert [event.outcome for event in checked] == [
        ReplayOutcome.MISS,
        ReplayOutcome.HIT,
        ReplayOutcome.CONFLICT,
    ]
    assert [event.age_seconds for event in checked][1:] == pytest.approx([60.0, 60.0])
