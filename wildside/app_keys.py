"""The keys of this deployment: where they come from, and who is told when they change."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from wildside.inbound.http.session_cookie import CookieJar, CookieRules
from wildside.inbound.http.tile_token import TileTokens, keys_from_session_keys
from wildside.outbound.session_keys import TemporaryKeys, WatchedKeys
from wildside.ports import Journal
from wildside.settings import (
    SHORTEST_PRODUCTION_KEY_BYTES,
    SHORTEST_TILE_KEY_BYTES,
    Mode,
    Settings,
)

Keys = WatchedKeys | TemporaryKeys

log = structlog.get_logger("wildside")


@dataclass(frozen=True, slots=True)
class KeyRings:
    """Keys of cookies, and those of tiles' tokens where they are others."""

    settings: Settings
    session: Keys
    tiles: Keys | None

    def cookie_jar(self) -> CookieJar:
        """A jar that follows the keys."""
        settings = self.settings
        rules = CookieRules(
            settings.session_samesite.value,
            settings.session_cookie_secure,
            settings.session_cookie_domain,
        )
        jar = CookieJar(self.session.keys, rules)
        self.session.hear(jar.use)
        return jar

    def tile_tokens(self) -> TileTokens:
        """Tokens that follow the keys."""
        audience, issuer = self.settings.tile_token_aud, self.settings.tile_token_iss
        tokens = TileTokens((), audience=audience, issuer=issuer)
        if self.tiles is None:
            self.session.hear(lambda keys: tokens.use(keys_from_session_keys(keys)))
        else:
            self.tiles.hear(lambda keys: tokens.use([key.encode() for key in keys]))
        return tokens

    async def watch(self) -> None:
        """Reads again what has changed."""
        for keys in self._all():
            await keys.watch()

    def reload(self) -> None:
        """Reads everything again."""
        for keys in self._all():
            keys.reload()

    def _all(self) -> tuple[Keys, ...]:
        return (self.session,) if self.tiles is None else (self.session, self.tiles)


def open_key_rings(settings: Settings, journal: Journal) -> KeyRings:
    """The keys as they are now; Invalid where a file cannot be used.

    A worker gets none: it signs nothing and believes no cookie.
    """
    if settings.wildside_mode is Mode.WORKER:
        return KeyRings(settings, TemporaryKeys(), None)
    return KeyRings(settings, _session_keys(settings, journal), _tile_keys(settings, journal))


def _session_keys(settings: Settings, journal: Journal) -> Keys:
    if settings.session_allow_ephemeral and not settings.session_key_file.exists():
        log.warning("a temporary session key: a restart signs everybody out")
        return TemporaryKeys()
    return WatchedKeys(
        settings.session_key_file,
        shortest_bytes=SHORTEST_PRODUCTION_KEY_BYTES if settings.in_production else 1,
        setting="SESSION_KEY_FILE",
        journal=journal,
    )


def _tile_keys(settings: Settings, journal: Journal) -> Keys | None:
    if settings.tile_token_key_file is None:
        return None
    return WatchedKeys(
        settings.tile_token_key_file,
        shortest_bytes=SHORTEST_TILE_KEY_BYTES,
        setting="TILE_TOKEN_KEY_FILE",
        journal=journal,
    )
