"""Says in one line which database cannot be reached and why, without its password, to whoever starts us."""

from __future__ import annotations

import psycopg
from psycopg.conninfo import conninfo_to_dict

from wildside.domain.errors import Unavailable

# libpq gives no code for a connection that was never made, so its words must do; in another language
# they are passed on as they are.
_REASONS = (
    ("failed to resolve host", "there is no host of this name"),
    ("could not translate host name", "there is no host of this name"),
    ("Connection refused", "nobody listens there; is the server running, is it the right port?"),
    ("No such file or directory", "nobody listens there; is the server running?"),
    ("timeout expired", "no answer; is the host right, is a firewall in between?"),
    ("timed out", "no answer; is the host right, is a firewall in between?"),
    ("No route to host", "no network leads there"),
    ("Network is unreachable", "no network leads there"),
    ("password authentication failed", "the user or the password is wrong"),
    ("no password supplied", "a password is needed"),
    ("no pg_hba.conf entry", "the server does not let this user in from here"),
    ("does not support SSL", "the server does not encrypt; see sslmode"),
    ("certificate", "the server's certificate is not trusted; see sslmode and sslrootcert"),
    ("too many clients", "the server has no connection left"),
    ("remaining connection slots", "the server has no connection left"),
    ("is starting up", "the server is starting"),
    ("is shutting down", "the server is going down"),
)
NO_ANSWER_IN_TIME = "no answer; is the host right, is a firewall in between?"
_NO_URL = (
    "DATABASE_URL cannot be understood; it is like postgresql://user:password@host:5432/wildside"
)


def unreachable(url: str, error: psycopg.Error | None) -> Unavailable:
    """Where the database should be and what is in the way; without an error, silence was."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error:
        # What libpq says about a bad URL repeats the URL, password and all.
        return Unavailable(_NO_URL)
    host = str(parts.get("host") or parts.get("hostaddr") or "the local socket")
    shown = f"[{host}]" if ":" in host else host
    user = parts.get("user")
    database = parts.get("dbname") or user or "(no name)"
    where = f"{shown}:{parts.get('port') or 5432}/{database}"
    why = NO_ANSWER_IN_TIME if error is None else _why(str(error), str(user or ""), str(database))
    as_whom = f" as {user}" if user else ""
    return Unavailable(f"the database {where}{as_whom} cannot be reached: {why}")


def _why(words: str, user: str, database: str) -> str:
    if f'database "{database}" does not exist' in words:
        return f"the server has no database {database}; createdb makes one"
    if f'role "{user}" does not exist' in words:
        return f"the server has no user {user}"
    for sign, reason in _REASONS:
        if sign in words:
            return reason
    return " ".join(words.split())
