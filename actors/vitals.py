"""What can be seen of a running tree: snapshots, their text and JSON, and numbers for metrics."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

# Seconds from telling to handled; powers of four from 16 microseconds to 17 seconds.
LATENCY_BOUNDS_SECONDS: tuple[float, ...] = tuple(16e-6 * 4**power for power in range(11))


class Status(Enum):
    """Where a child is in its life."""

    STARTING = "starting"
    RUNNING = "running"
    WAITING = "waiting"  # for its next life
    ENDED = "ended"


@dataclass(frozen=True)
class Vitals:
    """One child as it is now; `kind` is its line in the metrics, `latency` counts by bucket."""

    name: str
    path: str
    sort: str  # actor, task, supervisor
    kind: str
    status: Status
    restarts: int
    last_failure: str | None
    waiting: int = 0
    capacity: int = 0
    handled: int = 0
    lost: int = 0
    latency: tuple[int, ...] = ()
    children: "tuple[Vitals, ...]" = ()

    @property
    def latency_seconds(self) -> float:
        """The bound under which 95 of 100 messages were handled; infinity beyond the last bound."""
        return latency_bound(self.latency, 0.95)


@dataclass
class KindNumbers:
    """Sums over all actors of a kind, living and ended."""

    alive: int = 0
    waiting: int = 0
    handled: int = 0
    restarts: int = 0
    lost: int = 0
    latency: list[int] = field(default_factory=lambda: [0] * (len(LATENCY_BOUNDS_SECONDS) + 1))

    def add(self, vitals: Vitals) -> None:
        """Add the numbers of one actor that are kept after its end."""
        self.handled += vitals.handled
        self.restarts += vitals.restarts
        self.lost += vitals.lost
        for bucket, count in enumerate(vitals.latency):
            self.latency[bucket] += count


def latency_bound(latency: tuple[int, ...] | list[int], share: float) -> float:
    """The least bound in seconds that `share` of the counted messages stayed under; 0 for none."""
    total = sum(latency)
    if not total:
        return 0.0
    so_far = 0
    for bound, count in zip(LATENCY_BOUNDS_SECONDS, latency, strict=False):
        so_far += count
        if so_far >= share * total:
            return bound
    return float("inf")


def tree_text(vitals: Vitals) -> str:
    """The tree as an operator reads it, one child a line."""
    return "\n".join(_lines(vitals, "", ""))


def tree_json(vitals: Vitals) -> dict[str, Any]:
    """The tree as plain values, ready for any JSON writer."""
    plain = asdict(vitals)
    for node in _nodes(plain):
        node["status"] = node["status"].value
        node["latency"] = list(node["latency"])
        node["children"] = list(node["children"])
    return plain


def _nodes(plain: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plain
    for child in plain["children"]:
        yield from _nodes(child)


def _lines(vitals: Vitals, first: str, rest: str) -> Iterator[str]:
    yield first + _line(vitals)
    for position, child in enumerate(vitals.children):
        last = position == len(vitals.children) - 1
        yield from _lines(
            child, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  ")
        )


def _line(vitals: Vitals) -> str:
    words = [vitals.name, vitals.sort, vitals.status.value]
    if vitals.sort == "actor":
        words.append(f"mailbox {vitals.waiting}/{vitals.capacity}")
        words.append(f"handled {vitals.handled}")
        words.append(f"p95 {vitals.latency_seconds * 1000:.3g} ms")
    if vitals.lost:
        words.append(f"lost {vitals.lost}")
    if vitals.restarts:
        words.append(f"restarts {vitals.restarts}")
    if vitals.last_failure:
        words.append(f"last failure {vitals.last_failure}")
    return "  ".join(words)
