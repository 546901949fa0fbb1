"""What a pool's child process runs: calls come in over a socket, progress and replies go out.

It is run by its path, as a script, and imports nothing of the package: a child is up in the time
Python takes, and never loads an event loop.
"""

import contextlib
import ctypes
import importlib
import os
import pickle
import signal
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

HEADER = struct.Struct("<I")
OUT_OF_MEMORY_EXIT = 77  # no shell or signal uses it
SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)

Handler = Callable[[object, Callable[[object], None], Callable[[], bool]], object]


@dataclass(frozen=True)
class Setup:
    """The first thing a child hears; sent as a plain tuple, for this file has no importable name."""

    search_path: list[str]
    worker: str
    memory_limit_bytes: int | None
    heartbeat_seconds: float


class Channel:
    """Frames over a socket: four bytes of length, then a pickle."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._writing = threading.Lock()  # the heartbeat has a thread of its own

    def read(self) -> tuple[object, ...]:
        """The next frame; the end of the stream is the end of this process."""
        length = HEADER.unpack(self._read_exactly(HEADER.size))[0]
        frame: tuple[object, ...] = pickle.loads(self._read_exactly(length))  # noqa: S301 - from our own parent
        return frame

    def has_news(self) -> bool:
        """Whether a frame, or the end of the stream, can be read without waiting."""
        try:
            self._socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        return True

    def write(self, *frame: object) -> None:
        """Send a frame; a parent that is gone ends this process."""
        body = pickle.dumps(frame, protocol=5)
        with self._writing:
            try:
                self._socket.sendall(HEADER.pack(len(body)) + body)
            except OSError:
                os._exit(0)

    def _read_exactly(self, length: int) -> bytes | bytearray:
        first = self._socket.recv(length)
        if len(first) == length:
            return first
        whole = bytearray(first)
        while len(whole) < length:
            chunk = self._socket.recv(length - len(whole))
            if not chunk:
                os._exit(0)
            whole += chunk
        return whole


def serve(channel: Channel, handler: Handler) -> None:
    """Answer calls, one at a time, until the parent hangs up."""
    while True:
        kind, call, *rest = channel.read()
        if kind == "call":
            _answer(channel, handler, call, rest[0])


def _answer(channel: Channel, handler: Handler, call: object, request: object) -> None:
    heard_cancel = False

    def cancelled() -> bool:
        nonlocal heard_cancel
        # While a call runs the parent sends nothing but its cancellation.
        if not heard_cancel and channel.has_news():
            heard_cancel = channel.read()[:2] == ("cancel", call)
        return heard_cancel

    try:
        reply = handler(
            request, lambda progress: channel.write("progress", call, progress), cancelled
        )
        channel.write("reply", call, reply)
    except MemoryError:
        _leave_out_of_memory()
    except Exception as error:  # noqa: BLE001 - supervised: the parent hears of it
        channel.write("failed", call, type(error).__name__, str(error), traceback.format_exc())


def _leave_out_of_memory() -> None:
    with contextlib.suppress(Exception):
        os.write(2, b"out of memory: the limit of this child is reached\n")
    os._exit(OUT_OF_MEMORY_EXIT)


def _die_with(parent: int) -> None:
    """Be killed when the parent's thread that started this child ends, even by SIGKILL."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we could ask
        os._exit(0)


def _limit_memory(limit_bytes: int) -> None:
    import resource

    # Private writable memory: mapped files, such as a region's graph, are shared and do not count.
    resource.setrlimit(resource.RLIMIT_DATA, (limit_bytes, limit_bytes))


def _beat(channel: Channel, seconds: float, parent: int) -> None:
    while True:
        time.sleep(seconds)
        if os.getppid() != parent:
            os._exit(0)
        channel.write("beat", None)


def main(descriptor: int, parent: int) -> None:
    """Set up as the first frame says, then serve."""
    _die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    os.set_inheritable(descriptor, False)
    os.dup2(2, 1)  # prints go where the log is read
    channel = Channel(socket.socket(fileno=descriptor))
    setup = Setup(*channel.read())  # type: ignore[arg-type]
    sys.path[:] = setup.search_path
    # The arguments may be of classes that only the parent's search path knows.
    (arguments,) = channel.read()
    threading.Thread(
        target=_beat, args=(channel, setup.heartbeat_seconds, parent), daemon=True
    ).start()
    try:
        if setup.memory_limit_bytes is not None:
            _limit_memory(setup.memory_limit_bytes)
        module, _, name = setup.worker.partition(":")
        handler = getattr(importlib.import_module(module), name)(*arguments)  # type: ignore[misc]
    except MemoryError:
        _leave_out_of_memory()
    except Exception as error:  # noqa: BLE001 - supervised: the parent hears of it
        channel.write("broken", None, type(error).__name__, str(error), traceback.format_exc())
        return
    channel.write("ready", None)
    serve(channel, handler)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
