"""The rate limit of §3: a token bucket refilled in one step per window, and its headers."""

from datetime import datetime

from bot.sandbox.quota import WINDOW, WindowQuota
from bot.sandbox.zenoti.switches import Switches


class Quota:
    """Counts calls per organisation (or per key, by switch)."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._window = WindowQuota()

    def reset(self) -> None:
        self._window.reset()

    def take(self, owner: str, now: datetime) -> tuple[bool, dict[str, str]]:
        """Whether the call is let through, and the headers of its answer."""
        limit = self._switches.calls_per_minute
        if limit == 0:
            return True, {}
        taken = self._window.take(owner, now, limit)
        seconds = str(taken.seconds_left)
        headers = self._write_limits(limit) | {"RateLimit-Remaining": str(taken.remaining), "RateLimit-Reset": seconds}
        if not taken.is_allowed:
            headers["Retry-After"] = seconds
        return taken.is_allowed, headers

    def _write_limits(self, limit: int) -> dict[str, str]:
        seconds = int(WINDOW.total_seconds())
        text = f"{limit};w={seconds};b={limit}"
        level = self._switches.rate_limit_level
        names = {"organization": ("Organization-RateLimit-Limit",), "api": ("Api-RateLimit-Limit",)}.get(
            level, ("Organization-RateLimit-Limit", "Api-RateLimit-Limit", "RateLimit-Limit")
        )
        return dict.fromkeys(names, text)
