"""`wildside`: one program for serving, ingesting and looking after it; one file a command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import trio

from wildside.domain.errors import Invalid, WildsideError
from wildside.inbound.cli import (
    actors,
    demo,
    ingest_osm,
    jobs,
    keys,
    migrate,
    settings,
    specs,
    users,
    walk,
)
from wildside.inbound.cli.password import Terminal
from wildside.settings import Mode, Settings, gather, misspelt, parse, unflagged

DONE, FAILED, WRONG_USAGE = 0, 1, 2
Command = Callable[[argparse.Namespace, Settings], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0 done, 1 failed, 2 wrong usage."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    flags = {
        "WILDSIDE_MODE": asked.mode,
        "HOST": asked.host,
        "PORT": asked.port,
        "WILDSIDE_DATA_DIR": str(asked.data_dir) if getattr(asked, "data_dir", None) else None,
        "ELEVATION_DIR": str(asked.elevation) if getattr(asked, "elevation", None) else None,
    }
    environment = dict(os.environ)
    if asked.command == "demo":
        environment |= demo.SETTINGS
        flags["PORT"] = demo.free_port(asked.demo_port or asked.port)
    for name, near in misspelt(os.environ).items():
        print(f"wildside: {name} is no setting; did you mean {near}?", file=sys.stderr)
    gathered = gather(environment, flags)
    if asked.command == "settings":
        return settings.run(gathered, sys.stdout)
    if asked.command == "specs":
        return specs.run(asked, sys.stderr)
    if asked.command == "actors":
        return actors.run(asked, Terminal(sys.stdin, sys.stdout, sys.stderr))
    try:
        parsed = parse(gathered)
    except Invalid as error:
        for fault in error.faults:
            print(f"wildside: {fault.message}", file=sys.stderr)
        return FAILED
    for feature in unflagged(parsed.features):
        print(f"wildside: FEATURES: this version flags nothing named {feature}", file=sys.stderr)
    return _run(_COMMANDS.get(asked.command, _serve), asked, parsed)


def _run(command: Command, asked: argparse.Namespace, parsed: Settings) -> int:
    try:
        return command(asked, parsed)
    except WildsideError as error:
        print(f"wildside: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return FAILED
    except ExceptionGroup as group:
        # A nursery wraps what goes wrong within it, however alone it is.
        expected, unexpected = group.split(WildsideError)
        if expected is None or unexpected is not None:
            raise
        print(f"wildside: {_innermost(expected)}", file=sys.stderr)
        return FAILED


def _innermost(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


# Each imports what it runs: `wildside settings` and a wrong flag need not load the engine.
def _serve(_: argparse.Namespace, parsed: Settings) -> int:
    if parsed.wildside_mode is Mode.WORKER:
        from wildside import app_worker

        return app_worker.run_worker(parsed)
    from wildside import app

    return app.run_server(parsed)


def _ingest(asked: argparse.Namespace, parsed: Settings) -> int:
    from wildside import app_ingest, app_storage

    opened = partial(
        app_ingest.open_ingest,
        elevation=parsed.elevation_dir,
        reach=app_storage.reach_of_ingest(parsed),
    )
    return trio.run(ingest_osm.run, asked, app_storage.data_folder(parsed), opened)


def _demo(asked: argparse.Namespace, parsed: Settings) -> int:
    from wildside import app, app_demo, app_storage

    folder = app_storage.data_folder(parsed)
    ground = app_demo.demo_ground(
        folder, elevation=parsed.elevation_dir, reach=app_storage.reach_of_ingest(parsed)
    )
    prepared = trio.run(demo.prepare, asked, folder, ground)
    if prepared != DONE:
        return prepared
    shown = "127.0.0.1" if parsed.host in {"0.0.0.0", "::"} else parsed.host  # noqa: S104 - told, not bound
    print(f"\n  Open  http://{shown}:{parsed.port}/  (Ctrl-C ends the demo)\n", file=sys.stderr)
    return app.run_server(parsed)


def _walk(asked: argparse.Namespace, parsed: Settings) -> int:
    from wildside import app_storage, app_walk

    opened = partial(app_walk.open_walks, reach=app_storage.reach_of(parsed))
    return trio.run(walk.run, asked, app_storage.data_folder(parsed), opened)


def _migrate(asked: argparse.Namespace, parsed: Settings) -> int:
    from wildside import app_storage

    folder = app_storage.data_folder(parsed)
    keeper = app_storage.schema_keeper(folder, app_storage.reach_of(parsed))
    return trio.run(migrate.run, asked, keeper, sys.stdout, sys.stderr)


def _users(asked: argparse.Namespace, parsed: Settings) -> int:
    from wildside import app_people, app_storage

    opened = app_people.open_people(app_storage.data_folder(parsed), app_storage.reach_of(parsed))
    return trio.run(users.run, asked, opened, Terminal(sys.stdin, sys.stdout, sys.stderr))


def _keys(asked: argparse.Namespace, parsed: Settings) -> int:
    from wildside.outbound.key_store import KeyStore
    from wildside.outbound.machine import SystemClock

    store = KeyStore(asked.file or parsed.session_key_file)
    return keys.run(asked, store, SystemClock().now, sys.stdout, sys.stderr)


def _jobs(asked: argparse.Namespace, parsed: Settings) -> int:
    from wildside import app_jobs, app_storage
    from wildside.outbound.logs import set_up_logs

    # What the command prints is for people and programs; only trouble is told beside it.
    set_up_logs("warning", pretty=sys.stderr.isatty())
    opened = app_jobs.open_desk(parsed, app_storage.data_folder(parsed))
    try:
        return trio.run(jobs.run, asked, opened, sys.stdout, sys.stderr)
    except KeyboardInterrupt:
        return DONE


_COMMANDS: Mapping[str | None, Command] = {
    "ingest-osm": _ingest,
    "walk": _walk,
    "migrate": _migrate,
    "demo": _demo,
    "users": _users,
    "keys": _keys,
    "jobs": _jobs,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wildside",
        description="The most interesting walk you can take right now. Without a command: serves.",
    )
    parser.add_argument("--mode", choices=("server", "worker"), help="WILDSIDE_MODE")
    parser.add_argument("--host", help="where to listen (HOST)")
    parser.add_argument("--port", help="0 takes a free one (PORT)")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    ingest_osm.add_command(commands)
    walk.add_command(commands)
    demo.add_command(commands)
    migrate.add_command(commands)
    settings.add_command(commands)
    specs.add_command(commands)
    actors.add_command(commands)
    users.add_command(commands)
    keys.add_command(commands)
    jobs.add_command(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
