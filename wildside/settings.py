"""Reads every setting from conf/wildside.toml, the environment and the command line, and refuses bad ones."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from wildside import bundled
from wildside.domain.errors import FieldFault, Invalid

SHORTEST_PRODUCTION_KEY_BYTES = 64  # the requirement's floor: 512 bits, as much as SHA-256 takes in
SHORTEST_TILE_KEY_BYTES = 32  # RFC 7518, 3.2: HS256 needs as much as its hash gives
# What is flagged until it is finished, and what it does; FEATURES switches it on. Nothing is, today.
FLAGGED: Mapping[str, str] = {}
_CLOSE = 0.88  # as difflib counts: a letter or two amiss, while WILDSIDE_PORT is no WILDSIDE_MODE
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Mode(StrEnum):
    """What this process is for."""

    SERVER = "server"
    WORKER = "worker"


class Environment(StrEnum):
    """How strict the start is."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"


class JobsIn(StrEnum):
    """Where jobs wait without Redis."""

    MEMORY = "memory"
    SQLITE = "sqlite"


class SameSite(StrEnum):
    """Which requests from elsewhere carry the session cookie."""

    LAX = "Lax"
    STRICT = "Strict"
    NONE = "None"


class LogLevel(StrEnum):
    """The least important log lines that are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Settings:
    """One start's settings, parsed and valid; a field is its setting's name in lower case."""

    wildside_mode: Mode
    host: str
    port: int
    app_env: Environment
    wildside_data_dir: Path
    elevation_dir: Path | None
    database_url: str
    database_connections: int
    database_wait_seconds: float
    statement_seconds: float
    redis_url: str
    redis_cache_url: str
    jobs_in: JobsIn
    lease_seconds: float
    enrichments_at_once: int
    session_key_file: Path
    session_allow_ephemeral: bool
    session_samesite: SameSite
    session_cookie_secure: bool
    session_cookie_domain: str
    tile_token_key_file: Path | None
    tile_token_aud: str
    tile_token_iss: str
    allowed_origins: tuple[str, ...]
    trusted_proxies: tuple[_Network, ...]
    assets_origin: str
    tiles_origin: str
    metrics_port: int | None
    features: tuple[str, ...]
    log_level: LogLevel
    routes_per_minute: int
    new_walkers_per_minute: int
    logins_per_minute: int
    solver_processes: int
    job_seconds: float
    queue_room: int
    heartbeat_seconds: float
    silence_seconds: float
    request_seconds: float
    keep_alive_seconds: float
    drain_seconds: float
    unready_seconds: float

    @property
    def in_production(self) -> bool:
        """Whether unsafe settings abort the start."""
        return self.app_env is Environment.PRODUCTION


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of `wildside settings`: the raw text, where it comes from and why the default is so."""

    name: str
    text: str
    source: str
    why: str
    secret: bool

    @property
    def shown(self) -> str:
        """The text as a person may see it on a screen."""
        return "***" if self.secret and self.text else self.text


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise ValueError(f"a whole number in {least}..{most}")
        return int(text)

    return parse


def _seconds(least: float, most: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            raise ValueError(f"seconds in {least:g}..{most:g}")
        return value

    return parse


def _choice(options: type[StrEnum]) -> Callable[[str], StrEnum]:
    def parse(text: str) -> StrEnum:
        try:
            return options(text)
        except ValueError:
            raise ValueError(f"one of {', '.join(options)}") from None

    return parse


def _switch(text: str) -> bool:
    if text not in {"0", "1"}:
        raise ValueError("0 or 1")
    return text == "1"


def _list(parse_one: Callable[[str], Any]) -> Callable[[str], tuple[Any, ...]]:
    return lambda text: tuple(parse_one(part.strip()) for part in text.split(",") if part.strip())


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.netloc
        or f"{parts.scheme}://{parts.netloc}" != text
    ):
        raise ValueError("an origin such as https://walks.example")
    return text.lower()


def _origin_or_nothing(text: str) -> str:
    return _origin(text) if text else ""


