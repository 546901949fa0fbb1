"""What an endpoint is, as data: the one declaration that routing, checks, metrics and OpenAPI read."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

import msgspec

from wildside.domain.errors import NotFound
from wildside.inbound.http.house import House
from wildside.inbound.http.message import Answer, Request
from wildside.inbound.http.problems import MethodNotAllowed

Handler = Callable[[House, Request], Awaitable[Answer]]
_PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")
_UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
LARGEST_DIGITS = 18  # below 2**63, the largest number storage takes


class Auth(Enum):
    """Who may ask."""

    ANYBODY = "anybody"
    WALKER = "walker"  # somebody with a session
    RETURNING = "returning"  # somebody with the long-lived walker cookie
    ADMIN = "admin"
    BEARER = "bearer"  # a session, or a `token` in the query, which the handler checks


class Allowance(Enum):
    """What a rate limit counts by."""

    ROUTES = "routes"  # a walker's wishes
    NEW_WALKERS = "new_walkers"  # an address's new walkers
    LOGINS = "logins"  # an address's attempts at passwords


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of path parameter: how it looks, what it becomes, its JSON schema."""

    pattern: str
    parse: Callable[[str], Any]
    schema: Mapping[str, Any]


KINDS: Mapping[str, Kind] = {
    "uuid": Kind(_UUID, UUID, {"type": "string", "format": "uuid"}),
    "int": Kind(
        rf"\d{{1,{LARGEST_DIGITS}}}", int, {"type": "integer", "minimum": 0, "format": "int64"}
    ),
    "token": Kind(
        r"[A-Za-z0-9_-]{16,128}", str, {"type": "string", "pattern": "^[A-Za-z0-9_-]{16,128}$"}
    ),
    "word": Kind(r"[a-z]{1,20}", str, {"type": "string", "pattern": "^[a-z]{1,20}$"}),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """One possible good answer: its struct or its media type, and the headers worth documenting."""

    description: str
    struct: Any = None
    media_types: Sequence[str] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@cache
def _shown(template: str) -> str:
    return _PARAMETER.sub(r"{\1}", template)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method and a path template (`{name:kind}`), what goes in and out, and who answers.

    `refusals` are the statuses beyond those that follow from the rest: 401 from `auth`, 400, 413 and
    415 from `body`, 429 from `allowance`, 409 from `replayable`.
    """

    method: str
    template: str
    handler: Handler
    summary: str
    tag: str
    answers: Mapping[int, Shape]
    auth: Auth = Auth.ANYBODY
    body: type[msgspec.Struct] | None = None
    body_may_be_absent: bool = False
    query: type[msgspec.Struct] | None = None
    refusals: Sequence[int] = ()
    allowance: Allowance | None = None
    replayable: bool = False  # an Idempotency-Key is honoured
    documented: bool = True

    @property
    def route(self) -> str:
        """The template as metrics and OpenAPI show it, without kinds."""
        return _shown(self.template)

    @property
    def parameters(self) -> Sequence[tuple[str, Kind]]:
        """The template's names with their kinds, in order."""
        return [(name, KINDS[kind]) for name, kind in _PARAMETER.findall(self.template)]

    @property
    def operation_id(self) -> str:
        """The name a generated client gives the call."""
        return self.handler.__name__


@dataclass(frozen=True, slots=True)
class _Path:
    pattern: re.Pattern[str]
    kinds: Sequence[tuple[str, Callable[[str], Any]]]
    methods: dict[str, Endpoint]


# A path's endpoints by method, and the values of its parameters.
Found = tuple[Mapping[str, "Endpoint"], Mapping[str, Any]]


class Router:
    """Finds the endpoint of a method and a path."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._plain: dict[str, dict[str, Endpoint]] = {}
        patterned: dict[str, _Path] = {}
        for endpoint in endpoints:
            if not endpoint.parameters:
                self._plain.setdefault(endpoint.template, {})[endpoint.method] = endpoint
                continue
            path = patterned.setdefault(endpoint.template, _compiled(endpoint))
            path.methods[endpoint.method] = endpoint
        # By the number of slashes: no kind of parameter holds one, and most candidates are gone.
        self._patterned: dict[int, list[_Path]] = {}
        for template, path in patterned.items():
            self._patterned.setdefault(template.count("/"), []).append(path)

    def methods_of(self, path: str) -> Found | None:
        """The path's endpoints by method, and its parameters; None where there is no such path."""
        plain = self._plain.get(path)
        if plain is not None:
            return plain, {}
        for candidate in self._patterned.get(path.count("/"), ()):
            match = candidate.pattern.fullmatch(path)
            if match is not None:
                texts = match.groups()
                return candidate.methods, {
                    name: parse(text)
                    for (name, parse), text in zip(candidate.kinds, texts, strict=True)
                }
        return None

    @staticmethod
    def choose(found: Found | None, method: str) -> tuple[Endpoint, Mapping[str, Any]]:
        """The endpoint and its parameters; HEAD is answered by GET."""
        if found is None:
            raise NotFound("there is nothing at this path")
        methods, parameters = found
        endpoint = methods.get("GET" if method == "HEAD" else method)
        if endpoint is None:
            raise MethodNotAllowed(allowed_methods(methods))
        return endpoint, parameters


def allowed_methods(methods: Mapping[str, Endpoint]) -> str:
    """What the `Allow` header says."""
    also = {"HEAD"} if "GET" in methods else set()
    return ", ".join(sorted({*methods, *also, "OPTIONS"}))


def _compiled(endpoint: Endpoint) -> _Path:
    pieces: list[str] = []
    at = 0
    for match in _PARAMETER.finditer(endpoint.template):
        pieces += [re.escape(endpoint.template[at : match.start()]), f"({KINDS[match[2]].pattern})"]
        at = match.end()
    pieces.append(re.escape(endpoint.template[at:]))
    # ASCII: "٣" is a digit to Python, not to us.
    return _Path(
        re.compile("".join(pieces), re.ASCII),
        [(name, kind.parse) for name, kind in endpoint.parameters],
        {},
    )
