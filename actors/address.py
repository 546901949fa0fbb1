"""The address of an actor: all that others hold of it; it outlives restarts."""

from typing import Generic, Protocol, TypeVar, cast

from trio.lowlevel import wait_task_rescheduled

from actors.errors import AskTimedOut
from actors.mailbox import Asker, Down, Mailbox, Owner

Message_contra = TypeVar("Message_contra", contravariant=True)
Message_co = TypeVar("Message_co", covariant=True)
Reply = TypeVar("Reply")
Reply_co = TypeVar("Reply_co", covariant=True)
Self = TypeVar("Self")


class Request(Generic[Reply_co]):
    """Base of the messages that can be asked: `class Balance(Request[int])` is answered by an int."""

    __slots__ = ()

    def _as_question(self: Self) -> tuple[Self, Reply_co]:
        # Only for the type checker: it lets `ask` see both what is asked and what comes back.
        raise NotImplementedError


class Question(Protocol[Message_co, Reply_co]):
    """A Request seen as both a message of an actor and a promise of a reply."""

    def _as_question(self) -> tuple[Message_co, Reply_co]: ...


class Address(Generic[Message_contra]):
    """Where an actor is reached, through all its lives.

    Telling an actor that has ended for good makes a dead letter; asking it raises ActorDied.
    """

    __slots__ = ("_mailbox",)

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def tell(self, message: Message_contra) -> None:
        """Leave a message, without waiting. MailboxFull when the rule is REJECT or BLOCK and full."""
        self._mailbox.put(message, None)

    async def send(self, message: Message_contra) -> None:
        """Leave a message, waiting for room when the rule is BLOCK; a trio checkpoint always."""
        await self._mailbox.send(message)

    async def ask(self, request: Question[Message_contra, Reply], timeout_seconds: float) -> Reply:
        """Leave a request and wait for the reply.

        AskTimedOut after `timeout_seconds`; ActorDied at once when the actor ends or crashes over it;
        MailboxFull when the request found no room or was dropped for a newer one.
        """
        mailbox = self._mailbox
        asker = Asker()
        mailbox.put(request, asker)
        mailbox.alarms.watch(asker, timeout_seconds)
        try:
            return cast("Reply", await wait_task_rescheduled(asker.abandon))
        except AskTimedOut:
            raise AskTimedOut(
                f"{self.path} did not answer {type(request).__name__} in {timeout_seconds} s"
            ) from None

    async def ended(self) -> Down:
        """Wait until the actor has ended for good; at once if it has."""
        return await self._mailbox.owner.wait_over()

    @property
    def owner(self) -> Owner:
        """The place in the tree behind it; for the runtime and its testing kit."""
        return self._mailbox.owner

    @property
    def path(self) -> str:
        """Names from the root, joined by slashes."""
        return self._mailbox.owner.path

    @property
    def alive(self) -> bool:
        """Whether it lives, or waits to live again."""
        return not self._mailbox.closed

    @property
    def waiting(self) -> int:
        """How many messages wait."""
        return len(self._mailbox.queue)

    def __repr__(self) -> str:
        return f"<Address {self.path}>"
