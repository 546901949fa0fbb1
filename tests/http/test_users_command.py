"""`wildside users` as an operator types it, on a store that a server may have open."""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.contracts.test_storage_accounts import a_walker
from wildside.__main__ import main
from wildside.app_storage import opened_storage, reach_of
from wildside.settings import gather, parse


@dataclass(frozen=True)
class Typed:
    """What a command gave back."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.out)
        return found


@dataclass
class Shell:
    """A shell with a data folder of its own."""

    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def users(self, *arguments: str, given: str = "") -> Typed:
        """`wildside users …` with something on its standard input."""
        self.monkeypatch.setattr("sys.stdin", io.StringIO(given))
        code = main(["users", *arguments])
        printed = self.capsys.readouterr()
        return Typed(code, printed.out, printed.err)

    def listed(self, *options: str) -> list[tuple[str | None, str, int]]:
        rows = self.users("list", "--json", *options).rows
        return [(row["username"], row["role"], row["session_epoch"]) for row in rows]


@pytest.fixture(params=["sqlite", "postgres"])
def shell(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Shell:
    """On an empty store of each kind."""
    if request.param == "postgres":
        monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("database_url"))
    monkeypatch.setenv("WILDSIDE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("APP_ENV", "development")
    return Shell(capsys, monkeypatch)


def test_accounts_are_added_promoted_and_signed_out(shell: Shell) -> None:
    """As the list then says; names whatever their case."""
    added = shell.users("add", "ada", "--display-name", "Ada L.", given="correct horse\nrest\n")
    assert added.code == 0
    assert "Ada L." in added.out
    assert shell.users("add", "boss", "--admin", given="battery staple").code == 0
    assert shell.listed() == [("ada", "walker", 0), ("boss", "admin", 0)]
    assert shell.users("promote", "ADA").code == 0
    assert shell.users("promote", "boss", "--role", "walker").code == 0
    assert shell.users("sign-out", "ada").code == 0
    assert shell.listed() == [("ada", "admin", 1), ("boss", "walker", 0)]


def test_a_table_is_for_people(shell: Shell) -> None:
    """A line each, under a line that says what is what."""
    shell.users("add", "ada", given="correct horse")
    head, line = shell.users("list").out.splitlines()
    assert head.split() == ["USERNAME", "ROLE", "SINCE", "ID", "NAME"]
    assert line.split()[0] == "ada"
    assert line.index("walker") == head.index("ROLE")


def test_a_name_commands_no_terminal(shell: Shell) -> None:
    """What turns the text is refused; the marks that some scripts need are shown as question marks."""
    refused = shell.users("add", "eve", "--display-name", "A\u202ea", given="correct horse")
    assert "direction" in refused.err
    shell.users("add", "ada", "--display-name", "A\u200fd\u061ca", given="correct horse")
    _, line = shell.users("list").out.splitlines()
    assert line.endswith("A?d?a")


def test_anonymous_walkers_are_listed_where_asked_for(shell: Shell, tmp_path: Path) -> None:
    """More than a page of them."""
    shell.users("add", "ada", given="correct horse")
    settings = parse(gather(os.environ, {}))

    async def crowd() -> None:
        async with (
            opened_storage(tmp_path, reach_of(settings)) as storage,
            storage.write() as work,
        ):
            for _ in range(150):
                await work.accounts.add(a_walker())

    trio.run(crowd)
    assert len(shell.listed()) == 1
    assert len(shell.listed("--all")) == 151


def test_a_password_is_never_an_argument(shell: Shell) -> None:
    """Nor shown: there is no option for it, and an empty pipe is told of."""
    with pytest.raises(SystemExit) as usage:
        shell.users("add", "ada", "--password", "correct horse")
    assert usage.value.code == 2
    shell.capsys.readouterr()
    empty = shell.users("add", "ada")
    assert (empty.code, "standard input" in empty.err) == (1, True)
    short = shell.users("add", "ada", given="sesame\n")
    assert (short.code, "10 to 1000" in short.err) == (1, True)
    assert "sesame" not in short.out + short.err
    assert shell.listed() == []


def test_a_person_is_asked_twice(shell: Shell) -> None:
    """At a terminal, without an echo; two that differ make no account."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    answers = iter(["correct horse", "correct house", "correct horse", "correct horse"])
    shell.monkeypatch.setattr("getpass.getpass", lambda *_, **__: next(answers))
    shell.monkeypatch.setattr("sys.stdin", Terminal())
    assert main(["users", "add", "ada"]) == 1
    assert "differ" in shell.capsys.readouterr().err
    assert main(["users", "add", "ada"]) == 0
    shell.capsys.readouterr()
    assert shell.listed() == [("ada", "walker", 0)]


def test_what_cannot_be_done_is_told_in_a_line(shell: Shell) -> None:
    """A taken name, nobody of that name; exit code 1."""
    shell.users("add", "ada", given="correct horse")
    for arguments in (["add", "ADA"], ["promote", "bob"], ["sign-out", "bob"], ["add", "a b"]):
        typed = shell.users(*arguments, given="correct horse")
        assert typed.code == 1
        assert len(typed.err.splitlines()) == 1
