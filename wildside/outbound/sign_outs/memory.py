"""Tells whoever keeps sockets open in this process that somebody was signed out."""

from __future__ import annotations

from collections.abc import Callable

from wildside.domain.identifiers import UserId


class MemorySignOuts:
    """Other processes find out by themselves: every few seconds they look who still stands."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[UserId], None]] = []

    def hear(self, listener: Callable[[UserId], None]) -> None:
        """From now on the listener is told; it must not raise or wait."""
        self._listeners.append(listener)

    def publish(self, user_id: UserId) -> None:
        """Tells the listeners, at once."""
        for listener in self._listeners:
            listener(user_id)
