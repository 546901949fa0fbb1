"""`wildside actors` as an operator types it, and the door it asks at."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trio
import trio.testing

from actors import Actor, ActorSystem, ChildSpec, MailboxRule, Restart, Supervisor
from actors.testing import Crash, crash
from actors.vitals import tree_json
from tests.http.doors import Client, Doors, the_doors
from wildside.__main__ import main
from wildside.domain.accounts import Role
from wildside.domain.errors import Invalid
from wildside.inbound.cli.actors import MOST_SHOWN, console_for, drawn, read
from wildside.inbound.http.edge import Edge, EdgeRules
from wildside.inbound.http.origins import Origins
from wildside.inbound.http.pages import page_app
from wildside.inbound.http.table import OPERATORS_ENDPOINTS
from wildside.use_cases.administer import Standing


@dataclass(frozen=True)
class Typed:
    """What a command gave back."""

    code: int
    out: str
    err: str


PASSWORD = "correct horse"


def typed(
    *arguments: str, capsys: pytest.CaptureFixture[str], user: str = "boss", given: str = PASSWORD
) -> Typed:
    """The command run to its end, a password in its pipe."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO(given))
        code = main(["actors", *arguments, "--user", user])
    printed = capsys.readouterr()
    return Typed(code, printed.out, printed.err)


async def with_people(doors: Doors) -> None:
    """An administrator and a walker."""
    for name in ("boss", "ada"):
        await doors.town.sign_in.sign_up(name, PASSWORD)
    await doors.town.administer.change_named("boss", Standing(role=Role.ADMIN))


@asynccontextmanager
async def operators_doors(folder: Path) -> AsyncIterator[tuple[Doors, Edge]]:
    """The town's doors with the operators' own beside them."""
    async with the_doors(folder) as doors:
        edge = Edge(
            doors.house,
            OPERATORS_ENDPOINTS,
            EdgeRules(Origins((), ()), ()),
            pages=page_app(doors.house.page),
            sockets=doors.sockets,
        )
        yield doors, edge


async def test_the_operators_port_asks_for_an_administrator_too(tmp_path: Path) -> None:
    """Who signs in there; numbers and health ask for nobody, what is for walkers is not answered."""
    async with operators_doors(tmp_path) as (doors, edge):
        await with_people(doors)
        operator, walker = Client(edge), Client(edge)
        assert (await operator.get("/debug/actors")).status == 401
        login = {"username": "ada", "password": PASSWORD}
        assert (await walker.post("/api/v1/login", login)).status == 200
        assert (await walker.get("/debug/actors")).status == 403
        assert (await operator.post("/api/v1/login", login | {"username": "boss"})).status == 200
        text = await operator.get("/debug/actors")
        assert (text.status, "sessions" in text.body.decode()) == (200, True)
        tree = await operator.get("/debug/actors", accept="application/json")
        assert tree.json()["name"] == "doors"
        assert (await operator.get("/metrics")).status == 200
        assert (await operator.get("/api/v1/regions")).status == 404


async def test_an_administrator_sees_the_tree(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the server's own address; others are told in one sentence, and so is a wrong place."""
    async with the_doors(tmp_path) as doors, doors.served() as running:
        await with_people(doors)
        url = f"http://127.0.0.1:{running.port}"

        async def type_it(address: str, user: str = "boss", given: str = PASSWORD) -> Typed:
            def typing() -> Typed:
                return typed("--url", address, capsys=capsys, user=user, given=given)

            return await trio.to_thread.run_sync(typing)

        seen = await type_it(url)
        assert (seen.code, seen.err) == (0, "")
        assert "sessions" in seen.out
        for refused, words in (
            (await type_it(url, user="ada"), "only an administrator"),
            (await type_it(url, given="wrong password"), "username or password is wrong"),
            (await type_it(url, user="nobody"), "username or password is wrong"),
            (await type_it(url, given=""), "standard input"),
            (await type_it(url + "/walks"), "is it a Wildside server"),
        ):
            assert (refused.code, refused.out) == (1, "")
            assert words in refused.err
            assert refused.err.count("\n") == 1


def test_a_server_that_is_not_there_is_said_in_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Refused, and an address that is none."""
    with closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        port = nobody.getsockname()[1]
        refused = typed("--url", f"http://127.0.0.1:{port}", capsys=capsys)
    assert (refused.code, refused.out) == (1, "")
    assert "cannot be reached" in refused.err
    assert str(port) in refused.err
    assert refused.err.count("\n") == 1
    for address in ("127.0.0.1:9100", "ftp://127.0.0.1", "http://host:port"):
        wrong = typed("--url", address, capsys=capsys)
        assert (wrong.code, wrong.out) == (1, "")
        assert "is not an address" in wrong.err


def test_an_answer_that_is_no_tree_is_said() -> None:
    """Somebody else may listen there, and answer 200 to everything."""
    with pytest.raises(Invalid, match="not a tree"):
        read(b"<html>")
    with pytest.raises(Invalid, match="not a tree"):
        read(b'{"name": "half"}')


class Deaf(Actor[str]):
    """Handles nothing: its first message keeps it busy for ever."""

    async def receive(self, message: str) -> object:
        await trio.sleep_forever()


async def test_what_is_in_trouble_is_seen_first() -> None:
    """Mailbox, restarts and last failure in its line; of many alike the rest is counted."""
    rule = MailboxRule(capacity=2)
    fallen = ChildSpec("fallen", Deaf, mailbox=rule, stop_seconds=0.1)
    many = Supervisor("many")
    async with ActorSystem(Supervisor("town", (fallen, many), intensity=10)) as system:
        deaf = system.address_of(fallen)
        crash(deaf, Crash("of the day"))
        place = system.root.find("fallen")
        assert place is not None
        while place.restarts == 0 or not place.alive:
            await place.wait_change()
        branch = system.supervisor("many")
        crowd = [
            branch.spawn(
                ChildSpec(f"one-{number}", Deaf, restart=Restart.TEMPORARY, stop_seconds=0.1)
            )
            for number in range(MOST_SHOWN + 30)
        ]
        crowd[-1].tell("kept busy")
        await trio.testing.wait_all_tasks_blocked()
        crowd[-1].tell("waits")
        told = msgspec.json.encode(tree_json(system.snapshot()))
    lines = printed(told)
    assert lines[0] == "town  supervisor  running"
    assert "mailbox 0/2" in lines[1]
    assert lines[1].endswith("restarts 1  last failure Crash('of the day')")
    ones = [line for line in lines if "one-" in line]
    assert len(ones) == MOST_SHOWN
    assert any("one-49 " in line and "mailbox 1/" in line for line in ones)
    assert lines[-1].strip(" │└─") == "and 30 more"


def printed(told: bytes) -> list[str]:
    out = io.StringIO()
    console_for(out).print(drawn(read(told)))
    tree: dict[str, Any] = json.loads(told)
    assert out.getvalue().startswith(tree["name"])
    return [line.rstrip() for line in out.getvalue().splitlines()]
