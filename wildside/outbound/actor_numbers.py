"""The actors' numbers in Prometheus's terms, with as many labels as there are kinds and places."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from actors.dead_letters import Loss
from actors.vitals import LATENCY_BOUNDS_SECONDS, KindNumbers, Vitals

BUCKETS = (*(f"{bound:g}" for bound in LATENCY_BOUNDS_SECONDS), "+Inf")


@dataclass(frozen=True, slots=True)
class ActorNumbers:
    """One reading: sums by kind, lost messages by reason, and the tree they were read from."""

    kinds: Mapping[str, KindNumbers]
    dead_letters: Mapping[Loss, int]
    tree: Vitals


class ActorCollector(Collector):
    """Reads the actors whenever Prometheus asks.

    Labels are bounded by the program, not by who comes: an actor is counted under its kind, so a
    thousand sessions are one line; only tasks and supervisors, which the tree declares, have a
    line of their own.
    """

    def __init__(self, read: Callable[[], ActorNumbers]) -> None:
        self._read = read

    def describe(self) -> Iterator[Metric]:
        """Nothing before the tree runs: registering must not read it."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The families of one reading."""
        numbers = self._read()
        yield from _by_kind(numbers.kinds)
        lost = CounterMetricFamily(
            "actor_dead_letters", "Messages nobody handled, by why", labels=["loss"]
        )
        for loss in Loss:
            lost.add_metric([loss.value], numbers.dead_letters.get(loss, 0))
        yield lost
        restarts = CounterMetricFamily(
            "supervised_restarts", "New lives of the tree's own parts", labels=["path"]
        )
        for place in _declared(numbers.tree):
            restarts.add_metric([place.path], place.restarts)
        yield restarts


def _by_kind(kinds: Mapping[str, KindNumbers]) -> Iterator[Metric]:
    alive = GaugeMetricFamily("actors_alive", "Actors that live now", labels=["kind"])
    waiting = GaugeMetricFamily(
        "actor_messages_waiting", "Messages in mailboxes now", labels=["kind"]
    )
    handled = CounterMetricFamily("actor_messages_handled", "Messages handled", labels=["kind"])
    lost = CounterMetricFamily(
        "actor_messages_refused", "Messages a full mailbox did not take or keep", labels=["kind"]
    )
    restarts = CounterMetricFamily("actor_restarts", "New lives after a crash", labels=["kind"])
    latency = HistogramMetricFamily(
        "actor_message_seconds", "From being told to being handled", labels=["kind"]
    )
    for kind, sums in sorted(kinds.items()):
        alive.add_metric([kind], sums.alive)
        waiting.add_metric([kind], sums.waiting)
        handled.add_metric([kind], sums.handled)
        lost.add_metric([kind], sums.lost)
        restarts.add_metric([kind], sums.restarts)
        so_far = itertools.accumulate(sums.latency)
        # The runtime keeps counts by bucket alone: a sum would cost every message an addition.
        latency.add_metric([kind], list(zip(BUCKETS, so_far, strict=True)), sum_value=None)
    yield from (alive, waiting, handled, lost, restarts, latency)


def _declared(place: Vitals) -> Iterator[Vitals]:
    """Tasks and supervisors; what an actor has below it comes and goes."""
    if place.sort == "actor":
        return
    yield place
    for child in place.children:
        yield from _declared(child)
