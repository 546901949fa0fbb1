"""The built page over Quart: its files, and index.html for the page's own paths."""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path

from quart import Response, make_response, send_file
from quart_trio import QuartTrio

from actors import current_trace
from wildside.domain.errors import NotFound
from wildside.domain.identifiers import TraceId
from wildside.inbound.http.problems import refusal

# What the bundler names by its content may be kept for ever; everything else is asked for again.
_HASHED = re.compile(r"[.-][A-Za-z0-9_-]{8,}\.\w+$")
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

    @app.get("/")
    async def index() -> Response:
        return await _index(root)

    @app.get("/<path:path>")
    async def file_or_index(path: str) -> Response:
        wanted = (root / path).resolve()
        if wanted.is_relative_to(root) and wanted.is_file():
            answer = await make_response(await send_file(wanted))
            hashed = "assets" in wanted.parts and _HASHED.search(wanted.name)
            answer.headers["Cache-Control"] = FOR_EVER if hashed else ASK_AGAIN
            return answer
        if wanted.suffix:
            return _problem()
        # A path of the page's own, such as a shared walk's: the page finds its way from it.
        return await _index(root)

    return app


async def _index(root: Path) -> Response:
    index = root / "index.html"
    if not index.is_file():
        return Response(NOT_BUILT, 503, content_type="text/plain; charset=utf-8")
    answer = await make_response(await send_file(index))
    answer.headers["Cache-Control"] = ASK_AGAIN
    return answer


def _problem() -> Response:
    trace_id = TraceId(current_trace.get() or "")
    answer = refusal(NotFound("there is nothing at this path"), trace_id)
    return Response(answer.body, answer.status, content_type="application/json")
