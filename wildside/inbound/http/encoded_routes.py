"""Walks as they went over the wire lately: a walk once found never changes, but for being saved."""

from __future__ import annotations

from collections import OrderedDict

from wildside.domain.identifiers import RouteId

MOST_BYTES = 16 * 1024 * 1024  # some six hundred walks of an hour


class EncodedRoutes:
    """JSON bodies by route and whether it is saved; the one least lately asked for goes first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._bodies: OrderedDict[tuple[RouteId, bool], bytes] = OrderedDict()

    def find(self, route_id: RouteId, *, saved: bool) -> bytes | None:
        """The body, if it is still here; whose it is, others have asked before."""
        body = self._bodies.get((route_id, saved))
        if body is not None:
            self._bodies.move_to_end((route_id, saved))
        return body

    def keep(self, route_id: RouteId, body: bytes, *, saved: bool) -> None:
        """Remembers the body as long as there is room."""
        self._bytes += len(body) - len(self._bodies.pop((route_id, saved), b""))
        self._bodies[route_id, saved] = body
        while self._bytes > self._most_bytes:
            _, oldest = self._bodies.popitem(last=False)
            self._bytes -= len(oldest)
