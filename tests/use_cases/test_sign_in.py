"""Accounts: made, signed into, claimed, their passwords changed."""

from dataclasses import replace

import pytest
from argon2 import Parameters
from argon2.profiles import CHEAPEST

from tests.town import House
from wildside.domain.accounts import User
from wildside.domain.errors import Conflict, Invalid, Unauthorized, WildsideError
from wildside.domain.identifiers import UserId
from wildside.outbound.passwords import Argon2Passwords
from wildside.use_cases.sign_in import CredentialChange, SignIn, WrongCredentials

SECRET, OTHER = "correct horse", "battery staple"


async def change(house: House, user: User, asked: CredentialChange) -> User:
    """What a door does: prepare outside, apply inside the write."""
    prepared = await house.sign_in.prepare(user, asked)
    async with house.storage.write() as work:
        return await house.sign_in.apply(work, user.id, prepared)


def fault_of(error: WildsideError) -> tuple[str, str]:
    """The field at fault and its code."""
    assert isinstance(error, Invalid)
    (fault,) = error.faults
    return fault.field, fault.code


async def test_an_account_is_signed_into_by_its_name_whatever_the_case(house: House) -> None:
    """And by its password exactly."""
    ada = await house.sign_in.sign_up("Ada", SECRET)
    assert (ada.username, ada.display_name) == ("Ada", "Ada")
    assert await house.sign_in.log_in("aDA", SECRET) == ada
    for password in (SECRET.upper(), SECRET + " ", SECRET[:-1], ""):
        with pytest.raises(WrongCredentials):
            await house.sign_in.log_in("Ada", password)


async def test_what_is_wrong_is_not_told(house: House) -> None:
    """A stranger, a wrong password, a disabled account, an account without a password: one answer."""
    await house.sign_in.sign_up("ada", SECRET)
    bo = await house.sign_in.sign_up("bo-bo", SECRET)
    async with house.storage.write() as work:
        await work.accounts.update(replace(bo, disabled=True), expected_revision=1)
        await work.accounts.add(replace(bo, id=UserId(house.ids.new()), username="cy-cy"))
    told = set()
    for username, password in (
        ("nobody", SECRET),
        ("ada", OTHER),
        ("bo-bo", SECRET),
        ("cy-cy", SECRET),
        ("", ""),
        ("a" * 1000, "\N{SNOWMAN}"),
    ):
        with pytest.raises(WrongCredentials) as refused:
            await house.sign_in.log_in(username, password)
        told.add((refused.value.code, refused.value.message))
    assert told == {("unauthorized", "username or password is wrong")}


async def test_every_attempt_costs_one_comparison(house: House) -> None:
    """Whether the name is known or not: who measures the time learns nothing."""
    compared: list[str | None] = []

    class Counting(Argon2Passwords):
        async def matches(self, password: str, password_hash: str | None) -> bool:
            compared.append(password_hash)
            return await super().matches(password, password_hash)

    sign_in = SignIn(house.storage, Counting(CHEAPEST), house.sign_outs, house.clock, house.ids)
    await sign_in.sign_up("ada", SECRET)
    for username in ("ada", "nobody"):
        with pytest.raises(WrongCredentials):
            await sign_in.log_in(username, OTHER)
    assert [known is None for known in compared] == [False, True]


async def test_a_hash_of_nothing_costs_what_a_hash_costs() -> None:
    """The same parameters, so the same memory and passes; and no password has it."""
    passwords = Argon2Passwords(CHEAPEST)
    nothing = passwords._nobodys_hash
    known = await passwords.hash("")
    assert nothing.split("$")[:4] == known.split("$")[:4]
    assert len(nothing) == len(known)
    assert not passwords.is_outdated(nothing)
    assert not await passwords.matches("", None)


@pytest.mark.parametrize(
    ("username", "code"),
    [
        ("ab", "length"),
        ("a" * 41, "length"),
        ("-ada", "invalid"),
        ("ada.", "invalid"),
        ("ada lovelace", "invalid"),
        ("ada\n", "invalid"),
        ("аda", "invalid"),  # its first letter is Cyrillic
        ("ad\N{COMBINING ACUTE ACCENT}a", "invalid"),
        ("<ada>", "invalid"),
    ],
)
async def test_names_that_cannot_be_are_refused(house: House, username: str, code: str) -> None:
    """ASCII letters, digits and a little between them, three to forty."""
    with pytest.raises(Invalid) as refused:
        await house.sign_in.sign_up(username, SECRET)
    assert fault_of(refused.value) == ("username", code)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("nine char", "length"),
        ("x" * 1001, "length"),
        ("aaaaaaaaaaaa", "too_easy"),
        ("Lovelace.ADA", "too_easy"),
    ],
)
async def test_passwords_that_guess_themselves_are_refused(
    house: House, password: str, code: str
) -> None:
    """Ten characters or more, neither the name nor one letter."""
    with pytest.raises(Invalid) as refused:
        await house.sign_in.sign_up("lovelace.ada", password)
    assert fault_of(refused.value) == ("password", code)


