"""Every error the runtime can raise, one family: catch ActorError to catch them all."""


class ActorError(Exception):
    """Root of the family."""


class ActorDied(ActorError):
    """The actor asked is dead, or died before it could answer; the cause is chained where known."""


class AskTimedOut(ActorError, TimeoutError):
    """No answer within the time the asker was willing to wait."""


class MailboxFull(ActorError):
    """The mailbox (or stash) has no room and its rule is to refuse; also told to a dropped asker."""


class NameTaken(ActorError):
    """A sibling of that name is alive already."""


class StartTimedOut(ActorError):
    """A child did not report that it had started within its `start_seconds`."""


class StopTimedOut(ActorError):
    """A child outlived its `stop_seconds` and was cancelled."""


class GaveUp(ActorError):
    """A supervisor restarted its children more often than its intensity allows, and escalated."""


class SlowSubscriber(ActorError):
    """A subscriber of a fan-out fell too far behind and was let go."""


class PoolFull(ActorError):
    """The queue in front of the process pool has no room."""


class WorkerDied(ActorError):
    """The child process ended, or fell silent, while it held the call."""


class WorkerTimedOut(ActorError, TimeoutError):
    """The call had no answer by its deadline; a child that was working on it has been killed."""


class WorkerFailed(ActorError):
    """The handler in the child raised: `kind` is the exception's class name, `text` its message."""

    def __init__(self, kind: str, text: str, remote_traceback: str = "") -> None:
        super().__init__(kind, text, remote_traceback)
        self.kind = kind
        self.text = text
        self.remote_traceback = remote_traceback

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"
