"""What passed through the doors, in the past tense: requests answered, sessions refused, sockets."""

from __future__ import annotations

from dataclasses import dataclass

from wildside.domain.identifiers import TraceId, UserId


@dataclass(frozen=True, slots=True)
class RequestAnswered:
    """One HTTP answer; `route` is the endpoint's template, never the path."""

    method: str
    route: str
    status: int
    seconds: float
    trace_id: TraceId


@dataclass(frozen=True, slots=True)
class SessionRefused:
    """A cookie was not believed."""

    reason: str
    trace_id: TraceId


@dataclass(frozen=True, slots=True)
class LoginAnswered:
    """Somebody tried a username and a password."""

    succeeded: bool
    trace_id: TraceId


@dataclass(frozen=True, slots=True)
class KeysChanged:
    """Other keys are in use from now on; fingerprints, the signing key's last."""

    setting: str
    fingerprints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeysUnusable:
    """Changed keys could not be taken; those from before stay in use."""

    setting: str
    message: str


@dataclass(frozen=True, slots=True)
class SocketOpened:
    """A walker's socket was upgraded."""

    user_id: UserId
    trace_id: TraceId


@dataclass(frozen=True, slots=True)
class SocketClosed:
    """A walker's socket has ended, with the code we or the client gave."""

    user_id: UserId
    trace_id: TraceId
    code: int


@dataclass(frozen=True, slots=True)
class SocketMessage:
    """One message over a socket; `direction` is `in` or `out`, `kind` its `type`."""

    direction: str
    kind: str


@dataclass(frozen=True, slots=True)
class PageRead:
    """One page of a list was given; `direction` is first, next or prev, `pages` counts this one too."""

    listed: str
    limit: int
    direction: str
    pages: int
