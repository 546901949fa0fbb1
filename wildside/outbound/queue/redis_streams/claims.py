"""Entries of streams that this process holds, and how they are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from wildside.domain.jobs import Job
from wildside.outbound.queue.envelope import UnreadableEnvelope, decode

# A stream makes its ids of the clock and a count: 41 bits of milliseconds, 18 of a count that begins
# anew with each of them, and 2 for the number of the stream.
COUNT_BITS, STREAM_BITS = 18, 2


@dataclass(eq=False, slots=True)
class Claim:
    """One claimed job, its entry, and who is to be told when it is cancelled."""

    job: Job
    stream: str
    entry: bytes
    stopped: bool = False
    tell: list[Callable[[], None]] = field(default_factory=list)

    @property
    def at(self) -> bytes:
        """The stream and the entry, as the job's record names them."""
        return self.stream.encode() + b" " + self.entry

    def stop(self) -> None:
        """Tells whoever asked to be told, once."""
        self.stopped = True
        while self.tell:
            self.tell.pop()()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A claimed entry that is no job to us."""

    stream: str
    entry: bytes
    key: str
    why: str


def read_entry(
    stream: str, number: int, entry: bytes, fields: Sequence[bytes]
) -> Claim | Unreadable:
    """The claim on an entry, whose fields put.lua and its siblings write in one order."""
    try:
        _, key, _, _, _, attempt, _, body, _, history, *_ = fields
    except ValueError:
        return Unreadable(stream, entry, "", f"{len(fields)} fields")
    try:
        job = decode(body, int(attempt), fence_of(number, entry), history)
    except (UnreadableEnvelope, ValueError) as error:
        return Unreadable(stream, entry, key.decode(errors="replace"), str(error))
    return Claim(job, stream, entry)


def fence_of(number: int, entry: bytes) -> int:
    """The entry's id as one number: it grows from claim to claim of a job, and no two share one."""
    milliseconds, _, count = entry.partition(b"-")
    counted = min(int(count), (1 << COUNT_BITS) - 1)
    return (int(milliseconds) << COUNT_BITS | counted) << STREAM_BITS | number