def _network(text: str) -> _Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError("a network such as 10.0.0.0/8") from None


def _feature(text: str) -> str:
    if not text.replace("-", "").isalnum():
        raise ValueError("words of letters, digits and dashes")
    return text


def _database(text: str) -> str:
    if text and not text.startswith(("postgresql://", "postgres://")):
        raise ValueError("a URL such as postgresql://user@host/wildside, or empty")
    return text


def _host(text: str) -> str:
    if not text or any(character.isspace() for character in text):
        raise ValueError("a host name or address")
    return text


def _path(text: str) -> Path:
    if not text:
        raise ValueError("a file or a folder")
    return Path(text)


def _path_or_nothing(text: str) -> Path | None:
    return Path(text) if text else None


def _domain_or_nothing(text: str) -> str:
    # Anything else would end up, unread by browsers or worse, inside Set-Cookie.
    if text and _DOMAIN.fullmatch(text) is None:
        raise ValueError("a domain such as walks.example")
    return text.lower()


def _word(text: str) -> str:
    if not text.isprintable() or not text or " " in text:
        raise ValueError("a word without blanks")
    return text


def _redis_url(text: str) -> str:
    schemes = ("redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel")
    if text and (urlsplit(text).scheme not in schemes or "://" not in text):
        raise ValueError("an address such as redis://host:6379/0")
    return text


def _metrics_port(text: str) -> int | None:
    return _whole(0, 65535)(text) if text else None


_PARSERS: Mapping[str, Callable[[str], Any]] = {
    "WILDSIDE_MODE": _choice(Mode),
    "HOST": _host,
    "PORT": _whole(0, 65535),
    "APP_ENV": _choice(Environment),
    "WILDSIDE_DATA_DIR": Path,
    "ELEVATION_DIR": _path_or_nothing,
    "DATABASE_URL": _database,
    "DATABASE_CONNECTIONS": _whole(1, 1000),
    "DATABASE_WAIT_SECONDS": _seconds(0.1, 60),
    "STATEMENT_SECONDS": _seconds(0.1, 600),
    "REDIS_URL": _redis_url,
    "REDIS_CACHE_URL": _redis_url,
    "JOBS_IN": _choice(JobsIn),
    "LEASE_SECONDS": _seconds(0.5, 300),
    "ENRICHMENTS_AT_ONCE": _whole(1, 1000),
    "SESSION_KEY_FILE": _path,
    "SESSION_ALLOW_EPHEMERAL": _switch,
    "SESSION_SAMESITE": _choice(SameSite),
    "SESSION_COOKIE_SECURE": _switch,
    "SESSION_COOKIE_DOMAIN": _domain_or_nothing,
    "TILE_TOKEN_KEY_FILE": _path_or_nothing,
    "TILE_TOKEN_AUD": _word,
    "TILE_TOKEN_ISS": _word,
    "ALLOWED_ORIGINS": _list(_origin),
    "TRUSTED_PROXIES": _list(_network),
    "ASSETS_ORIGIN": _origin_or_nothing,
    "TILES_ORIGIN": _origin_or_nothing,
    "METRICS_PORT": _metrics_port,
    "FEATURES": _list(_feature),
    "LOG_LEVEL": _choice(LogLevel),
    "ROUTES_PER_MINUTE": _whole(1, 1_000_000),
    "NEW_WALKERS_PER_MINUTE": _whole(1, 1_000_000),
    "LOGINS_PER_MINUTE": _whole(1, 1_000_000),
    "SOLVER_PROCESSES": _whole(0, 64),
    "JOB_SECONDS": _seconds(0.1, 600),
    "QUEUE_ROOM": _whole(1, 1_000_000),
    "HEARTBEAT_SECONDS": _seconds(0.05, 60),
    "SILENCE_SECONDS": _seconds(0.1, 300),
    "REQUEST_SECONDS": _seconds(0.1, 300),
    "KEEP_ALIVE_SECONDS": _seconds(0.1, 600),
    "DRAIN_SECONDS": _seconds(0, 60),
    "UNREADY_SECONDS": _seconds(0, 60),
}


