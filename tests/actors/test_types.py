"""The type checker refuses a wrong message: proved by letting mypy read one right and five wrong."""

from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).parents[2]

RIGHT = """
from actors import Actor, Address, ChildSpec, Request

class Deposit: ...
class Balance(Request[int]): ...
class Weather(Request[str]): ...

class Account(Actor[Deposit | Balance]):
    async def receive(self, message: Deposit | Balance) -> object:
        return None

ACCOUNT = ChildSpec("account", Account)

async def use(account: Address[Deposit | Balance], deposits: Address[Deposit]) -> None:
    account.tell(Deposit())
    account.tell(Balance())
    await account.send(Deposit())
    cents: int = await account.ask(Balance(), timeout_seconds=1)
    narrower: Address[Deposit] = account
    print(cents, narrower)
"""

WRONG = {
    "a message the actor does not know": "    account.tell(Weather())",
    "a question the actor does not know": "    print(str(await account.ask(Weather(), 1.0)))",
    "a message that is no question": "    await account.ask(Deposit(), 1.0)",
    "a reply taken for something else": "    text: str = await account.ask(Balance(), 1.0)",
    "an address that accepts too little": "    wider: Address[Deposit | Balance] = deposits",
}


def check(source: str, folder: Path) -> str:
    path = folder / "story.py"
    path.write_text(source)
    found, errors, _ = api.run(
        ["--strict", "--no-error-summary", "--cache-dir", str(ROOT / ".mypy_cache"), str(path)]
    )
    assert not errors, errors
    return found


@pytest.fixture(autouse=True)
def _from_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_right_messages_pass_and_replies_have_their_type(tmp_path: Path) -> None:
    """Told, sent and asked; an address of more messages serves where fewer are needed."""
    assert check(RIGHT, tmp_path) == ""


def test_wrong_messages_do_not_type_check(tmp_path: Path) -> None:
    """Each of five mistakes is an error on its own line, and there are no others."""
    found = check(RIGHT + "\n".join(WRONG.values()) + "\n", tmp_path)
    first = len(RIGHT.splitlines()) + 1
    lines = {int(line.split(":")[1]) for line in found.splitlines() if ": error:" in line}
    missed = [what for number, what in enumerate(WRONG, first) if number not in lines]
    assert missed == [], found
    assert lines == set(range(first, first + len(WRONG))), found
