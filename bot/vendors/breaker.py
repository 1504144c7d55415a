"""Stops calling a vendor key that keeps failing, and tries again with one call."""

from collections.abc import Callable
from datetime import timedelta

from bot.errors import TryAgain

FAILURES = 5
"""Failures in a row (transport, 5xx) that open the circuit: two reads with all their retries."""
PAUSE = timedelta(seconds=10)
"""How long an open circuit lets nothing through; then one call tries for all."""


class CircuitBreaker:
    """Closed, open, or half open with one call under way. One per credential and process."""

    def __init__(self, clock: Callable[[], float], *, failures: int = FAILURES, pause: timedelta = PAUSE) -> None:
        self._clock = clock
        self._limit = failures
        self._pause = pause.total_seconds()
        self._failures = 0
        self._opened_at: float | None = None
        self._is_probing = False

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    def enter(self) -> None:
        """Before a call. Raises `TryAgain` while the circuit is open; nothing has been sent then."""
        if self._opened_at is None:
            return
        left = self._opened_at + self._pause - self._clock()
        if left > 0 or self._is_probing:
            raise TryAgain("circuit open", after=timedelta(seconds=max(left, 1)))
        self._is_probing = True

    def leave(self, *, is_failure: bool | None) -> None:
        """After a call that `enter` let through. None: it says nothing about the vendor (cancelled, never sent)."""
        self._is_probing = False
        if is_failure is None:
            return
        if not is_failure:
            self._failures, self._opened_at = 0, None
            return
        self._failures += 1
        if self._failures >= self._limit:
            self._opened_at = self._clock()
