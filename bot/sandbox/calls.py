"""The record of API calls that a vendor's control API reads back."""

from collections import Counter, deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

LOG_LENGTH = 10_000


@dataclass(slots=True)
class LoggedCall:
    """One call; no query and no body, so no personal data."""

    at: str
    operation: str
    path: str
    status: int | None = None
    """None while it is being worked on; 0 when the connection ended without an answer."""


class CallLog:
    """The last calls, and how many there were of each operation."""

    def __init__(self) -> None:
        self._rows: deque[LoggedCall] = deque(maxlen=LOG_LENGTH)
        self._counts: Counter[str] = Counter()

    def add(self, operation: str, path: str, now: datetime) -> LoggedCall:
        row = LoggedCall(now.isoformat(), operation, path)
        self._rows.append(row)
        self._counts[operation] += 1
        return row

    def clear(self) -> None:
        self._rows.clear()
        self._counts.clear()

    def show(self) -> dict[str, Any]:
        return {"total": self._counts.total(), "by_operation": dict(self._counts), "log": [asdict(row) for row in self._rows]}
