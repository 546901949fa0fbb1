"""What every store promises about walkers."""

from dataclasses import replace
from uuid import uuid4

import pytest

from tests.town import MURALS, NOON, PUBS
from wildside.domain.accounts import Preferences, Role, Units, User
from wildside.domain.errors import Conflict
from wildside.domain.identifiers import UserId
from wildside.ports import Storage


def a_walker(**changes: object) -> User:
    """Somebody new."""
    return replace(User(UserId(uuid4()), "Ada", NOON, NOON), **changes)  # type: ignore[arg-type]


async def with_themes(storage: Storage) -> None:
    async with storage.write() as work:
        await work.catalogue.put_themes((PUBS, MURALS))


async def test_a_walker_comes_back_as_they_were_stored(storage: Storage) -> None:
    """Every field survives, the order of the interests too."""
    await with_themes(storage)
    ada = a_walker(
        username="ada",
        role=Role.ADMIN,
        disabled=True,
        session_epoch=3,
        interest_theme_ids=(MURALS.id, PUBS.id),
        preferences=Preferences(Units.IMPERIAL, "pt-PT", 3.5),
        revision=7,
    )
    async with storage.write() as work:
        await work.accounts.add(ada)
    async with storage.read() as work:
        assert await work.accounts.find(ada.id) == ada


async def test_a_stranger_is_none(storage: Storage) -> None:
    """Absence is None, not an exception."""
    async with storage.read() as work:
        assert await work.accounts.find(UserId(uuid4())) is None


async def test_a_stale_revision_changes_nothing(storage: Storage) -> None:
    """Of two changes from one revision the second is refused, interests included."""
    await with_themes(storage)
    ada = a_walker()
    first = replace(ada, display_name="First", revision=2)
    second = replace(ada, display_name="Second", revision=2, interest_theme_ids=(PUBS.id,))
    async with storage.write() as work:
        await work.accounts.add(ada)
        assert await work.accounts.update(first, expected_revision=1)
        assert not await work.accounts.update(second, expected_revision=1)
    async with storage.read() as work:
        assert await work.accounts.find(ada.id) == first


async def test_usernames_are_taken_whatever_their_case(storage: Storage) -> None:
    """Ada and ADA would be confused by people, so the second is a Conflict; nothing of it stays."""
    async with storage.write() as work:
        await work.accounts.add(a_walker(username="ada"))
    late = a_walker(username="ADA")

    async def sign_up_late() -> None:
        async with storage.write() as work:
            await work.accounts.add(late)

    with pytest.raises(Conflict, match="taken"):
        await sign_up_late()
    async with storage.read() as work:
        assert await work.accounts.find(late.id) is None


async def test_anonymous_walkers_do_not_collide(storage: Storage) -> None:
    """No username is not a username."""
    async with storage.write() as work:
        await work.accounts.add(a_walker())
        await work.accounts.add(a_walker())
