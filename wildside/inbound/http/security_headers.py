"""What every answer tells browsers about our page: what it may load, frame and reveal."""

from __future__ import annotations

from wildside.inbound.http.message import Headers


def content_security_policy(assets_origin: str = "", tiles_origin: str = "") -> str:
    """The page loads from here, from the assets' and the tiles' origin, and from nowhere else.

    MapLibre draws in a worker made from a blob and keeps its sprites as data and blob images.
    """
    assets = f" {assets_origin}" if assets_origin else ""
    tiles = f" {tiles_origin}" if tiles_origin else ""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self'{assets}",
            f"style-src 'self' 'unsafe-inline'{assets}",  # MapLibre sets style attributes
            f"img-src 'self' data: blob:{assets}{tiles}",
            f"font-src 'self'{assets}",
            f"connect-src 'self'{assets}{tiles}",
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def security_headers(*, hsts: bool, policy: str) -> Headers:
    """The headers of every answer; HSTS where the deployment speaks HTTPS for good."""
    headers = (
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"strict-origin-when-cross-origin"),
        (b"content-security-policy", policy.encode()),
        (b"permissions-policy", b"geolocation=(self), camera=(), microphone=()"),
        (b"cross-origin-opener-policy", b"same-origin"),
    )
    if not hsts:
        return headers
    return (*headers, (b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
