"""`wildside`: one program for serving, ingesting and looking after it; one file a command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import trio

from wildside.domain.errors import Invalid, WildsideError
from wildside.inbound.cli import actors, demo, ingest_osm, settings, specs, walk
from wildside.settings import Settings, gather, parse

DONE, FAILED, WRONG_USAGE = 0, 1, 2


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
    gathered = gather(environment, flags)
    if asked.command == "settings":
        return settings.run(gathered, sys.stdout)
    if asked.command == "specs":
        return specs.run(asked, sys.stderr)
    if asked.command == "actors":
        return actors.run(asked, sys.stdout, sys.stderr)
    try:
        parsed = parse(gathered)
    except Invalid as error:
        for fault in error.faults:
            print(f"wildside: {fault.message}", file=sys.stderr)
        return FAILED
    return _run(asked, parsed)


def _run(asked: argparse.Namespace, parsed: Settings) -> int:
    # Imported late: `wildside settings` and a wrong flag need not load the engine.
    from wildside import app, app_house

    try:
        if asked.command == "ingest-osm":
            return _ingest(asked, parsed)
        if asked.command == "walk":
            return _walk(asked, app_house.data_folder(parsed))
        if asked.command == "demo":
            return _demo(asked, parsed)
        return app.run_server(parsed)
    except WildsideError as error:
        print(f"wildside: {error}", file=sys.stderr)
        return FAILED


def _ingest(asked: argparse.Namespace, parsed: Settings) -> int:
    from wildside import app_house, app_ingest

    opened = partial(app_ingest.open_ingest, elevation=parsed.elevation_dir)
    return trio.run(ingest_osm.run, asked, app_house.data_folder(parsed), opened)


def _demo(asked: argparse.Namespace, parsed: Settings) -> int:
    from wildside import app, app_demo, app_house

    folder = app_house.data_folder(parsed)
    ground = app_demo.demo_ground(folder, elevation=parsed.elevation_dir)
    prepared = trio.run(demo.prepare, asked, folder, ground)
    if prepared != DONE:
        return prepared
    shown = "127.0.0.1" if parsed.host in {"0.0.0.0", "::"} else parsed.host  # noqa: S104 - told, not bound
    print(f"\n  Open  http://{shown}:{parsed.port}/  (Ctrl-C ends the demo)\n", file=sys.stderr)
    return app.run_server(parsed)


def _walk(asked: argparse.Namespace, folder: Path) -> int:
    from wildside import app_walk

    return trio.run(walk.run, asked, folder, app_walk.open_walks)


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
    settings.add_command(commands)
    specs.add_command(commands)
    actors.add_command(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
