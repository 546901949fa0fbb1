"""The parent's end of one child process: starts it, talks to it, hears it end, leaves no zombie."""

import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path

import trio

HEADER = struct.Struct("<I")
CHILD_SCRIPT = Path(__file__).with_name("process_child.py")
READ_BYTES = 256 * 1024
READS_IN_A_ROW = 16  # a child that chatters without end must not have the event loop to itself
LONGEST_LINE_BYTES = 16 * 1024  # a child that prints no newline must not fill the parent's memory
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

Frame = tuple[object, ...]


def frame_bytes(*frame: object) -> bytes:
    """A frame as it goes over the wire; whatever pickle raises is the caller's affair."""
    body = pickle.dumps(frame, protocol=5)
    return HEADER.pack(len(body)) + body


class ProcessLink:
    """One child process and the socket to it. `run` is its whole life and always reaps it."""

    def __init__(self, log: Callable[[int, str], None]) -> None:
        self._log = log
        self.fault: str | None = None  # why its words could not be understood
        self._socket, theirs = socket.socketpair()
        self._socket.setblocking(False)
        self._line = bytearray()
        self._unsent: deque[bytes] = deque()
        self._unsent_news = trio.Event()
        # Started here and not in a worker thread: the child dies with the thread that started it.
        self._errors, their_errors = os.pipe()
        os.set_blocking(self._errors, False)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own script
                [sys.executable, "-P", str(CHILD_SCRIPT), str(theirs.fileno()), str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=their_errors,
                pass_fds=(theirs.fileno(),),
            )
        except OSError:
            self._socket.close()
            os.close(self._errors)
            raise
        finally:
            theirs.close()
            os.close(their_errors)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """What it ended with, negative for a signal; None while it lives."""
        return self._process.returncode

    def rss_bytes(self) -> int:
        """Its resident memory; 0 when it is gone."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_bytes().split()[1]
        except (OSError, IndexError):
            return 0
        return int(pages) * PAGE_BYTES

    def send(self, payload: bytes) -> None:
        """Send, without waiting: what the socket does not take now follows by itself."""
        if not self._unsent:
            try:
                sent = self._socket.send(payload)
            except BlockingIOError:
                sent = 0
            except OSError:
                return  # it is dying, and `run` is about to say so
            if sent == len(payload):
                return
            payload = payload[sent:]
        self._unsent.append(payload)
        self._unsent_news.set()

    def hang_up(self) -> None:
        """Say that no more calls come: it ends when it has read all."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            return  # hung up already

    def kill(self) -> None:
        """SIGKILL: it ends even when it is stopped or stuck."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)

    async def run(self, hear: Callable[[Frame], None]) -> None:
        """Pass its frames to `hear` until it has ended and is reaped; cancelled, it is killed."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._send_rest)
                nursery.start_soon(self._read_errors)
                await self._read_frames(hear)
                # Its end of the socket is closed: it is ending, or it has no use any more.
                with trio.move_on_after(1):
                    await self._wait_exit()
                nursery.cancel_scope.cancel()
        finally:
            self.kill()
            with trio.CancelScope(shield=True):
                await self._wait_exit()
            self._log_rest()
            self._socket.close()
            os.close(self._errors)

    async def _read_frames(self, hear: Callable[[Frame], None]) -> None:
        buffer = bytearray()
        turns = 0
        while True:
            turns += 1
            if turns % READS_IN_A_ROW == 0:
                await trio.lowlevel.checkpoint()
            try:
                chunk = self._socket.recv(READ_BYTES)
            except BlockingIOError:
                await trio.lowlevel.wait_readable(self._socket)
                continue
            except ConnectionError:
                return
            if not chunk:
                return
            buffer += chunk
            while len(buffer) >= HEADER.size:
                end = HEADER.size + HEADER.unpack_from(buffer)[0]
                if len(buffer) < end:
                    break
                try:
                    frame = pickle.loads(buffer[HEADER.size : end])  # noqa: S301 - from our own child
                except Exception as error:  # noqa: BLE001 - it may raise whatever a class's code does
                    self.fault = f"said what cannot be read: {error!r}"
                    return
                del buffer[:end]
                hear(frame)

    async def _send_rest(self) -> None:
        while True:
            await self._unsent_news.wait()
            self._unsent_news = trio.Event()
            while self._unsent:
                await trio.lowlevel.wait_writable(self._socket)
                payload = self._unsent[0]
                try:
                    sent = self._socket.send(payload)
                except BlockingIOError:
                    continue
                except OSError:
                    return
                self._unsent[0] = payload[sent:]
                if not self._unsent[0]:
                    self._unsent.popleft()

    async def _read_errors(self) -> None:
        while True:
            await trio.lowlevel.wait_readable(self._errors)
            if not self._log_some():
                return

    def _log_some(self) -> bool:
        try:
            chunk = os.read(self._errors, READ_BYTES)
        except BlockingIOError:
            return False
        self._line += chunk
        *lines, rest = self._line.split(b"\n")
        if len(rest) > LONGEST_LINE_BYTES or not chunk:
            lines, rest = [*lines, rest], bytearray()
        self._line = bytearray(rest)
        for line in lines:
            if line:
                self._log(self.pid, line.decode(errors="replace"))
        return bool(chunk)

    def _log_rest(self) -> None:
        while self._log_some():
            pass

    async def _wait_exit(self) -> None:
        if self._process.returncode is not None:
            return
        descriptor = os.pidfd_open(self.pid)
        try:
            await trio.lowlevel.wait_readable(descriptor)
        finally:
            os.close(descriptor)
        self._process.wait()
