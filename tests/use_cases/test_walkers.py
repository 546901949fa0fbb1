"""Walkers: who they are, what they like."""

from dataclasses import replace
from uuid import UUID

import pytest

from tests.town import MURALS, PUBS, House
from wildside.domain.accounts import Units
from wildside.domain.errors import Conflict, Invalid, Unauthorized
from wildside.domain.identifiers import ThemeId, UserId
from wildside.use_cases.accounts import ProfileChange


async def test_an_anonymous_walker_is_known_from_then_on(house: House) -> None:
    """And nobody else is."""
    ada = await house.arrive()
    assert await house.walkers.me(ada.id) == ada
    assert ada.username is None
    with pytest.raises(Unauthorized):
        await house.walkers.me(UserId(UUID(int=4711)))


async def test_a_disabled_walker_is_nobody(house: House) -> None:
    """Their session still verifies; it is worth nothing."""
    ada = await house.arrive()
    async with house.storage.write() as work:
        await work.accounts.update(replace(ada, disabled=True), expected_revision=1)
    with pytest.raises(Unauthorized):
        await house.walkers.me(ada.id)
    with pytest.raises(Unauthorized):
        await house.ask(ada)


async def test_interests_are_chosen_with_a_revision(house: House) -> None:
    """The second of two pages that were opened together is told what it missed."""
    ada = await house.arrive()
    async with house.storage.write() as work:
        chosen = await house.walkers.choose_interests(work, ada.id, [MURALS.id, PUBS.id], 1)
    assert chosen.interest_theme_ids == (MURALS.id, PUBS.id)
    assert chosen.revision == 2
    async with house.storage.write() as work:
        with pytest.raises(Conflict) as refusal:
            await house.walkers.choose_interests(work, ada.id, [PUBS.id], 1)
    assert refusal.value.details == {
        "code": "revision_mismatch",
        "expected_revision": 1,
        "actual_revision": 2,
    }
    assert await house.walkers.me(ada.id) == chosen


async def test_without_a_revision_the_last_choice_counts(house: House) -> None:
    """A choice made twice is one interest."""
    ada = await house.arrive()
    async with house.storage.write() as work:
        await house.walkers.choose_interests(work, ada.id, [MURALS.id], None)
        last = await house.walkers.choose_interests(work, ada.id, [PUBS.id, PUBS.id], None)
    assert last.interest_theme_ids == (PUBS.id,)


async def test_a_theme_nobody_offers_cannot_be_chosen(house: House) -> None:
    """The fault names the field."""
    ada = await house.arrive()
    async with house.storage.write() as work:
        with pytest.raises(Invalid) as refusal:
            await house.walkers.choose_interests(work, ada.id, [ThemeId(UUID(int=1))], None)
    (fault,) = refusal.value.faults
    assert (fault.field, fault.code) == ("interest_theme_ids", "unknown_theme")


async def test_a_profile_is_changed_where_it_is_asked_to(house: House) -> None:
    """The rest stays."""
    ada = await house.arrive()
    async with house.storage.write() as work:
        await house.walkers.change_profile(work, ada.id, ProfileChange(display_name="Ada"))
        await house.walkers.change_profile(
            work, ada.id, ProfileChange(units=Units.IMPERIAL, walking_speed_kmh=3.0)
        )
    changed = await house.walkers.me(ada.id)
    assert changed.display_name == "Ada"
    assert changed.preferences == replace(
        ada.preferences, units=Units.IMPERIAL, walking_speed_kmh=3.0
    )
    assert changed.revision == 3
    async with house.storage.write() as work:
        with pytest.raises(Invalid, match="walking_speed_kmh"):
            await house.walkers.change_profile(work, ada.id, ProfileChange(walking_speed_kmh=20.0))
