"""How the calls to the Graph API and what was sent through it fare, for Prometheus."""

from datetime import timedelta
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram


class CallMetrics:
    """One per registry; shared by the numbers of all businesses."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ("business", "operation")
        self._calls = Counter(
            "frontdesk_whatsapp_calls", "Calls to the Graph API by outcome.", (*labels, "outcome"), registry=registry
        )
        self._seconds = Histogram("frontdesk_whatsapp_call_seconds", "Time to the Graph API's answer.", labels, registry=registry)
        self._statuses = Counter(
            "frontdesk_whatsapp_statuses",
            "What became of messages sent, by Meta's error code where they failed.",
            ["business", "status", "code"],
            registry=registry,
        )
        self._items = Counter(
            "frontdesk_whatsapp_items", "Items of webhooks by what they are.", ["business", "kind"], registry=registry
        )
        self._billed = Counter(
            "frontdesk_whatsapp_billed",
            "Messages by what Meta bills them as.",
            ["business", "category", "type"],
            registry=registry,
        )

        # Finding a metric by its labels costs more than counting.
        self._count = cache(self._calls.labels)
        self._clock = cache(self._seconds.labels)

    def note(self, business: str, operation: str, *, outcome: str, took: timedelta) -> None:
        """`outcome` is `ok` or the name of one of our errors."""
        self._count(business, operation, outcome).inc()
        self._clock(business, operation).observe(took.total_seconds())

    def note_status(self, business: str, status: str, code: int) -> None:
        self._statuses.labels(business, status, str(code or "")).inc()

    def note_item(self, business: str, kind: str) -> None:
        self._items.labels(business, kind).inc()

    def note_billed(self, business: str, category: str, kind: str) -> None:
        self._billed.labels(business, category, kind).inc()
