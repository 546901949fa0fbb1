"""What is counted and timed, in Prometheus's terms; one registry for the process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

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
    JobStarted,
    ReplayChecked,
    RouteFailed,
    RouteGenerated,
    RouteLookedUp,
    StatementRan,
)
from wildside.domain.traffic import (
    KeysChanged,
    KeysUnusable,
    LoginAnswered,
    PageRead,
    RequestAnswered,
    SessionRefused,
    SocketClosed,
    SocketMessage,
    SocketOpened,
)
from wildside.outbound.actor_numbers import ActorCollector, ActorNumbers

# The service levels are drawn at 100 ms for answers and at 400 ms and 2 s for walks.
ANSWER_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
WALK_BUCKETS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 1.0, 2.0, 5.0, 10.0, 20.0)
STATEMENT_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0)
# A key repeated within seconds is a client's own second try; one of hours is a queue or a fault.
AGE_BUCKETS = ((10.0, "10s"), (60.0, "1m"), (600.0, "10m"), (3600.0, "1h"), (21600.0, "6h"))
OLDEST_BUCKET = "24h"
PAGE_BUCKETS = (1.0, 5.0, 10.0, 20.0, 50.0, 100.0)
TURNED_BUCKETS = (1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0)


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
        self._hits = Counter(
            "cache_route_lookup_hits_total", "Equal wishes answered at once", registry=registry
        )
        self._misses = Counter(
            "cache_route_lookup_misses_total", "Wishes nobody had lately", registry=registry
        )
        self._jobs = Counter(
            "jobs_total", "Attempts at jobs", ["type", "status"], registry=registry
        )
        self._jobs_in_flight = Gauge(
            "jobs_in_flight", "Jobs this process runs", ["type"], registry=registry
        )
        self._job_seconds = Histogram(
            "job_duration_seconds",
            "From claiming a job to its end, whatever it was",
            ["type"],
            buckets=WALK_BUCKETS,
            registry=registry,
        )
        self._refusals = Counter(
            "session_validation_failures_total",
            "Cookies not believed",
            ["reason"],
            registry=registry,
        )
        self._logins = Counter(
            "logins_total", "Usernames and passwords tried", ["outcome"], registry=registry
        )
        self._key_reloads = Counter(
            "key_reloads_total", "Changes of keys noticed", ["outcome"], registry=registry
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
            "idempotency_checks_total",
            "Idempotency keys seen, and how old the answer was that they found",
            ["outcome", "scope", "age"],
            registry=registry,
        )
        self._statements = Histogram(
            "database_query_seconds",
            "From sending a statement to its answer",
            ["query"],
            buckets=STATEMENT_BUCKETS,
            registry=registry,
        )
        self._statement: dict[str, Histogram] = {}
        self._pages = Counter(
            "pages_total", "Pages of lists given", ["list", "direction"], registry=registry
        )
        self._page_sizes = Histogram(
            "page_limit",
            "Items asked for a page",
            ["list"],
            buckets=PAGE_BUCKETS,
            registry=registry,
        )
        self._pages_turned = Histogram(
            "pages_traversed",
            "How many pages their reader had been given, each page with this one",
            ["list"],
            buckets=TURNED_BUCKETS,
            registry=registry,
        )
        # Looking a child up by its labels costs more than counting: the common ones are kept.
        self._answered: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._counts = self._counting()

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """A number that is read when somebody asks."""
        Gauge(name, text, registry=self.registry).set_function(read)

    def watch_actors(self, read: Callable[[], ActorNumbers]) -> None:
        """The actors' numbers, read when somebody asks."""
        self.registry.register(ActorCollector(read))

    def exposition(self) -> tuple[bytes, str]:
        """The text and its content type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST

    def hear(self, event: object) -> None:
        """Counts what happened; an event without a metric is none."""
        count = self._counts.get(type(event))
        if count is not None:
            count(event)

    def _counting(self) -> Mapping[type, Callable[[Any], None]]:
        """How each kind of event is counted."""
        return {
            RequestAnswered: self._count_answer,
            RouteGenerated: self._count_walk,
            RouteFailed: lambda _: self._walks.labels("failed").inc(),
            RouteLookedUp: lambda event: (self._hits if event.hit else self._misses).inc(),
            JobStarted: lambda event: self._jobs_in_flight.labels(event.kind.value).inc(),
            JobEnded: self._count_job,
            SessionRefused: lambda event: self._refusals.labels(event.reason).inc(),
            LoginAnswered: self._count_login,
            KeysChanged: lambda _: self._key_reloads.labels("taken").inc(),
            KeysUnusable: lambda _: self._key_reloads.labels("refused").inc(),
            SocketOpened: lambda _: self._sockets.inc(),
            SocketClosed: lambda _: self._sockets.dec(),
            SocketMessage: lambda event: self._messages.labels(event.direction, event.kind).inc(),
            ReplayChecked: self._count_replay,
            PageRead: self._count_page,
            StatementRan: self._time_statement,
        }

    def _count_login(self, event: LoginAnswered) -> None:
        self._logins.labels("succeeded" if event.succeeded else "refused").inc()

    def _count_walk(self, event: RouteGenerated) -> None:
        self._walk_seconds.observe(event.seconds)
        self._walks.labels("generated").inc()

    def _time_statement(self, event: StatementRan) -> None:
        known = self._statement.get(event.name)
        if known is None:
            known = self._statement[event.name] = self._statements.labels(event.name)
        known.observe(event.seconds)

    def _count_job(self, event: JobEnded) -> None:
        kind = event.kind.value
        self._jobs_in_flight.labels(kind).dec()
        self._jobs.labels(kind, event.status.value).inc()
        self._job_seconds.labels(kind).observe(event.seconds)

    def _count_replay(self, event: ReplayChecked) -> None:
        self._replays.labels(event.outcome.value, event.scope, age_bucket(event.age_seconds)).inc()

    def _count_page(self, event: PageRead) -> None:
        self._pages.labels(event.listed, event.direction).inc()
        self._page_sizes.labels(event.listed).observe(event.limit)
        self._pages_turned.labels(event.listed).observe(event.pages)

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


def age_bucket(age_seconds: float | None) -> str:
    """The name of the first bucket that holds the age; `none` where no answer was remembered."""
    if age_seconds is None:
        return "none"
    return next((name for most, name in AGE_BUCKETS if age_seconds <= most), OLDEST_BUCKET)
