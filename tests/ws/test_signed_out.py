"""Sockets of people who are signed out: closed at once here, within a look from elsewhere."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
import trio
import trio.testing
from trio_websocket import ConnectionRejected

from tests.http.doors import Client, Doors
from tests.ws.test_socket import closed_with, open_doors, socket_of
from wildside.domain.accounts import User
from wildside.domain.identifiers import UserId

ADA = {"username": "ada", "password": "correct horse"}


async def stored(doors: Doors, walker: Client) -> User:
    me = (await walker.get("/api/v1/users/me")).json()["id"]
    async with doors.town.storage.read() as work:
        user = await work.accounts.find(UserId(UUID(me)))
    assert user is not None
    return user


async def change_elsewhere(doors: Doors, user: User, **fields: object) -> None:
    """What another process does to the stored walker: nobody here is told."""
    async with doors.town.storage.write() as work:
        changed = replace(user, **fields, revision=user.revision + 1)  # type: ignore[arg-type]
        assert await work.accounts.update(changed, expected_revision=user.revision)


async def test_every_socket_of_an_erased_walker_closes_at_once(tmp_path: Path) -> None:
    """Both of theirs, not the neighbour's; the old cookie opens none again."""
    async with open_doors(tmp_path) as (doors, running), AsyncExitStack() as stack:
        walker, neighbour = await doors.walker(), await doors.walker("198.51.100.3")
        phone = await stack.enter_async_context(socket_of(walker, running))
        laptop = await stack.enter_async_context(socket_of(walker, running))
        other = await stack.enter_async_context(socket_of(neighbour, running))
        ghost = Client(doors.edge, cookies=dict(walker.cookies))
        assert (await walker.delete("/api/v1/users/me")).status == 204
        assert await closed_with(phone) == (1008, "signed out")
        assert await closed_with(laptop) == (1008, "signed out")
        assert other.closed is None
        with pytest.raises(ConnectionRejected) as rejected:
            await stack.enter_async_context(socket_of(ghost, running))
        assert rejected.value.status_code == 401
        assert doors.sockets.open_sockets == 1


async def test_a_new_password_closes_the_sockets_of_the_old(tmp_path: Path) -> None:
    """With the fresh cookie one comes in again."""
    async with open_doors(tmp_path) as (doors, running):
        walker = doors.client()
        await walker.post("/api/v1/users", ADA)
        async with socket_of(walker, running) as connection:
            reply = await walker.patch(
                "/api/v1/users/me",
                {"password": "battery staple", "current_password": ADA["password"]},
            )
            assert reply.status == 200
            assert await closed_with(connection) == (1008, "signed out")
        async with socket_of(walker, running) as connection:
            await doors.sockets.review()
            await trio.testing.wait_all_tasks_blocked()
            assert connection.closed is None


@pytest.mark.parametrize("fields", [{"disabled": True}, {"session_epoch": 1}])
async def test_a_look_finds_who_was_signed_out_elsewhere(
    tmp_path: Path, fields: dict[str, object]
) -> None:
    """By the command line or another server: the next review closes their sockets and no others."""
    async with open_doors(tmp_path) as (doors, running), AsyncExitStack() as stack:
        walker, neighbour = await doors.walker(), await doors.walker("198.51.100.3")
        theirs = await stack.enter_async_context(socket_of(walker, running))
        other = await stack.enter_async_context(socket_of(neighbour, running))
        await doors.sockets.review()
        await change_elsewhere(doors, await stored(doors, walker), **fields)
        await doors.sockets.review()
        assert await closed_with(theirs) == (1008, "signed out")
        assert other.closed is None


async def test_a_look_finds_who_was_erased_elsewhere(tmp_path: Path) -> None:
    """Whoever is not there does not stand."""
    async with open_doors(tmp_path) as (doors, running):
        walker = await doors.walker()
        async with socket_of(walker, running) as connection:
            user = await stored(doors, walker)
            async with doors.town.storage.write() as work:
                await work.accounts.erase(user.id)
            await doors.sockets.review()
            assert await closed_with(connection) == (1008, "signed out")


async def test_changing_one_s_name_closes_nothing(tmp_path: Path) -> None:
    """Only a raised epoch does."""
    async with open_doors(tmp_path) as (doors, running):
        walker = await doors.walker()
        async with socket_of(walker, running) as connection:
            assert (await walker.patch("/api/v1/users/me", {"display_name": "Ada"})).status == 200
            await doors.sockets.review()
            await trio.testing.wait_all_tasks_blocked()
            assert connection.closed is None
