"""`wildside keys`: makes, rotates and lists the keys that sign cookies; no key is ever printed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol, TextIO

from wildside.domain.errors import WildsideError
from wildside.domain.key_rotation import (
    KEPT_KEYS,
    Keys,
    announcing,
    fingerprint,
    fresh_key,
    keeping,
    signing_with,
)


class Store(Protocol):
    """Where keys are kept."""

    @property
    def path(self) -> Path: ...
    def read(self) -> Keys: ...
    def create(self, key: str) -> None: ...
    def replace(self, keys: Keys) -> None: ...
    def add(self, key: str, *, name: str, keep: int) -> Keys: ...


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command and its parts."""
    command = commands.add_parser(
        "keys",
        help="make, rotate and list the keys that sign cookies",
        description="Looks after SESSION_KEY_FILE. Keys are shown by fingerprints only.",
    )
    parts = command.add_subparsers(dest="part", metavar="PART", required=True)
    generate = parts.add_parser("generate", help="make the file with its first key")
    rotate = parts.add_parser(
        "rotate",
        help="add a key that signs from now on; older ones go on verifying",
        description="Without a flag the new key signs at once, which is right for one server. "
        "Where several are replaced one after the other: --announce, wait until every server "
        "has read it, then --sign-with the fingerprint that --announce printed.",
    )
    step = rotate.add_mutually_exclusive_group()
    step.add_argument("--announce", action="store_true", help="add a key that only verifies yet")
    step.add_argument("--sign-with", metavar="FINGERPRINT", help="let a known key sign")
    rotate.add_argument(
        "--keep",
        type=int,
        default=KEPT_KEYS,
        metavar="N",
        help=f"how many keys stay; cookies of dropped ones end (default: {KEPT_KEYS})",
    )
    listing = parts.add_parser("list", help="list fingerprints, the signing key's last")
    for part in (generate, rotate, listing):
        part.add_argument("--file", type=Path, help="instead of SESSION_KEY_FILE")
        part.add_argument("--json", action="store_true", help="for programs")


def run(
    arguments: argparse.Namespace,
    store: Store,
    now: Callable[[], datetime],
    out: TextIO,
    err: TextIO,
) -> int:
    """Does one part; 0 done, 1 not, with a plain sentence."""
    try:
        keys, told = _done(arguments, store, now)
    except WildsideError as error:
        print(f"wildside keys: {error}", file=err)
        return 1
    if arguments.json:
        json.dump(_rows(keys), out, indent=2)
        out.write("\n")
    else:
        out.writelines(f"{line}\n" for line in (*_table(keys), *told))
    return 0


def _done(
    arguments: argparse.Namespace, store: Store, now: Callable[[], datetime]
) -> tuple[Keys, list[str]]:
    if arguments.part == "list":
        return store.read(), []
    if arguments.part == "generate":
        store.create(fresh_key())
        return store.read(), [f"written to {store.path}"]
    return _rotated(arguments, store, now)


def _rotated(
    arguments: argparse.Namespace, store: Store, now: Callable[[], datetime]
) -> tuple[Keys, list[str]]:
    if arguments.sign_with is not None:
        keys = keeping(signing_with(store.read(), arguments.sign_with), arguments.keep)
        store.replace(keys)
        return keys, [f"{arguments.sign_with} signs now"]
    new = fresh_key()
    if arguments.announce:
        # Of one kept key there would be no room for the announced one beside the one that signs.
        keys = keeping(announcing(store.read(), new), max(2, arguments.keep))
        store.replace(keys)
        return keys, [f"{fingerprint(new)} verifies from now on"]
    name = now().strftime("%Y%m%dT%H%M%SZ")
    keys = store.add(new, name=name, keep=arguments.keep)
    return keys, [f"{fingerprint(new)} signs now"]


def _rows(keys: Keys) -> list[dict[str, object]]:
    return [
        {"fingerprint": fingerprint(key), "bytes": len(key.encode()), "signs": key == keys[-1]}
        for key in keys
    ]


def _table(keys: Keys) -> list[str]:
    return [
        f"{fingerprint(key)}  {len(key.encode()):>4} bytes  "
        f"{'signs' if key == keys[-1] else 'verifies'}"
        for key in keys
    ]
