"""People from outside: erased, exported, administered."""

from dataclasses import replace
from uuid import uuid4

import pytest
import trio
from trio.testing import MockClock

from tests.town import NOON, TOWN, House, a_wish
from wildside.domain.accounts import Role, User
from wildside.domain.enrichment import Enrichment
from wildside.domain.errors import Conflict, NotFound, Unauthorized
from wildside.domain.identifiers import UserId
from wildside.domain.paging import PageRequest
from wildside.domain.progress import Stage
from wildside.use_cases.administer import Standing
from wildside.use_cases.sign_in import WrongCredentials

SECRET = "correct horse"


async def erase(house: House, user: User) -> None:
    async with house.storage.write() as work:
        await house.erase_walker(work, user.id)


async def change(
    house: House, user: User, standing: Standing, asked_by: UserId | None = None
) -> User:
    async with house.storage.write() as work:
        return await house.administer.change(work, user.id, standing, asked_by=asked_by)


async def test_an_erased_walker_s_search_is_given_up(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """Nobody waits for it: the child is freed, nothing is stored, sockets end."""
    left: list[UserId] = []
    house.sign_outs.hear(left.append)
    await nursery.start(house.scheduler.run)
    ada = await house.arrive()
    progress = await house.ask(ada)
    await trio.sleep(0.7)
    assert house.scheduler.busy == 1
    await erase(house, ada)
    await trio.sleep(0.1)
    assert (house.engine.cancelled, house.scheduler.busy, house.queue.depth()) == (1, 0, 0)
    assert left == [ada.id]
    with pytest.raises(Unauthorized):
        await house.walkers.me(ada.id)
    async with house.storage.read() as work:
        assert await work.requests.find(progress.request_id) is None


async def test_another_who_waits_for_the_same_walk_still_gets_it(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """One search for two: erasing one leaves it to the other."""
    await nursery.start(house.scheduler.run)
    ada, bo = await house.arrive(), await house.arrive()
    await house.ask(ada)
    wanted = await house.ask(bo)
    await trio.sleep(0.7)
    await erase(house, ada)
    ended = await house.ended(bo, wanted.request_id)
    assert ended.stage is Stage.COMPLETE
    assert house.engine.searches == 1


async def test_an_answer_from_an_erased_walker_s_walk_is_looked_for_anew(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """The cache points at a walk that is gone; the next equal wish is searched, not refused."""
    await nursery.start(house.scheduler.run)
    ada = await house.arrive()
    await house.ended(ada, (await house.ask(ada)).request_id)
    await erase(house, ada)
    bo = await house.arrive()
    asked = await house.ask(bo)
    assert asked.stage is Stage.PENDING
    assert (await house.ended(bo, asked.request_id)).stage is Stage.COMPLETE
    assert house.engine.searches == 2


async def test_nobody_is_erased_twice(house: House) -> None:
    """The second time there is nobody to ask for it."""
    ada = await house.arrive()
    await erase(house, ada)
    with pytest.raises(Unauthorized):
        await erase(house, ada)


async def test_an_erased_account_s_name_is_free_and_its_password_opens_nothing(
    house: House,
) -> None:
    """The newcomer of the same name is somebody else."""
    ada = await house.sign_in.sign_up("ada", SECRET)
    await erase(house, ada)
    with pytest.raises(WrongCredentials):
        await house.sign_in.log_in("ada", SECRET)
    assert (await house.sign_in.sign_up("ada", "another secret")).id != ada.id


async def test_an_export_holds_wishes_and_shares_and_no_hash(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """Of the walker only; whether there is a password is told, not what it is kept as."""
    await nursery.start(house.scheduler.run)
    ada = await house.sign_in.sign_up("ada", SECRET)
    bo = await house.arrive()
    await house.ask(bo, a_wish(45))
    ended = await house.ended(ada, (await house.ask(ada)).request_id)
    assert ended.route_id is not None
    async with house.storage.write() as work:
        await house.share_routes.share(work, ada.id, ended.route_id)
    kept = await house.export_walker(ada.id)
    assert (kept.user, kept.has_password) == (ada, True)
    assert [stored.progress for stored in kept.requests] == [ended]
    assert [share.route_id for share in kept.shares] == [ended.route_id]
    assert "argon2" not in repr(kept)
    assert not (await house.export_walker(bo.id)).has_password


async def test_a_disabled_person_is_out_for_good(house: House) -> None:
    """Sockets end, the password opens nothing, and enabling revives no old cookie."""
    left: list[UserId] = []
    house.sign_outs.hear(left.append)
    ada = await house.sign_in.sign_up("ada", SECRET)
    disabled = await change(house, ada, Standing(disabled=True))
    assert (disabled.disabled, disabled.session_epoch, left) == (True, 1, [ada.id])
    with pytest.raises(WrongCredentials):
        await house.sign_in.log_in("ada", SECRET)
    enabled = await change(house, ada, Standing(disabled=False))
    assert enabled.session_epoch == 1
    assert await house.sign_in.log_in("ada", SECRET) == enabled
    assert left == [ada.id]


async def test_what_is_not_asked_for_stays(house: House) -> None:
    """Name and role change one by one; disabling the disabled ends nothing anew."""
    ada = await house.arrive()
    named = await change(house, ada, Standing(display_name="Ada"))
    promoted = await change(house, ada, Standing(role=Role.ADMIN))
    assert promoted == replace(
        ada, display_name="Ada", role=Role.ADMIN, revision=3, updated_at=promoted.updated_at
    )
    assert named.session_epoch == promoted.session_epoch == 0
    for _ in range(2):
        last = await change(house, ada, Standing(disabled=True))
    assert last.session_epoch == 1


async def test_administrators_cannot_lock_themselves_out(house: House) -> None:
    """Another may; and one may change one's own name."""
    ada, bo = await house.arrive(), await house.arrive()
    for standing in (Standing(disabled=True), Standing(role=Role.WALKER)):
        with pytest.raises(Conflict):
            await change(house, ada, standing, asked_by=ada.id)
        await change(house, ada, standing, asked_by=bo.id)
    await change(house, bo, Standing(display_name="Bo", disabled=False), asked_by=bo.id)


async def test_strangers_cannot_be_administered(house: House) -> None:
    """NotFound, by id and by name."""
    stranger = replace(await house.arrive(), id=UserId(uuid4()))
    with pytest.raises(NotFound):
        await change(house, stranger, Standing(disabled=True))
    with pytest.raises(NotFound):
        await house.administer.person(stranger.id)
    with pytest.raises(NotFound):
        await house.administer.change_named("nobody", Standing(role=Role.ADMIN))
    with pytest.raises(NotFound):
        await house.administer.sign_out("nobody")


async def test_an_operator_promotes_and_signs_out_by_name(house: House) -> None:
    """Whatever its case; signing out ends cookies and sockets and nothing else."""
    left: list[UserId] = []
    house.sign_outs.hear(left.append)
    ada = await house.sign_in.sign_up("ada", SECRET)
    await house.administer.change_named("ADA", Standing(role=Role.ADMIN))
    signed_out = await house.administer.sign_out("Ada")
    assert (signed_out.role, signed_out.session_epoch, left) == (Role.ADMIN, 1, [ada.id])
    assert await house.sign_in.log_in("ada", SECRET) == signed_out


async def test_everybody_and_every_enrichment_can_be_listed(house: House) -> None:
    """People oldest first, records newest first."""
    people = [await house.arrive() for _ in range(3)]
    record = Enrichment(uuid4(), NOON, "overpass", "https://o.example/", TOWN.bounds, 3)
    async with house.storage.write() as work:
        await work.provenance.add(record)
    assert set((await house.administer.people(PageRequest())).items) == set(people)
    assert list((await house.administer.enrichments(PageRequest())).items) == [record]
