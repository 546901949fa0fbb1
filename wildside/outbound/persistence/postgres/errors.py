"""What PostgreSQL and the way to it say, in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from wildside.domain.errors import (
    Invalid,
    NotFound,
    Unauthorized,
    Unavailable,
    WildsideError,
)

# By SQLSTATE (https://www.postgresql.org/docs/15/errcodes-appendix.html), as an operator says it.
_MEANINGS = {
    "25006": "the database may only be read",
    "28000": "the database does not let us in",
    "28P01": "the database does not accept the password",
    "3D000": "there is no such database",
    "40001": "others changed the same things at the same moment",
    "40P01": "others changed the same things at the same moment",
    "53100": "the database's disk is full",
    "53200": "the database has no memory left",
    "53300": "the database has no connection left",
    "55P03": "others hold what is to be changed for too long",
    "57014": "the database took too long",
    "57P01": "the database is going down",
    "57P02": "the database is restarting after a crash",
    "57P03": "the database is starting or going down",
    "58000": "the database's machine fails",
    "58030": "the database's disk fails",
}
NO_ANSWER = "the database does not answer"


@contextmanager
def translated() -> Iterator[None]:
    """Turns what the server says about itself into `Unavailable`, and about values into `Invalid`.

    Mistakes in our own statements stay what they are: they are bugs, and no later try mends them.
    """
    try:
        yield
    except psycopg.Error as error:
        ours = meaning_of(error)
        if ours is None:
            raise
        raise ours from error


def meaning_of(error: psycopg.Error) -> WildsideError | None:
    """The error in our words, or None where it is a mistake of ours."""
    meaning = _MEANINGS.get(error.sqlstate or "")
    if meaning is not None:
        return Unavailable(meaning)
    if isinstance(error, psycopg.errors.ForeignKeyViolation):
        return _of_somebody_gone(error.diag.constraint_name or "")
    if isinstance(error, psycopg.DataError):
        # A text with a NUL, a number beyond its column: nothing that a store of ours could keep.
        return Invalid("a value in the request cannot be stored")
    if isinstance(error, psycopg.OperationalError):
        return Unavailable(NO_ANSWER)
    return None


def _of_somebody_gone(constraint: str) -> WildsideError | None:
    """What is written belongs to somebody, or to a walk, that another has erased meanwhile."""
    if constraint.endswith("_user_id_fkey"):
        return Unauthorized("this session belongs to nobody any more")
    if constraint.endswith("_route_id_fkey"):
        return NotFound("this route is not there any more")
    return None
