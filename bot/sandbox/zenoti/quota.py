"""The rate limit of §3: a token bucket refilled in one step per window, and its headers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from bot.sandbox.zenoti.switches import Switches

WINDOW = timedelta(seconds=60)


@dataclass(slots=True)
class _Bucket:
    opened_at: datetime
    tokens: int


class Quota:
    """Counts calls per organisation (or per key, by switch)."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._buckets: dict[str, _Bucket] = {}

    def reset(self) -> None:
        self._buckets.clear()

    def take(self, owner: str, now: datetime) -> tuple[bool, dict[str, str]]:
        """Whether the call is let through, and the headers of its answer."""
        limit = self._switches.calls_per_minute
        if limit == 0:
            return True, {}
        bucket = self._find_bucket(owner, now, limit)
        is_allowed = bucket.tokens > 0
        if is_allowed:
            bucket.tokens -= 1
        seconds = max(1, ceil((bucket.opened_at + WINDOW - now).total_seconds()))
        headers = self._write_limits(limit) | {"RateLimit-Remaining": str(bucket.tokens), "RateLimit-Reset": str(seconds)}
        if not is_allowed:
            headers["Retry-After"] = str(seconds)
        return is_allowed, headers

    def _find_bucket(self, owner: str, now: datetime, limit: int) -> _Bucket:
        bucket = self._buckets.get(owner)
        if bucket is None or not bucket.opened_at <= now < bucket.opened_at + WINDOW:
            bucket = self._buckets[owner] = _Bucket(now, limit)
        bucket.tokens = min(bucket.tokens, limit)
        return bucket

    def _write_limits(self, limit: int) -> dict[str, str]:
        seconds = int(WINDOW.total_seconds())
        text = f"{limit};w={seconds};b={limit}"
        level = self._switches.rate_limit_level
        names = {"organization": ("Organization-RateLimit-Limit",), "api": ("Api-RateLimit-Limit",)}.get(
            level, ("Organization-RateLimit-Limit", "Api-RateLimit-Limit", "RateLimit-Limit")
        )
        return dict.fromkeys(names, text)
