"""Hashes in earnest: bounded, and readable only where they are hashes."""

import pytest
import trio
from argon2.profiles import CHEAPEST

from wildside.domain.errors import Unavailable
from wildside.outbound import passwords
from wildside.outbound.passwords import Argon2Passwords


async def test_a_real_hash_names_its_cost() -> None:
    """RFC 9106's second recommendation: argon2id, 64 MiB, 3 passes, 4 lanes."""
    real = Argon2Passwords()
    made = await real.hash("correct horse")
    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await real.matches("correct horse", made)
    assert not await real.matches("correct house", made)


async def test_a_flood_of_logins_is_refused_and_not_queued_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two at once and three who wait: beyond them 503, and whoever was let in is answered."""
    monkeypatch.setattr(passwords, "MOST_WAITING", 3)
    few = Argon2Passwords(CHEAPEST, at_once=2)
    outcomes: list[bool | None] = []

    async def attempt() -> None:
        try:
            outcomes.append(await few.matches("guess", None))
        except Unavailable:
            outcomes.append(None)

    async with trio.open_nursery() as nursery:
        for _ in range(20):
            nursery.start_soon(attempt)
    assert outcomes.count(None) == 15
    assert outcomes.count(False) == 5


async def test_a_damaged_hash_is_our_fault_and_not_a_wrong_password() -> None:
    """An operator reads of it; the walker may try again later."""
    for damaged in ("", "plain", "$argon2id$v=19$m=8,t=1,p=1$", "$2b$12$bcrypt"):
        if damaged:
            with pytest.raises(Unavailable, match="cannot be read"):
                await Argon2Passwords(CHEAPEST).matches("guess", damaged)
