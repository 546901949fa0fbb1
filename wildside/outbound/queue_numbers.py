"""The queue in numbers, as Prometheus and whoever scales workers read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from wildside.domain.errors import Unavailable
from wildside.domain.jobs import JobKind, QueueStanding
from wildside.ports import JobQueue

_NAMES = {
    "waiting": ("job_queue_depth", "Jobs that could be claimed now"),
    "delayed": ("job_queue_delayed", "Jobs that wait for their time"),
    "running": ("job_queue_running", "Jobs that some worker holds"),
    "oldest_waiting_seconds": ("job_queue_oldest_seconds", "Age of the oldest job that waits"),
}


class QueueNumbers(Collector):
    """What was last seen of the queue: a scrape never waits for Redis."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue
        self._standing: Mapping[JobKind, QueueStanding] = {}

    async def look(self) -> None:
        """Looks anew; with the queue away the numbers vanish rather than grow old."""
        try:
            self._standing = await self._queue.standing()
        except Unavailable:
            self._standing = {}
            raise

    def waiting(self) -> int:
        """How many jobs wait, delayed ones included."""
        return sum(each.waiting + each.delayed for each in self._standing.values())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge a number, one sample a kind."""
        for field, (name, text) in _NAMES.items():
            family = GaugeMetricFamily(name, text, labels=["type"])
            for kind, standing in self._standing.items():
                family.add_metric([kind.value], getattr(standing, field))
            yield family
