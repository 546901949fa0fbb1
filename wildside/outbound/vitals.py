"""How the process is, put together from what its parts say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import msgspec
import structlog
import trio

from actors.vitals import Vitals, tree_json, tree_text
from wildside.domain.errors import WildsideError

log = structlog.get_logger(__name__)

CHECK_SECONDS = 2.0  # a probe that waits longer has its answer


class ProcessVitals:
    """`checks` say by name what is in the way of serving walkers, or None."""

    def __init__(
        self,
        checks: Mapping[str, Callable[[], Awaitable[str | None]]],
        exposition: Callable[[], tuple[bytes, str]],
        tree: Callable[[], Vitals],
    ) -> None:
        self._checks = checks
        self._exposition = exposition
        self._tree = tree

    async def not_ready_because(self) -> Mapping[str, str]:
        """What fails, by name."""
        reasons: dict[str, str] = {}
        for name, check in self._checks.items():
            reason: str | None = "does not answer"
            with trio.move_on_after(CHECK_SECONDS):
                try:
                    reason = await check()
                except WildsideError as error:
                    reason = error.message
                except Exception:
                    # A probe supervises what it asks: whatever it dies of, it is not ready.
                    log.exception("a check failed", check=name)
                    reason = "failed"
            if reason is not None:
                reasons[name] = reason
        return reasons

    def metrics(self) -> tuple[bytes, str]:
        """Prometheus's exposition."""
        return self._exposition()

    def actors_as_text(self) -> str:
        """The living tree, one child a line."""
        return tree_text(self._tree()) + "\n"

    def actors_as_json(self) -> bytes:
        """The living tree for programs."""
        return msgspec.json.encode(tree_json(self._tree()))
