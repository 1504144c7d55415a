"""The sandbox's clock: real time plus an offset that the control API moves."""

from datetime import UTC, datetime, timedelta


class SandboxClock:
    """Hands out aware UTC times. Only ever moved forward, or reset."""

    def __init__(self, starts_at: datetime | None = None) -> None:
        """`starts_at`: runs on from this moment (aware) instead of from now."""
        self._starts_at = starts_at
        self.reset()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def advance(self, by: timedelta) -> None:
        self._offset += by

    def reset(self) -> None:
        """Back to where it started."""
        self._offset = timedelta() if self._starts_at is None else self._starts_at - datetime.now(UTC)
