"""`wildside actors --url http://HOST:PORT`: the living tree of a running server, as operators read it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import TextIO

import msgspec
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from actors.vitals import latency_bound
from wildside.domain.errors import (
    Forbidden,
    Invalid,
    NotFound,
    Unauthorized,
    Unavailable,
    WildsideError,
)
from wildside.inbound.cli.password import Terminal, known_password

PATH = "/debug/actors"
LOGIN = "/api/v1/login"
ANSWER_SECONDS = 10.0
# Of a thousand sessions these many say enough on a screen; --json has all.
MOST_SHOWN = 20
PIPED_WIDTH = 10_000
COLOURS = {"running": "green", "starting": "yellow", "waiting": "yellow", "ended": "red"}


class Part(msgspec.Struct):
    """One place of the tree as the server tells it."""

    name: str
    sort: str
    status: str
    restarts: int
    last_failure: str | None
    waiting: int
    capacity: int
    handled: int
    lost: int
    latency: list[int]
    children: list[Part]


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command and its arguments."""
    command = commands.add_parser(
        "actors",
        help="print the living tree of a running server",
        description="Prints what runs inside a server: mailboxes, restarts, latency, failures.",
    )
    command.add_argument(
        "--url",
        required=True,
        metavar="http://HOST:PORT",
        help="the server's own address, or its METRICS_PORT's",
    )
    command.add_argument(
        "--user",
        metavar="NAME",
        required=True,
        help="an administrator; the password is asked for, or is the first line of a pipe",
    )
    command.add_argument("--json", action="store_true", help="all of it, for programs")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Asks the server and prints its tree; 0 printed, 1 not, with a plain sentence."""
    try:
        told = ask(arguments.url, arguments.user, known_password(terminal))
        tree = read(told)
    except WildsideError as error:
        print(f"wildside actors: {error}", file=terminal.err)
        return 1
    if arguments.json:
        print(told.decode(), file=terminal.out)
    else:
        console_for(terminal.out).print(drawn(tree))
    return 0


def console_for(out: TextIO) -> Console:
    """Folds lines at a terminal's edge, and nowhere in a file or a pipe."""
    return Console(file=out, width=None if out.isatty() else PIPED_WIDTH)


def ask(url: str, username: str, password: str) -> bytes:
    """The tree in JSON; Invalid, Unauthorized, Forbidden, NotFound or Unavailable say what is in the way."""
    # Imported late: no other command needs a client.
    import httpx

    try:
        with httpx.Client(base_url=url, timeout=ANSWER_SECONDS, trust_env=False) as client:
            login = client.post(LOGIN, json={"username": username, "password": password})
            _refuse(url, LOGIN, login.status_code)
            # By hand: a client's jar keeps a `Secure` cookie from plain HTTP, as operators' ports speak.
            headers = {"Accept": "application/json", "Cookie": _session(login.headers)}
            answer = client.get(PATH, headers=headers)
            _refuse(url, PATH, answer.status_code)
            return answer.content
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise Invalid(f"{url!r} is not an address such as http://127.0.0.1:9100") from error
    except httpx.TimeoutException as error:
        raise Unavailable(f"{url} did not answer in {ANSWER_SECONDS:g} s") from error
    except httpx.ConnectError as error:
        raise Unavailable(f"{url} cannot be reached: {error}") from error
    except httpx.HTTPError as error:
        raise Unavailable(f"{url} broke off: {error}") from error


def _session(headers: Mapping[str, str]) -> str:
    return headers.get("set-cookie", "").partition(";")[0]


def _refuse(url: str, path: str, status: int) -> None:
    match status:
        case 200:
            return
        case 401:
            raise Unauthorized("username or password is wrong")
        case 403:
            raise Forbidden("only an administrator may see the tree: wildside users promote NAME")
        case 404 | 405:
            raise NotFound(f"{url} has no {path}: is it a Wildside server?")
        case _:
            raise Unavailable(f"{url} answered {status}")


def read(told: bytes) -> Part:
    """The tree from its JSON; Invalid where it is something else."""
    try:
        return msgspec.json.decode(told, type=Part)
    except msgspec.DecodeError as error:
        raise Invalid(f"what came back is not a tree of actors: {error}") from error


def drawn(part: Part) -> Tree:
    """One line a part, the parts below it indented."""
    tree = Tree(_line(part))
    _hang(tree, part)
    return tree


def _hang(tree: Tree, part: Part) -> None:
    shown = list(_shown(part))
    for child in shown:
        _hang(tree.add(_line(child)), child)
    if len(shown) < len(part.children):
        tree.add(Text(f"and {len(part.children) - len(shown)} more", style="dim"))


def _shown(part: Part) -> Iterator[Part]:
    """Tasks and supervisors always; of the actors those with trouble or work first."""
    actors = [child for child in part.children if child.sort == "actor"]
    actors.sort(key=lambda child: (child.last_failure is None, -child.waiting))
    chosen = {id(child) for child in actors[:MOST_SHOWN]}
    for child in part.children:
        if child.sort != "actor" or id(child) in chosen:
            yield child


def _line(part: Part) -> Text:
    line = Text(part.name, style="bold")
    line.append(f"  {part.sort}", style="dim")
    line.append(f"  {part.status}", style=COLOURS.get(part.status, ""))
    if part.sort == "actor":
        full = bool(part.capacity) and part.waiting >= part.capacity
        line.append(f"  mailbox {part.waiting}/{part.capacity}", style="red" if full else "")
        line.append(f"  handled {part.handled}", style="")
        line.append(f"  p95 {latency_bound(part.latency, 0.95) * 1000:.3g} ms", style="")
    if part.lost:
        line.append(f"  lost {part.lost}", style="red")
    if part.restarts:
        line.append(f"  restarts {part.restarts}", style="yellow")
    if part.last_failure:
        line.append(f"  last failure {part.last_failure}", style="red")
    return line