def declared() -> Mapping[str, Mapping[str, Any]]:
    """The tables of conf/wildside.toml by name: default, why and whether it is a secret."""
    return tomllib.loads((bundled.folder("conf") / "wildside.toml").read_text(encoding="utf-8"))


def gather(environ: Mapping[str, str], flags: Mapping[str, str | None]) -> Sequence[Setting]:
    """Every setting's text and its source: a flag, the environment or the default."""

    def one(name: str, table: Mapping[str, Any]) -> Setting:
        flag = flags.get(name)
        if flag is not None:
            text, source = flag, "command line"
        elif name in environ:
            text, source = environ[name].strip(), "environment"
        else:
            text, source = str(table["default"]), "default"
        return Setting(name, text, source, str(table["why"]), bool(table.get("secret", False)))

    return [one(name, table) for name, table in declared().items()]


def misspelt(environ: Iterable[str]) -> Mapping[str, str]:
    """Variables that are no settings but look like one that is not set, and which that is."""
    given = set(environ)
    # PORTS or HOSTS are words of anybody's; DATABSE_URL is not.
    unset = [name for name in _PARSERS if name not in given and "_" in name]
    found = ((name, get_close_matches(name, unset, 1, _CLOSE)) for name in sorted(given))
    return {name: near[0] for name, near in found if near and name not in _PARSERS}


def unflagged(features: Sequence[str]) -> Sequence[str]:
    """Features that were switched on though this version flags none of that name.

    They are no fault: a deployment may name what its next version brings, or its last one had.
    """
    return [feature for feature in features if feature not in FLAGGED]


def parse(gathered: Sequence[Setting]) -> Settings:
    """The settings of a start; `Invalid` carries one fault for every value that cannot be used."""
    values: dict[str, Any] = {}
    faults: list[FieldFault] = []
    for setting in gathered:
        if setting.name not in _PARSERS:
            faults.append(_unknown(setting.name))
            continue
        try:
            values[setting.name.lower()] = _PARSERS[setting.name](setting.text)
        except ValueError as error:
            # A secret that does not parse must not be shown either.
            faults.append(
                FieldFault(
                    setting.name,
                    "unparsable",
                    f"{setting.name}={setting.shown!r} ({setting.source}) must be {error}",
                )
            )
    if faults:
        raise Invalid("the settings cannot be used", faults)
    settings = Settings(**values)
    faults = list(_contradictions(settings))
    if faults:
        raise Invalid("the settings cannot be used", faults)
    return settings


def _unknown(name: str) -> FieldFault:
    near = get_close_matches(name, _PARSERS, 1)
    guess = f"; did you mean {near[0]}?" if near else ""
    return FieldFault(name, "unknown", f"{name} is no setting (conf/wildside.toml){guess}")


def _contradictions(settings: Settings) -> Sequence[FieldFault]:
    found: list[tuple[str, str]] = []
    if not settings.redis_url and settings.wildside_mode is Mode.WORKER:
        found.append(("REDIS_URL", "a worker needs it to get its jobs; --mode=worker is refused"))
    if settings.session_samesite is SameSite.NONE and not settings.session_cookie_secure:
        found.append(("SESSION_SAMESITE", "None demands SESSION_COOKIE_SECURE=1"))
    if settings.in_production and settings.session_allow_ephemeral:
        found.append(("SESSION_ALLOW_EPHEMERAL", "1 is for APP_ENV=development only"))
    if settings.silence_seconds <= settings.heartbeat_seconds:
        found.append(("SILENCE_SECONDS", "must be longer than HEARTBEAT_SECONDS"))
    return [FieldFault(name, "refused", f"{name}: {why}") for name, why in found]


def field_names() -> set[str]:
    """The settings the program reads, for the check that conf/wildside.toml declares just these."""
    return {field.name.upper() for field in fields(Settings)}
