"""What one writes to make an actor: its behaviour, its spec; and what it can reach while it runs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from actors.address import Address
from actors.alarms import Alarm
from actors.mailbox import Down, MailboxRule
from actors.restart_policy import Restart

Message = TypeVar("Message")
ChildMessage = TypeVar("ChildMessage")
USUAL_MAILBOX = MailboxRule()


class Answer(Protocol):
    """An answer owed: given once, later, from wherever it becomes known."""

    def give(self, reply: object) -> None:
        """Answer the asker."""

    def fail(self, error: Exception) -> None:
        """Let the asker's `ask` raise ActorDied with `error` as its cause."""


class Context(Protocol):
    """What a running actor can reach. It belongs to one life: timers and monitors end with it."""

    @property
    def path(self) -> str:
        """Names from the root, joined by slashes."""

    @property
    def address(self) -> Address[Any]:
        """Its own address, to hand out or to tell itself something."""

    @property
    def trace(self) -> str | None:
        """The trace that came with the message being handled."""

    @property
    def restarts(self) -> int:
        """How many lives came before this one."""

    def stop(self) -> None:
        """End, in order, after this message; counts as a normal ending."""

    def after(self, seconds: float, message: object) -> Alarm:
        """Receive `message` in `seconds`, ahead of what waits in the mailbox."""

    def every(self, seconds: float, message: object) -> Alarm:
        """Receive `message` each `seconds`; a tick not yet handled is not doubled."""

    def stash(self) -> None:
        """Put the message being handled aside; MailboxFull when as many as a mailbox lie aside."""

    def unstash_all(self) -> None:
        """Put all stashed messages back in front of the mailbox, in their order."""

    def answer_later(self) -> Answer:
        """Take over the duty to answer the message being handled; a crash still tells the asker."""

    def spawn(
        self, spec: "ChildSpec[ChildMessage]", name: str | None = None
    ) -> Address[ChildMessage]:
        """Start a child of this actor's own, one for one; it ends with this life."""

    def monitor(self, address: Address[Any], as_message: Callable[[Down], object]) -> None:
        """Receive `as_message(down)` each time a life of the actor at `address` ends."""


class Actor(Generic[Message]):
    """Behaviour with a lifetime. Each life is a new object: nothing crashed is kept but the mailbox.

    An exception out of any of the three ends the life; its supervisor decides what follows.
    """

    context: Context

    async def started(self) -> None:
        """Called first; siblings that start later wait for it."""

    async def receive(self, message: Message) -> object:
        """Handle one message; what it returns answers an ask."""
        raise NotImplementedError

    async def stopped(self) -> None:
        """Called last, if `started` came to its end; in a life that was cancelled it must not wait."""


@dataclass(frozen=True)
class ChildSpec(Generic[Message]):
    """How an actor is made, kept alive and stopped. `make` is called for each life.

    `kind` names it in the metrics, where thousands of sessions are one line; left out, it is the
    actor's class name.
    """

    name: str
    make: Callable[[], Actor[Message]]
    restart: Restart = Restart.PERMANENT
    mailbox: MailboxRule = USUAL_MAILBOX
    start_seconds: float = 30.0
    stop_seconds: float = 5.0
    kind: str = ""
