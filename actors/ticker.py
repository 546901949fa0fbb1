"""A timer of an actor's that repeats."""

from actors.alarms import Alarm, AlarmClock
from actors.mailbox import Mailbox, current_trace


class Ticker(Alarm):
    """A timer that repeats; a tick still unread is not followed by another."""

    __slots__ = ("_alarms", "_mailbox", "_message", "_next", "_seconds", "_trace")

    def __init__(
        self, mailbox: Mailbox, alarms: AlarmClock, seconds: float, message: object
    ) -> None:
        super().__init__(self._tick)
        self._mailbox = mailbox
        self._alarms = alarms
        self._seconds = seconds
        self._message = message
        self._trace = current_trace.get()
        self._next = alarms.call_after(seconds, self._tick)

    def cancel(self) -> None:
        """Never ring again."""
        super().cancel()
        self._next.cancel()

    def _tick(self) -> None:
        lane = self._mailbox.lane
        # By identity: two timers may carry equal messages.
        if lane is None or not any(envelope[0] is self._message for envelope in lane):
            self._mailbox.put_urgent(self._message, self._trace)
        self._next = self._alarms.call_after(self._seconds, self._tick)
