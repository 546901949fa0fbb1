"""Where everything lies in Redis. One hash tag, so one slot: scripts may touch all of it in a cluster."""

from __future__ import annotations

from dataclasses import dataclass

from wildside.domain.jobs import JobKind

KINDS = tuple(JobKind)  # best first
PREFIX = "{wildside}:jobs:"


@dataclass(frozen=True, slots=True)
class Keys:
    """The names of one queue's keys; the scripts know the same ones."""

    prefix: str = PREFIX

    @property
    def streams(self) -> tuple[str, ...]:
        """Jobs that wait and jobs that run, by kind, best first."""
        return tuple(self.prefix + kind for kind in KINDS)

    @property
    def workers(self) -> str:
        """Workers by the end of their lease."""
        return f"{self.prefix}workers"

    @property
    def clock(self) -> str:
        """Redis' own time when somebody last looked after the queue."""
        return f"{self.prefix}clock"

    @property
    def letters(self) -> str:
        """Dead letters by age."""
        return f"{self.prefix}letters"

    @property
    def stops(self) -> str:
        """The channel on which workers hear of cancelled jobs."""
        return f"{self.prefix}stops"

    def stream(self, kind: JobKind) -> str:
        """The kind's jobs that wait or run."""
        return self.prefix + kind

    def number(self, stream: bytes) -> int:
        """The place of a stream among all."""
        return self.streams.index(stream.decode())

    def later(self, kind: JobKind) -> str:
        """The kind's delayed jobs by when they are due."""
        return f"{self.prefix}later:{kind}"

    def record(self, key: str) -> str:
        """What is known of the unfinished job with this key."""
        return f"{self.prefix}job:{key}"

    def letter(self, name: str) -> str:
        """One dead letter."""
        return f"{self.prefix}letter:{name}"

    def period(self, key: str, number: int) -> str:
        """Says that a periodic job was put in this period."""
        return f"{self.prefix}period:{key}:{number}"


OUR_KEYS = Keys()
