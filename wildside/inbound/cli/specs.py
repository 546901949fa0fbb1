"""`wildside specs`: writes the OpenAPI and AsyncAPI documents and their page."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from wildside import bundled
from wildside.inbound.cli.yaml import to_yaml
from wildside.inbound.http.openapi import openapi_document
from wildside.inbound.http.reading_page import reading_page
from wildside.inbound.http.table import API_ENDPOINTS, METRICS_ENDPOINTS
from wildside.inbound.ws.asyncapi import asyncapi_document
from wildside.inbound.ws.reading_page import socket_page

SOCKET_PAGE = "asyncapi.html"  # for people with a checkout: it goes to docs/


def docs_folder() -> Path:
    """Where a checkout keeps what people read."""
    return bundled.folder("spec").parent / "docs"


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command."""
    command = commands.add_parser(
        "specs",
        help="write spec/openapi.json, spec/asyncapi.yaml and their page",
        description="Writes the documents of the API from the code that serves it.",
    )
    command.add_argument("--folder", type=Path, help="where to (default: the checkout's spec/)")


def documents() -> Mapping[str, str]:
    """Each document's text by its file's name."""
    openapi = openapi_document((*API_ENDPOINTS, *METRICS_ENDPOINTS))
    asyncapi = asyncapi_document()
    return {
        "openapi.json": json.dumps(openapi, indent=2, ensure_ascii=False) + "\n",
        "asyncapi.yaml": to_yaml(asyncapi),
        "openapi.html": reading_page(openapi),
        SOCKET_PAGE: socket_page(asyncapi),
    }


def run(arguments: argparse.Namespace, told: TextIO) -> int:
    """Writes what has changed and says so."""
    folder: Path = arguments.folder or bundled.folder("spec")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in documents().items():
        path = (arguments.folder or docs_folder() if name == SOCKET_PAGE else folder) / name
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            told.write(f"wrote {path}\n")
    return 0
