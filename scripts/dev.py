"""Runs the server and the page side by side and reloads whichever changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from watchfiles import PythonFilter, run_process

ROOT = Path(__file__).parents[1]
SERVER_PORT = os.environ.get("PORT", "8080")
DEVELOPMENT = {
    "APP_ENV": "development",
    "SESSION_ALLOW_EPHEMERAL": "1",
    "SESSION_COOKIE_SECURE": "0",
    # Vite serves the page on its own port and forwards the rest: its origin is one of ours.
    "ALLOWED_ORIGINS": "http://localhost:5173,http://127.0.0.1:5173",
}


def serve() -> None:
    """One life of the server; ended and begun anew by the watcher."""
    os.execve(
        sys.executable,
        [sys.executable, "-m", "wildside", "--mode=server", "--port", SERVER_PORT],
        {**os.environ, **DEVELOPMENT},
    )


def main() -> int:
    """Until Ctrl-C."""
    page = subprocess.Popen(
        ["npm", "run", "dev", "--silent"],
        cwd=ROOT / "frontend-pwa",
        env={**os.environ, "WILDSIDE_URL": f"http://127.0.0.1:{SERVER_PORT}"},
    )
    try:
        run_process(
            ROOT / "wildside",
            ROOT / "actors",
            ROOT / "solver",
            target=serve,
            watch_filter=PythonFilter(extra_extensions=(".sql", ".toml")),
        )
    finally:
        page.terminate()
        page.wait(timeout=10)
    return 0


if __name__ == "__main__":
    sys.exit(main())
