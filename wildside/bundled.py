"""Finds the folders that travel with Wildside: conf, migrations and the built page."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
# In a wheel they lie inside the package (setup.py puts them there), in a checkout beside it.
_INSTALLED = {name: _PACKAGE / "_bundled" / name for name in ("conf", "migrations", "page", "spec")}
_CHECKOUT = {
    "conf": _PACKAGE.parent / "conf",
    "migrations": _PACKAGE.parent / "migrations",
    "page": _PACKAGE.parent / "frontend-pwa" / "dist",
    "spec": _PACKAGE.parent / "spec",
}


def folder(name: str) -> Path:
    """The folder called `conf`, `migrations`, `page` or `spec`; it may be absent (an unbuilt page)."""
    installed = _INSTALLED[name]
    return installed if installed.is_dir() else _CHECKOUT[name]
