"""The sandbox's clock: real time plus an offset that the control API moves."""

from datetime import UTC, datetime, timedelta


class SandboxClock:
    """Hands out aware UTC times. Only ever moved forward, or reset."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def advance(self, by: timedelta) -> None:
        self._offset += by

    def reset(self) -> None:
        self._offset = timedelta()