async def test_a_taken_name_is_a_conflict(house: House) -> None:
    """Whatever its case, for newcomers and for those who claim; nothing is left of the attempt."""
    await house.sign_in.sign_up("ada", SECRET)
    with pytest.raises(Conflict):
        await house.sign_in.sign_up("ADA", OTHER)
    bo = await house.arrive()
    with pytest.raises(Conflict):
        await change(house, bo, CredentialChange("Ada", OTHER))
    assert await house.walkers.me(bo.id) == bo


async def test_a_name_taken_while_the_hash_was_made_is_a_conflict_too(house: House) -> None:
    """The store has the last word; nothing of the late claim stays."""
    bo = await house.arrive()
    prepared = await house.sign_in.prepare(bo, CredentialChange("ada", OTHER))
    await house.sign_in.sign_up("ada", SECRET)

    async def apply() -> None:
        async with house.storage.write() as work:
            await house.sign_in.apply(work, bo.id, prepared)

    with pytest.raises(Conflict):
        await apply()
    assert await house.walkers.me(bo.id) == bo
    assert (await house.sign_in.log_in("ada", SECRET)).id != bo.id


async def test_an_anonymous_walker_becomes_an_account(house: House) -> None:
    """The same person with the same walks; cookies and sockets from before end."""
    left: list[UserId] = []
    house.sign_outs.hear(left.append)
    bo = await house.arrive()
    claimed = await change(house, bo, CredentialChange("bo-bo", SECRET))
    assert (claimed.id, claimed.username) == (bo.id, "bo-bo")
    assert claimed.session_epoch == bo.session_epoch + 1
    assert left == [bo.id]
    assert await house.sign_in.log_in("bo-bo", SECRET) == claimed


async def test_a_claim_needs_name_and_password(house: House) -> None:
    """The missing one is named."""
    bo = await house.arrive()
    for asked, expected in (
        (CredentialChange(username="bo-bo"), ("password", "required")),
        (CredentialChange(password=SECRET), ("username", "required")),
        (CredentialChange(current_password=SECRET), ("username", "required")),
    ):
        with pytest.raises(Invalid) as refused:
            await house.sign_in.prepare(bo, asked)
        assert fault_of(refused.value) == expected


async def test_a_password_is_changed_with_the_current_one(house: House) -> None:
    """The old one opens nothing any more; an account keeps its name."""
    ada = await house.sign_in.sign_up("ada", SECRET)
    for asked, expected in (
        (CredentialChange(password=OTHER), ("current_password", "required")),
        (CredentialChange(current_password=SECRET), ("password", "required")),
        (CredentialChange(password=OTHER, current_password="guess"), ("current_password", "wrong")),
        (CredentialChange(password="short", current_password=SECRET), ("password", "length")),
    ):
        with pytest.raises(Invalid) as refused:
            await house.sign_in.prepare(ada, asked)
        assert fault_of(refused.value) == expected
    with pytest.raises(Conflict):
        await house.sign_in.prepare(ada, CredentialChange(username="other"))
    changed = await change(house, ada, CredentialChange(password=OTHER, current_password=SECRET))
    assert changed.session_epoch == 1
    assert await house.sign_in.log_in("ada", OTHER) == changed
    with pytest.raises(WrongCredentials):
        await house.sign_in.log_in("ada", SECRET)


async def test_of_two_changes_with_one_password_the_second_is_refused(house: House) -> None:
    """It was allowed by a password that is one no more."""
    ada = await house.sign_in.sign_up("ada", SECRET)
    asked = CredentialChange(password=OTHER, current_password=SECRET)
    slow = await house.sign_in.prepare(ada, replace(asked, password="third password"))
    await change(house, ada, asked)
    async with house.storage.write() as work:
        with pytest.raises(Conflict):
            await house.sign_in.apply(work, ada.id, slow)
    await house.sign_in.log_in("ada", OTHER)


async def test_whoever_was_erased_meanwhile_changes_nothing(house: House) -> None:
    """Nobody comes back by a change that was under way."""
    bo = await house.arrive()
    prepared = await house.sign_in.prepare(bo, CredentialChange("bo-bo", SECRET))
    async with house.storage.write() as work:
        await house.erase_walker(work, bo.id)
    async with house.storage.write() as work:
        with pytest.raises(Unauthorized):
            await house.sign_in.apply(work, bo.id, prepared)


async def test_a_weaker_hash_is_replaced_at_the_next_login(house: House) -> None:
    """Only then is the password at hand; the session epoch stays, nobody is signed out."""
    ada = await house.sign_in.sign_up("ada", SECRET)
    stronger = Parameters(CHEAPEST.type, CHEAPEST.version, 8, 8, 2, 16, 1)
    sign_in = SignIn(
        house.storage, Argon2Passwords(stronger), house.sign_outs, house.clock, house.ids
    )
    with pytest.raises(WrongCredentials):
        await sign_in.log_in("ada", OTHER)
    async with house.storage.read() as work:
        before = await work.credentials.find(ada.id)
    assert await sign_in.log_in("ada", SECRET) == ada
    async with house.storage.read() as work:
        after = await work.credentials.find(ada.id)
    assert before is not None
    assert after is not None
    assert "m=8,t=1" in before
    assert "m=16,t=2" in after
    assert await sign_in.log_in("ada", SECRET) == ada
