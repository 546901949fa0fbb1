"""Whose page is asking and from which address: proxies' word, foreign origins, CORS."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

import msgspec

from wildside.inbound.http.message import Headers

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
EXPOSED = (
    b"Trace-Id, Location, Retry-After, ETag, Idempotent-Replayed, "
    b"RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Wildside-Features"
)
CORS_SECONDS = b"7200"  # Chromium asks again after two hours in any case


class Asker(msgspec.Struct, frozen=True):
    """The request's own origin as the asker's browser sees it, and the address it is counted by."""

    origin: str
    address: str


class Origins:
    """The rules of one deployment about who stands in front of it and who may call it."""

    def __init__(self, allowed: Sequence[str], trusted_proxies: Sequence[_Network]) -> None:
        self._allowed = frozenset(allowed)
        self._trusted = tuple(trusted_proxies)

    def asker(
        self, scheme: str, peer: str | None, headers: Mapping[bytes, bytes], host: str
    ) -> Asker:
        """Scheme, host and address; forwarded headers count from trusted proxies only."""
        if not self._trusted or not self._is_trusted(peer):
            return Asker(f"{scheme}://{host}", counted_address(peer))
        forwarded_scheme = _first(headers.get(b"x-forwarded-proto"))
        scheme = forwarded_scheme if forwarded_scheme in {"http", "https"} else scheme
        host = _first(headers.get(b"x-forwarded-host")) or host
        return Asker(
            f"{scheme}://{host}".lower(),
            counted_address(self._client(headers.get(b"x-forwarded-for"), peer)),
        )

    def _client(self, forwarded_for: bytes | None, peer: str | None) -> str | None:
        """The last address that no proxy of ours wrote about itself: what lies left of it may be lies."""
        hops = [hop.strip() for hop in (forwarded_for or b"").decode("latin-1").split(",")]
        for hop in reversed([hop for hop in hops if hop]):
            if _address(hop) is None:
                return peer
            if not self._is_trusted(hop):
                return hop
            peer = hop
        return peer

    def _is_trusted(self, text: str | None) -> bool:
        address = _address(text)
        return address is not None and any(address in network for network in self._trusted)

    def is_foreign(self, origin: bytes | None, own_origin: str) -> bool:
        """Whether the page that asks is neither ours nor allowed; no `Origin` is not foreign."""
        if origin is None:
            return False
        text = origin.decode("latin-1").lower()
        theirs = _normal(text)
        own = theirs is not None and theirs == _normal(own_origin)
        return not own and text not in self._allowed

    def cors(self, origin: bytes | None, own_origin: str) -> Headers:
        """What lets an allowed page read the answer; `Vary` always, since caches must not mix."""
        if origin is None or self.is_foreign(origin, own_origin):
            return ((b"vary", b"Origin"),) if self._allowed else ()
        return (
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-credentials", b"true"),
            (
                b"access-control-expose-headers",
                EXPOSED,
            ),
            (b"vary", b"Origin"),
        )

    def preflight(self, allow: str) -> Headers:
        """The answer to a browser that asks before it asks."""
        return (
            (b"access-control-allow-methods", allow.encode()),
            (
                b"access-control-allow-headers",
                b"Content-Type, Idempotency-Key, If-None-Match, Traceparent",
            ),
            (b"access-control-max-age", CORS_SECONDS),
        )


@lru_cache(4096)
def counted_address(text: str | None) -> str:
    """The address, or its /64 for IPv6, where one household has as many addresses as it likes."""
    address = _address(text)
    if address is None:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return str(address)


def _address(text: str | None) -> _Address | None:
    try:
        return ipaddress.ip_address(text) if text else None
    except ValueError:
        return None


def _first(value: bytes | None) -> str:
    return (value or b"").decode("latin-1").split(",")[0].strip()


def _normal(origin: str) -> tuple[str, str | None, int | None] | None:
    """Scheme, host and port, so that http://walks.example:80 is http://walks.example."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    default = {"http": 80, "https": 443}.get(parts.scheme)
    if default is None or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or default
