"""What every store promises about units of work, and about remembered answers."""

from datetime import timedelta
from uuid import UUID

import pytest
import trio

from tests.contracts.test_storage_accounts import a_walker
from tests.town import NOON
from wildside.ports import RememberedAnswer, Storage

KEY = UUID(int=5)
ANSWER = RememberedAnswer("hash", 202, {"Location": "/x"}, b'{"status":"pending"}', NOON)


async def test_everything_or_nothing_is_stored(storage: Storage) -> None:
    """An error in the middle undoes what was written before it, and the next writer may begin."""
    ada, bob = a_walker(), a_walker()

    async def break_in_the_middle() -> None:
        async with storage.write() as work:
            await work.accounts.add(ada)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await break_in_the_middle()
    async with storage.write() as work:
        await work.accounts.add(bob)
    async with storage.read() as work:
        assert await work.accounts.find(ada.id) is None
        assert await work.accounts.find(bob.id) == bob


async def test_a_cancelled_writer_leaves_nothing(storage: Storage) -> None:
    """The asker hung up in the middle."""
    ada = a_walker()
    with trio.CancelScope() as scope:
        async with storage.write() as work:
            await work.accounts.add(ada)
            scope.cancel()
            await trio.lowlevel.checkpoint()
    async with storage.read() as work:
        assert await work.accounts.find(ada.id) is None


async def test_a_reader_sees_one_moment(storage: Storage) -> None:
    """What is committed while somebody reads is seen by the next reader."""
    ada, bob = a_walker(), a_walker()
    async with storage.write() as work:
        await work.accounts.add(ada)
    async with storage.read() as before:
        assert await before.accounts.find(ada.id) == ada
        async with storage.write() as work:
            await work.accounts.add(bob)
        assert await before.accounts.find(bob.id) is None
        async with storage.read() as after:
            assert await after.accounts.find(bob.id) == bob


async def test_effects_follow_the_commit_in_order(storage: Storage) -> None:
    """What they do is only done when it is true; they may write themselves."""
    ada = a_walker()
    story: list[object] = []

    async def look() -> None:
        async with storage.read() as work:
            story.append(await work.accounts.find(ada.id))

    async def write_again() -> None:
        async with storage.write() as work:
            await work.idempotency.keep(ada.id, KEY, ANSWER)
        story.append("written")

    async with storage.write() as work:
        await work.accounts.add(ada)
        work.after_commit(look)
        work.after_commit(write_again)
        story.append("before")
    assert story == ["before", ada, "written"]


async def test_no_effect_follows_what_is_undone(storage: Storage) -> None:
    """Nobody is told of a request that was not stored."""
    story: list[str] = []

    async def effect() -> None:
        story.append("told")

    async def break_after_promising() -> None:
        async with storage.write() as work:
            work.after_commit(effect)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await break_after_promising()
    assert story == []


async def test_writers_take_turns(storage: Storage) -> None:
    """Each finds what the one before has written, however they are interleaved."""
    ada = a_walker()
    async with storage.write() as work:
        await work.accounts.add(ada)

    async def count_one() -> None:
        async with storage.write() as work:
            user = await work.accounts.find(ada.id)
            assert user is not None
            await trio.lowlevel.checkpoint()
            changed = user.with_interests((), None, NOON)
            assert await work.accounts.update(changed, expected_revision=user.revision)

    async with trio.open_nursery() as nursery:
        for _ in range(20):
            nursery.start_soon(count_one)
    async with storage.read() as work:
        user = await work.accounts.find(ada.id)
        assert user is not None
        assert user.revision == 21


async def test_an_answer_is_remembered_word_for_word(storage: Storage) -> None:
    """Per walker and key; a newer one takes the place of an older one."""
    ada, bob = a_walker(), a_walker()
    newer = RememberedAnswer("other", 200, {}, b"", NOON + timedelta(days=2))
    async with storage.write() as work:
        await work.accounts.add(ada)
        await work.accounts.add(bob)
        await work.idempotency.keep(ada.id, KEY, ANSWER)
    async with storage.read() as work:
        assert await work.idempotency.find(ada.id, KEY) == ANSWER
        assert await work.idempotency.find(bob.id, KEY) is None
    async with storage.write() as work:
        await work.idempotency.keep(ada.id, KEY, newer)
        assert await work.idempotency.find(ada.id, KEY) == newer
        assert await work.idempotency.forget_before(NOON + timedelta(days=2)) == 0
        assert await work.idempotency.forget_before(NOON + timedelta(days=3)) == 1
        assert await work.idempotency.find(ada.id, KEY) is None


async def test_a_healthy_store_says_so(storage: Storage) -> None:
    """Readiness asks it every few seconds."""
    await storage.check()


async def test_a_glance_answers_one_question(storage: Storage) -> None:
    """Cheaper than reading where one question is all; it sees what is committed."""
    ada = a_walker()
    async with storage.glance() as work:
        assert await work.accounts.find(ada.id) is None
    async with storage.write() as work:
        await work.accounts.add(ada)
    async with storage.glance() as work:
        assert await work.accounts.find(ada.id) == ada
