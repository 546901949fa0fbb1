"""Where a Redis is and how one is let in, read from its URL."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from wildside.outbound.redis_link.speech import parse_url

PORT = 6379
SENTINEL_PORT = 26379
_SENTINEL_SCHEMES = {"redis+sentinel": False, "rediss+sentinel": True}
_OWN_OPTIONS = frozenset(
    {"db", "username", "password", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}
    | {"host", "port", "path", "connection_class"}
)


@dataclass(frozen=True, slots=True)
class Node:
    """One process's address; a path is a Unix socket's."""

    host: str = "localhost"
    port: int = PORT
    path: str | None = None

    def __str__(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return self.path or f"{name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Login:
    """What a connection says first; nothing of it is shown."""

    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    database: int = 0


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """One Redis, or the Sentinels that know which one is the master of `service` now."""

    nodes: tuple[Node, ...]
    login: Login = Login()
    sentinel_login: Login = Login()
    service: str | None = None
    tls: ssl.SSLContext | None = field(default=None, compare=False)


def read_address(url: str) -> RedisAddress:
    """`redis://`, `rediss://` (TLS), `unix://`, `redis+sentinel://` and `rediss+sentinel://`.

    `rediss://user:password@host:6380/0?ssl_ca_certs=/etc/ca.pem` checks the certificate against
    that file, else against the machine's own; `ssl_certfile` and `ssl_keyfile` show one of ours.
    `redis+sentinel://:password@one:26379,two:26379/mymaster/0?sentinel_password=…` asks the
    Sentinels. ValueError says what cannot be read, without the password.
    """
    if urlsplit(url).scheme in _SENTINEL_SCHEMES:
        return _sentinels(url)
    try:
        options = parse_url(url)
    except ValueError as error:
        raise ValueError(f"an address such as redis://host:6379/0 ({error})") from None
    unknown = sorted(options.keys() - _OWN_OPTIONS)
    if unknown:
        raise ValueError(f"an address without {', '.join(unknown)}, which is not known here")
    node = Node(
        str(options.get("host", "localhost")), int(options.get("port", PORT)), options.get("path")
    )
    login = Login(
        str(options.get("username", "")),
        str(options.get("password", "")),
        int(options.get("db", 0)),
    )
    tls = _tls(options) if url.startswith("rediss:") else None
    return RedisAddress((node,), login, tls=tls)


def _sentinels(url: str) -> RedisAddress:
    parts = urlsplit(url)
    given, _, hosts = parts.netloc.rpartition("@")
    username, _, password = given.partition(":")
    service, _, database = parts.path.strip("/").partition("/")
    options = {name: values[0] for name, values in parse_qs(parts.query).items()}
    try:
        nodes = tuple(_sentinel(host) for host in hosts.split(",") if host)
        login = Login(unquote(username), unquote(password), int(database or 0))
    except ValueError:
        raise ValueError("redis+sentinel://host:26379,host:26379/service/0") from None
    if not nodes or not service:
        raise ValueError("redis+sentinel://host:26379,host:26379/service/0")
    sentinel_login = Login(
        options.pop("sentinel_username", ""), options.pop("sentinel_password", "")
    )
    tls = _tls(options) if _SENTINEL_SCHEMES[parts.scheme] else None
    return RedisAddress(nodes, login, sentinel_login, service, tls)


def _sentinel(text: str) -> Node:
    parts = urlsplit(f"//{text}")
    return Node(parts.hostname or "localhost", parts.port or SENTINEL_PORT)


def _tls(options: dict[str, str]) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=options.get("ssl_ca_certs"))
        if "ssl_certfile" in options:
            context.load_cert_chain(options["ssl_certfile"], options.get("ssl_keyfile"))
    except (OSError, ssl.SSLError) as error:
        raise ValueError(f"certificates that can be read ({error})") from None
    return context
