"""Asks a person for a password, or reads it from a pipe; never from an argument, which others could read."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from typing import TextIO

from wildside.domain.errors import Invalid


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where is read from and written to."""

    given: TextIO
    out: TextIO
    err: TextIO


def known_password(terminal: Terminal) -> str:
    """The password of somebody who has one."""
    if terminal.given.isatty():
        return getpass.getpass("Password: ", stream=terminal.err)
    line = terminal.given.readline()
    if not line:
        raise Invalid("the password is read from standard input, which was empty")
    return line.rstrip("\r\n")


def new_password(terminal: Terminal) -> str:
    """A new password; a person types it twice."""
    first = known_password(terminal)
    if terminal.given.isatty() and getpass.getpass("Again: ", stream=terminal.err) != first:
        raise Invalid("the two passwords differ")
    return first
