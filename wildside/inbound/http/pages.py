"""The built page over Quart: its files, and index.html for the page's own paths."""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path

from quart import Response, request, send_file
from quart_trio import QuartTrio

from actors import current_trace
from wildside.domain.errors import NotFound
from wildside.domain.identifiers import TraceId
from wildside.inbound.http.problems import refusal

# What the bundler names by its content may be kept for ever; everything else is asked for again.
_HASHED = re.compile(r"[.-][A-Za-z0-9_-]{8,}\.\w+$")
# The page's own paths beside "/", as frontend-pwa/src/main.tsx reads them: a shared walk's.
_OWN_PATH = re.compile(r"walk/[^/]+/?")
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
NOT_BUILT = (
    "The page has not been built here: `make setup` builds it. The API answers under /api/v1.\n"
)


def page_app(page: Path) -> QuartTrio:
    """The application that serves the folder `page`, which may not have been built."""
    app = QuartTrio(__name__, static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    root = page.resolve()
    mimetypes.add_type("application/manifest+json", ".webmanifest")

    async def index() -> Response:
        return await _index(root)

    async def file_or_index(path: str) -> Response:
        wanted = (root / path).resolve()
        if wanted.is_relative_to(root) and wanted.is_file():
            hashed = "assets" in wanted.parts and _HASHED.search(wanted.name)
            return await _sent(wanted, FOR_EVER if hashed else ASK_AGAIN)
        if _OWN_PATH.fullmatch(path):
            return await _index(root)
        if wanted.suffix or "text/html" not in request.headers.get("accept", ""):
            return _problem()
        # Whoever followed a broken link stands before the page all the same; programs are told.
        page = await _index(root)
        page.status_code = 404 if page.status_code == 200 else page.status_code
        return page

    app.add_url_rule("/", view_func=index)
    app.add_url_rule("/<path:path>", view_func=file_or_index)
    return app


async def _sent(path: Path, cache_control: str) -> Response:
    answer = await send_file(path, conditional=True)
    answer.headers["Cache-Control"] = cache_control
    return answer


async def _index(root: Path) -> Response:
    index = root / "index.html"
    if not index.is_file():
        return Response(NOT_BUILT, 503, content_type="text/plain; charset=utf-8")
    return await _sent(index, ASK_AGAIN)


def _problem() -> Response:
    trace_id = TraceId(current_trace.get() or "")
    answer = refusal(NotFound("there is nothing at this path"), trace_id)
    return Response(answer.body, answer.status, content_type="application/json")
