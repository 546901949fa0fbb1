"""One child of the process pool as the pool sees it: starting, idle, busy or on its way out."""

import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from actors.alarms import Alarm, AlarmClock
from actors.errors import ActorError, WorkerDied, WorkerFailed
from actors.process_link import Frame, ProcessLink, frame_bytes

# A child that has not been heard of for so many heartbeats is stopped, or swapped out for good.
MISSED_BEATS = 5
OUT_OF_MEMORY_EXIT = 77  # what process_child.py ends with when an allocation fails


@dataclass(frozen=True)
class WorkerSetup:
    """How children are made and how long they last; see ProcessPool."""

    worker: str
    memory_limit_bytes: int | None
    recycle_after_calls: int | None
    recycle_above_bytes: int | None
    heartbeat_seconds: float
    grace_seconds: float
    start_seconds: float
    log: Callable[[int, str, str | None], None]


@dataclass(frozen=True)
class WorkerVitals:
    """What can be seen of one child."""

    pid: int
    busy: bool
    calls: int
    rss_bytes: int


class CallInHand(Protocol):
    """What a child needs to know of the call it works on."""

    number: int
    payload: bytes
    trace: str | None
    on_progress: Callable[[object], None] | None
    worker: "PoolWorker | None"

    def answer(self, reply: object) -> bool:
        """Hand over the reply; False when nobody waits."""

    def fail(self, error: BaseException) -> None:
        """Raise `error` where the answer is awaited."""


class Employer(Protocol):
    """Who hears what becomes of a child."""

    def worker_free(self, worker: "PoolWorker") -> None:
        """It started, or has ended a call."""

    def worker_ended(self, worker: "PoolWorker") -> None:
        """Its process is gone and reaped."""


class PoolWorker:
    """A child process and the call it works on. `run` is its whole life."""

    def __init__(self, setup: WorkerSetup, employer: Employer, alarms: AlarmClock) -> None:
        self._setup = setup
        self._employer = employer
        self._alarms = alarms
        self._link: ProcessLink | None = None
        self._why_killed: str | None = None
        self._grace: Alarm | None = None
        self.call: CallInHand | None = None
        self.calls = 0
        self.ready = False
        self.retiring = False
        self.born_at = self.heard_at = alarms.clock()
        self.failure: ActorError = WorkerDied("it never started")

    @property
    def pid(self) -> int:
        """The process's id; 0 before there is one."""
        return self._link.pid if self._link is not None else 0

    @property
    def vitals(self) -> WorkerVitals:
        """What can be seen of it now."""
        rss_bytes = self._link.rss_bytes() if self._link is not None else 0
        return WorkerVitals(self.pid, self.call is not None, self.calls, rss_bytes)

    async def run(self, arguments_payload: bytes) -> None:
        """Start the process and stay with it until it has ended and is reaped."""
        setup = self._setup
        try:
            self._link = ProcessLink(self._log)
        except OSError as error:
            self.failure = WorkerDied(f"a child could not be started: {error}")
            self._employer.worker_ended(self)
            return
        self._link.send(
            frame_bytes(sys.path, setup.worker, setup.memory_limit_bytes, setup.heartbeat_seconds)
        )
        self._link.send(arguments_payload)
        try:
            await self._link.run(self._hear)
        finally:
            if not isinstance(self.failure, WorkerFailed):
                self.failure = WorkerDied(f"child {self.pid} {self._how_it_ended()}")
            if self._grace is not None:
                self._grace.cancel()
            call, self.call = self.call, None
            if call is not None:
                call.fail(self.failure)
            self._employer.worker_ended(self)

    def take(self, call: CallInHand) -> None:
        """Work on a call; the child is ready and idle."""
        self.call = call
        call.worker = self
        if self._link is not None:
            self._link.send(call.payload)

    def cancel_call(self) -> None:
        """Tell the child that nobody waits for its answer; kill it when it goes on regardless."""
        call = self.call
        if call is None or self._link is None:
            return
        self._link.send(frame_bytes("cancel", call.number))
        self._grace = self._alarms.call_after(
            self._setup.grace_seconds, lambda: self.kill("its call was cancelled, and it went on")
        )

    def kill(self, why: str) -> None:
        """End it now."""
        if self._why_killed is None and self._link is not None:
            self._why_killed = why
            self._link.kill()

    def retire(self) -> None:
        """Take no more calls, and end when the one in hand is done."""
        self.retiring = True
        if self.call is None and self._link is not None:
            self._link.hang_up()
            self._grace = self._alarms.call_after(
                self._setup.grace_seconds, lambda: self.kill("it was to end, and went on")
            )

    def check_health(self, now: float) -> None:
        """Kill it when it is silent or too big, or slow to start."""
        if self._link is None:
            return
        setup = self._setup
        # While it starts it may well hold the interpreter for long: it loads a region's graph.
        if not self.ready and now - self.born_at > setup.start_seconds:
            self.kill(f"was not ready in {setup.start_seconds} s")
        elif self.ready and now - self.heard_at > MISSED_BEATS * setup.heartbeat_seconds:
            self.kill(f"was silent for {MISSED_BEATS} heartbeats")
        elif setup.memory_limit_bytes is not None:
            rss_bytes = self._link.rss_bytes()
            if rss_bytes > setup.memory_limit_bytes:
                self.kill(f"held {rss_bytes} bytes, over its memory limit")

    def is_worn(self) -> bool:
        """Whether a fresh child should take its place."""
        setup = self._setup
        if setup.recycle_after_calls is not None and self.calls >= setup.recycle_after_calls:
            return True
        if setup.recycle_above_bytes is None or self._link is None:
            return False
        return self._link.rss_bytes() > setup.recycle_above_bytes

    def _hear(self, frame: Frame) -> None:
        self.heard_at = self._alarms.clock()
        kind, number, *rest = frame
        match kind:
            case "reply":
                self._finish(number, lambda call: call.answer(rest[0]))
            case "progress":
                self._pass_on(number, rest[0])
            case "failed":
                failed = _failed(rest)
                self._finish(number, lambda call: call.fail(failed))
            case "ready":
                self.ready = True
                self._employer.worker_free(self)
            case "broken":
                self.failure = _failed(rest)

    def _pass_on(self, number: object, progress: object) -> None:
        call = self.call
        if call is None or call.number != number or call.on_progress is None:
            return
        try:
            call.on_progress(progress)
        except Exception as error:  # noqa: BLE001 - the caller's own callback: the caller hears of it
            call.fail(error)
            call.on_progress = None
            self.cancel_call()

    def _finish(self, number: object, tell: Callable[[CallInHand], object]) -> None:
        call = self.call
        if call is None or call.number != number:
            return
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None
        self.call = None
        self.calls += 1
        tell(call)
        if self.retiring:
            self.retire()
        else:
            self._employer.worker_free(self)

    def _log(self, pid: int, line: str) -> None:
        self._setup.log(pid, line, self.call.trace if self.call is not None else None)

    def _how_it_ended(self) -> str:
        if self._why_killed is not None:
            return self._why_killed
        if self._link is None or self._link.exit_code is None:
            return "is gone"
        if self._link.fault is not None:
            return self._link.fault
        code = self._link.exit_code
        if code == OUT_OF_MEMORY_EXIT:
            return "ran out of memory under its limit"
        if code < 0:
            return f"was killed by {signal.Signals(-code).name}"
        return f"ended by itself with code {code}"


def _failed(parts: list[object]) -> WorkerFailed:
    kind, text, remote_traceback = parts
    return WorkerFailed(str(kind), str(text), str(remote_traceback))
