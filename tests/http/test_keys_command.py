"""`wildside keys` as an operator types it."""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from wildside.__main__ import main
from wildside.domain.errors import Conflict
from wildside.domain.key_rotation import fingerprint, fresh_key
from wildside.outbound.key_store import KeyStore
from wildside.outbound.session_keys import read_keys


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
    """A shell with SESSION_KEY_FILE set."""

    path: Path
    capsys: pytest.CaptureFixture[str]

    def keys(self, *arguments: str) -> Typed:
        """`wildside keys …`, run to its end; never does a key appear."""
        before = self.known()
        code = main(["keys", *arguments])
        printed = self.capsys.readouterr()
        for key in {*before, *self.known()}:
            assert key not in printed.out + printed.err
        return Typed(code, printed.out, printed.err)

    def known(self) -> tuple[str, ...]:
        return read_keys(self.path, shortest_bytes=1) if self.path.exists() else ()


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    """An empty folder for the key file."""
    path = tmp_path / "session_key"
    monkeypatch.setenv("SESSION_KEY_FILE", str(path))
    return Shell(path, capsys)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_is_generated_for_nobody_else_s_eyes(shell: Shell) -> None:
    """0600 from its first byte on; a second generate overwrites nothing."""
    made = shell.keys("generate")
    (key,) = shell.known()
    assert made.code == 0
    assert fingerprint(key) in made.out
    assert mode(shell.path) == 0o600
    again = shell.keys("generate")
    assert (again.code, shell.known()) == (1, (key,))
    assert "rotate" in again.err


def test_rotating_adds_the_key_that_signs(shell: Shell) -> None:
    """And drops the oldest beyond the number kept."""
    shell.keys("generate")
    for count in (2, 3):
        assert shell.keys("rotate").code == 0
        assert len(shell.known()) == count
    first, second, third = shell.known()
    rows = shell.keys("list", "--json").rows
    assert [row["fingerprint"] for row in rows] == [
        fingerprint(key) for key in (first, second, third)
    ]
    assert [row["signs"] for row in rows] == [False, False, True]
    shell.keys("rotate", "--keep", "2")
    assert shell.known()[0] == third
    assert len(shell.known()) == 2
    assert mode(shell.path) == 0o600


def test_a_key_is_announced_before_it_signs(shell: Shell) -> None:
    """For servers that learn of it one after the other; saying it twice does no harm."""
    shell.keys("generate")
    (old,) = shell.known()
    announced = shell.keys("rotate", "--announce", "--json")
    new = announced.rows[0]["fingerprint"]
    assert shell.known()[-1] == old
    assert fingerprint(shell.known()[0]) == new
    for _ in range(2):
        signing = shell.keys("rotate", "--sign-with", new)
        assert signing.code == 0
        assert (shell.known()[0], fingerprint(shell.known()[1])) == (old, new)
    stranger = shell.keys("rotate", "--sign-with", "0123456789abcdef")
    assert (stranger.code, len(shell.known())) == (1, 2)


def test_a_folder_s_new_key_is_a_file_of_its_own(shell: Shell) -> None:
    """Named by the moment, so that it is the last by name; the oldest files go."""
    shell.path.mkdir()
    old, older = fresh_key(), fresh_key()
    (shell.path / "20250101T000000Z").write_text(older)
    (shell.path / "20260101T000000Z").write_text(old)
    assert shell.keys("rotate", "--keep", "2").code == 0
    files = sorted(shell.path.iterdir())
    assert files[0].name == "20260101T000000Z"
    assert len(files) == 2
    assert mode(files[1]) == 0o600
    assert shell.known()[0] == old
    (shell.path / "zz").write_text(fresh_key())
    late = shell.keys("rotate")
    assert (late.code, "zz comes after it" in late.err) == (1, True)
    ordered = shell.keys("rotate", "--announce")
    assert (ordered.code, "one file" in ordered.err) == (1, True)


def test_whoever_could_read_the_old_keys_can_read_the_new_ones(shell: Shell) -> None:
    """A group's right stays; the world's never was one."""
    shell.keys("generate")
    shell.path.chmod(0o644)
    shell.keys("rotate")
    assert mode(shell.path) == 0o640


def test_of_two_who_rotate_at_once_the_second_is_refused(shell: Shell) -> None:
    """And neither's key is lost; an interrupted one is told of."""
    shell.keys("generate")
    before = shell.known()
    beside = shell.path.with_name(".session_key.new")
    beside.touch()
    late = shell.keys("rotate")
    assert (late.code, str(beside) in late.err) == (1, True)
    assert shell.known() == before
    beside.unlink()
    assert shell.keys("rotate").code == 0


def test_a_failed_write_leaves_the_old_keys(tmp_path: Path) -> None:
    """Old keys or new ones, never half of them, and nothing beside."""
    store = KeyStore(tmp_path / "keys")
    store.create("first")
    with pytest.raises(UnicodeEncodeError):
        store.replace(("first", "\udcff"))
    assert store.read() == ("first",)
    assert [file.name for file in tmp_path.iterdir()] == ["keys"]
    with pytest.raises(Conflict):
        store.create("second")


def test_what_is_not_there_is_told_in_a_line(shell: Shell, tmp_path: Path) -> None:
    """No file, no folder to make one in, nothing to keep."""
    for arguments in (
        ["list"],
        ["rotate"],
        ["generate", "--file", str(tmp_path / "absent" / "keys")],
    ):
        typed = shell.keys(*arguments)
        assert typed.code == 1
        assert len(typed.err.splitlines()) == 1, typed.err
    shell.keys("generate")
    assert shell.keys("rotate", "--keep", "0").code == 1
    assert len(shell.known()) == 1
    with pytest.raises(SystemExit) as usage:
        main(["keys"])
    assert usage.value.code == 2
