"""How the calls to the Bot API fare, for Prometheus."""

from datetime import timedelta
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram


class CallMetrics:
    """One per registry; shared by the bots of all businesses."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ("business", "method")
        self._calls = Counter(
            "frontdesk_telegram_calls", "Calls to the Bot API by outcome.", (*labels, "outcome"), registry=registry
        )
        self._seconds = Histogram("frontdesk_telegram_call_seconds", "Time to the Bot API's answer.", labels, registry=registry)

        # Finding a metric by its labels costs more than counting.
        self._count = cache(self._calls.labels)
        self._clock = cache(self._seconds.labels)

    def note(self, business: str, method: str, *, outcome: str, took: timedelta) -> None:
        """`outcome` is `ok` or the name of one of our errors."""
        self._count(business, method, outcome).inc()
        self._clock(business, method).observe(took.total_seconds())
