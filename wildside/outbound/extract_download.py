"""Downloads an extract over HTTP: resumed where it broke off, never waiting for ever."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import trio

from wildside.domain.errors import Unavailable

MOST_TRIES = 5
FIRST_PAUSE_SECONDS = 1.0  # doubled after every try that got no further

_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")
_WHOLE = re.compile(r"bytes \*/(\d+)")

OnProgress = Callable[[float], None]


class _BrokenOff(Exception):
    """The server stopped before the end, or answered nonsense; worth another try."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait: for the next byte, and for the whole file."""

    silence_seconds: float = 10.0
    deadline_seconds: float = 900.0


class ExtractDownload:
    """One file of one address. What was received stays in `<target>.part` for the next try."""

    def __init__(self, address: str, target: Path, patience: Patience | None = None) -> None:
        self._address = address
        self._target = target
        self._part = target.with_name(f"{target.name}.part")
        # The server's name for this content: a part is only resumed while it stays the same.
        self._tag_file = target.with_name(f"{target.name}.part.tag")
        self._patience = patience or Patience()

    async def fetch(self, on_progress: OnProgress) -> str:
        """Downloads unless the file is there; the SHA-256 (hex) of its bytes.

        `on_progress` hears shares 0..1 where the server tells the length. Raises Unavailable with
        one line where the address does not answer, refuses, or keeps breaking off.
        """
        try:
            if not self._target.exists():
                self._target.parent.mkdir(parents=True, exist_ok=True)
                await self._fetch_whole(on_progress)
            return _digest(self._target)
        except OSError as error:
            raise Unavailable(f"{self._target} cannot be written: {error.strerror}") from error

    async def _fetch_whole(self, on_progress: OnProgress) -> None:
        timeout = httpx.Timeout(self._patience.silence_seconds)
        with trio.move_on_after(self._patience.deadline_seconds) as deadline:
            async with httpx.AsyncClient(timeout=timeout, follow_redirects=True) as client:
                await self._try_until_whole(client, on_progress)
        if deadline.cancelled_caught:
            raise Unavailable(
                f"{self._address} took longer than {self._patience.deadline_seconds:g} s"
            )
        with self._part.open("rb") as file:
            os.fsync(file.fileno())
        self._part.rename(self._target)
        self._tag_file.unlink(missing_ok=True)

    async def _try_until_whole(self, client: httpx.AsyncClient, on_progress: OnProgress) -> None:
        tries, pause = 0, FIRST_PAUSE_SECONDS
        while True:
            before = self._received()
            try:
                await self._continue(client, on_progress)
            except (httpx.TransportError, _BrokenOff) as error:
                reason = str(error) or type(error).__name__
            else:
                return
            tries += 1
            if self._received() > before:
                tries, pause = 1, FIRST_PAUSE_SECONDS
            # Nothing at all came: nobody is there, and waiting longer would not bring them.
            if tries >= MOST_TRIES or self._received() == 0:
                raise Unavailable(f"{self._address} cannot be downloaded: {reason}")
            await trio.sleep(pause)
            pause *= 2

    async def _continue(self, client: httpx.AsyncClient, on_progress: OnProgress) -> None:
        """One request for what is missing; returns when the part is whole."""
        received = self._received()
        headers = {"Accept-Encoding": "identity"}
        tag = self._tag()
        if received and tag:
            headers |= {"Range": f"bytes={received}-", "If-Range": tag}
        async with client.stream("GET", self._address, headers=headers) as answer:
            begin, total = self._understood(answer, received)
            if begin == total:
                return
            self._remember_tag(answer)
            with self._part.open("r+b" if begin else "wb") as file:
                file.truncate(begin)
                file.seek(begin)
                async for chunk in answer.aiter_raw():
                    file.write(chunk)
                    if total:
                        on_progress(min(1.0, file.tell() / total))
                here = file.tell()
        if total is not None and here != total:
            raise _BrokenOff(f"it broke off after {here} of {total} bytes")

    def _understood(self, answer: httpx.Response, received: int) -> tuple[int, int | None]:
        """From which byte the body goes on, and how long the whole file is."""
        content_range = answer.headers.get("Content-Range", "")
        if answer.status_code == httpx.codes.OK:
            length = answer.headers.get("Content-Length", "")
            return 0, int(length) if length.isdigit() else None
        if answer.status_code == httpx.codes.PARTIAL_CONTENT:
            told = _RANGE.fullmatch(content_range)
            if told is not None and int(told.group(1)) == received:
                return received, int(told.group(2))
            self._forget()
            raise _BrokenOff(f"the server answered another range: {content_range!r}")
        if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            whole = _WHOLE.fullmatch(content_range)
            if whole is not None and int(whole.group(1)) == received:
                return received, received
            self._forget()
            raise _BrokenOff("the server does not have the range we asked for")
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise _BrokenOff(f"the server answered {answer.status_code}")
        raise Unavailable(f"{self._address} answered {answer.status_code} {answer.reason_phrase}")

    def _received(self) -> int:
        with contextlib.suppress(FileNotFoundError):
            return self._part.stat().st_size
        return 0

    def _tag(self) -> str | None:
        with contextlib.suppress(FileNotFoundError):
            return self._tag_file.read_text(encoding="ascii")
        return None

    def _remember_tag(self, answer: httpx.Response) -> None:
        # A weak ETag may not be used for ranges (RFC 9110, 13.1.5); the date then stands in.
        tag = answer.headers.get("ETag", "")
        if not tag or tag.startswith("W/"):
            tag = answer.headers.get("Last-Modified", "")
        if tag.isascii():
            self._tag_file.write_text(tag, encoding="ascii")

    def _forget(self) -> None:
        self._part.unlink(missing_ok=True)
        self._tag_file.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
