"""An answer an actor took upon itself to give later: given once, or failed with the life that owes it."""

from typing import Protocol

from actors.errors import ActorDied
from actors.mailbox import Asker


class Debtor(Protocol):
    """The actor that owes it."""

    def settle(self, owed: "OwedAnswer") -> None:
        """An answer is owed no more."""

    def count_late(self, reply: object) -> None:
        """An answer came after its asker had left."""

    def death(self, cause: BaseException | None) -> ActorDied:
        """The error an asker hears."""


class OwedAnswer:
    """An answer the actor took upon itself to give later."""

    __slots__ = ("_asker", "_debtor")

    def __init__(self, debtor: Debtor, asker: Asker | None) -> None:
        self._debtor = debtor
        self._asker = asker

    def give(self, reply: object) -> None:
        """Answer the asker."""
        self._debtor.settle(self)
        if self._asker is not None and not self._asker.answer(reply):
            self._debtor.count_late(reply)

    def fail(self, error: BaseException | None) -> None:
        """Let the asker's `ask` raise ActorDied, caused by `error`."""
        self._debtor.settle(self)
        if self._asker is not None:
            self._asker.fail(self._debtor.death(error))
