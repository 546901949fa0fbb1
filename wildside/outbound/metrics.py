"""What is counted and timed, in Prometheus's terms; one registry for the process."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from wildside.domain.events import (
    JobEnded,
    ReplayChecked,
    RouteFailed,
    RouteGenerated,
    RouteLookedUp,
)
from wildside.domain.traffic import (
    RequestAnswered,
    SessionRefused,
    SocketClosed,
    SocketMessage,
    SocketOpened,
)

# The service levels are drawn at 100 ms for answers and at 400 ms and 2 s for walks.
ANSWER_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
WALK_BUCKETS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 1.0, 2.0, 5.0, 10.0, 20.0)
AGE_BUCKETS = (1.0, 10.0, 60.0, 600.0, 3600.0, 21600.0, 86400.0)


class Metrics:
    """Hears the journal's events and tells Prometheus."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self._requests = Counter(
            "http_requests_total",
            "Answers given",
            ["route", "method", "status"],
            registry=registry,
        )
        self._request_seconds = Histogram(
            "http_request_duration_seconds",
            "From a request's arrival to its answer's end",
            ["route", "method"],
            buckets=ANSWER_BUCKETS,
            registry=registry,
        )
        self._walk_seconds = Histogram(
            "route_generation_duration_seconds",
            "From claiming a wish to its walk's being stored",
            buckets=WALK_BUCKETS,
            registry=registry,
        )
        self._walks = Counter(
            "routes_total", "Walks found or given up", ["outcome"], registry=registry
        )
        self._lookups = Counter(
            "route_cache_lookups_total", "Equal wishes looked for", ["result"], registry=registry
        )
        self._jobs = Counter(
            "jobs_total", "Attempts at jobs", ["type", "status"], registry=registry
        )
        self._refusals = Counter(
            "session_validation_failures_total",
            "Cookies not believed",
            ["reason"],
            registry=registry,
        )
        self._sockets = Gauge(
            "websocket_connections_active", "Open sockets of walkers", registry=registry
        )
        self._messages = Counter(
            "websocket_messages_total",
            "Messages over sockets",
            ["direction", "type"],
            registry=registry,
        )
        self._replays = Counter(
            "idempotency_checks_total", "Idempotency keys seen", ["outcome"], registry=registry
        )
        self._replay_age = Histogram(
            "idempotency_replay_age_seconds",
            "Age of the answer a repeated key found",
            ["outcome"],
            buckets=AGE_BUCKETS,
            registry=registry,
        )
        # Looking a child up by its labels costs more than counting: the common ones are kept.
        self._answered: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """A number that is read when somebody asks."""
        Gauge(name, text, registry=self.registry).set_function(read)

    def exposition(self) -> tuple[bytes, str]:
        """The text and its content type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST

    def hear(self, event: object) -> None:
        """Counts what happened; an event without a metric is none."""
        match event:
            case RequestAnswered():
                self._count_answer(event)
            case RouteGenerated(seconds=seconds):
                self._walk_seconds.observe(seconds)
                self._walks.labels("generated").inc()
            case RouteFailed():
                self._walks.labels("failed").inc()
            case RouteLookedUp(hit=hit):
                self._lookups.labels("hit" if hit else "miss").inc()
            case JobEnded(kind=kind, status=status):
                self._jobs.labels(kind.value, status.value).inc()
            case SessionRefused(reason=reason):
                self._refusals.labels(reason).inc()
            case SocketOpened():
                self._sockets.inc()
            case SocketClosed():
                self._sockets.dec()
            case SocketMessage(direction=direction, kind=kind):
                self._messages.labels(direction, kind).inc()
            case ReplayChecked(outcome=outcome, age_seconds=age_seconds):
                self._replays.labels(outcome.value).inc()
                if age_seconds is not None:
                    self._replay_age.labels(outcome.value).observe(age_seconds)
            case _:
                pass

    def _count_answer(self, event: RequestAnswered) -> None:
        key = (event.route, event.method, event.status)
        known = self._answered.get(key)
        if known is None:
            known = self._answered[key] = (
                self._requests.labels(event.route, event.method, str(event.status)),
                self._request_seconds.labels(event.route, event.method),
            )
        counter, histogram = known
        counter.inc()
        histogram.observe(event.seconds)
