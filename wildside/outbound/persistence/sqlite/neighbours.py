"""Knows whether another server of this machine works on the same SQLite file."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def among_servers(database: Path) -> Iterator[bool]:
    """Counts this process among the file's servers while the block lasts; True where it is the first.

    The lock is advisory, lies beside the file, and goes with the process however that ends. Where
    there are no locks, on some network drives, nobody is noticed.
    """
    try:
        descriptor = os.open(database.with_name(f"{database.name}-servers"), os.O_RDWR | os.O_CREAT)
    except OSError:
        yield True
        return
    try:
        yield _is_first(descriptor)
    finally:
        os.close(descriptor)


def _is_first(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_first = True
    except BlockingIOError:
        is_first = False
    except OSError:
        return True
    # From now on whoever comes sees this one, and all may go in any order.
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return is_first
