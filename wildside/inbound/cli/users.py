"""`wildside users`: adds, promotes, lists and signs out people, in whichever store is configured."""

from __future__ import annotations

import argparse
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from wildside.domain.accounts import Role, User
from wildside.domain.errors import WildsideError
from wildside.domain.paging import MOST_A_PAGE, PageRequest
from wildside.inbound.cli.password import Terminal, new_password
from wildside.use_cases.administer import Administer, Standing
from wildside.use_cases.sign_in import SignIn


@dataclass(frozen=True, slots=True)
class People:
    """The use cases the command needs."""

    sign_in: SignIn
    administer: Administer


OpenPeople = Callable[[], AbstractAsyncContextManager[People]]


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command and its parts."""
    command = commands.add_parser(
        "users",
        help="add, promote, list and sign out people",
        description="Looks after accounts, in whichever store the settings name.",
    )
    parts = command.add_subparsers(dest="part", metavar="PART", required=True)
    add = parts.add_parser(
        "add",
        help="make an account",
        description="Makes an account. The password is asked for, or is the first line of a pipe: "
        "an argument would stay in the shell's history and in the list of processes.",
    )
    add.add_argument("name")
    add.add_argument("--display-name")
    add.add_argument("--admin", action="store_true", help="an administrator from the beginning")
    promote = parts.add_parser("promote", help="make an account an administrator, or take it back")
    promote.add_argument("name")
    promote.add_argument("--role", choices=[role.value for role in Role], default=Role.ADMIN.value)
    listing = parts.add_parser("list", help="list accounts")
    listing.add_argument("--all", action="store_true", help="anonymous walkers, too")
    sign_out = parts.add_parser("sign-out", help="end every session of an account")
    sign_out.add_argument("name")
    for part in (add, promote, listing, sign_out):
        part.add_argument("--json", action="store_true", help="for programs")


async def run(arguments: argparse.Namespace, open_people: OpenPeople, terminal: Terminal) -> int:
    """Does one part; 0 done, 1 not, with a plain sentence."""
    try:
        # Asked for before the store is opened: a person may take their time.
        password = new_password(terminal) if arguments.part == "add" else ""
        async with open_people() as people:
            users = await _done(arguments, people, password)
    except WildsideError as error:
        print(f"wildside users: {error}", file=terminal.err)
        return 1
    if arguments.json:
        json.dump([_row(user) for user in users], terminal.out, indent=2)
        terminal.out.write("\n")
    else:
        terminal.out.writelines(f"{line}\n" for line in _table(users))
    return 0


async def _done(arguments: argparse.Namespace, people: People, password: str) -> Sequence[User]:
    match arguments.part:
        case "add":
            await people.sign_in.sign_up(arguments.name, password, arguments.display_name)
            role = Role.ADMIN if arguments.admin else Role.WALKER
            return [await people.administer.change_named(arguments.name, Standing(role=role))]
        case "promote":
            standing = Standing(role=Role(arguments.role))
            return [await people.administer.change_named(arguments.name, standing)]
        case "sign-out":
            return [await people.administer.sign_out(arguments.name)]
        case _:
            return [
                user
                async for user in _everybody(people.administer)
                if arguments.all or not user.is_anonymous
            ]


async def _everybody(administer: Administer) -> AsyncIterator[User]:
    page: PageRequest | None = PageRequest(MOST_A_PAGE)
    while page is not None:
        found = await administer.people(page)
        for user in found.items:
            yield user
        page = None if found.next is None else PageRequest(MOST_A_PAGE, found.next)


def _row(user: User) -> dict[str, object]:
    return {
        "id": str(user.id),
        "username": user.username,
        "display_name": user.display_name,
        "role": user.role.value,
        "disabled": user.disabled,
        "session_epoch": user.session_epoch,
        "created_at": user.created_at.isoformat(),
    }


def _table(users: Sequence[User]) -> list[str]:
    rows = [("USERNAME", "ROLE", "SINCE", "ID", "NAME")]
    rows += [
        (
            user.username or "-",
            f"{user.role.value}, disabled" if user.disabled else user.role.value,
            f"{user.created_at:%Y-%m-%d}",
            str(user.id),
            # Walkers choose it freely: a terminal must not obey it.
            "".join(letter if letter.isprintable() else "?" for letter in user.display_name),
        )
        for user in users
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]])
        for row in rows
    ]
