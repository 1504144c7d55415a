"""One token bucket per vendor key, shared by every worker through Redis, so that all of us together stay inside the limit."""

import asyncio
import logging
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from enum import IntEnum
from hashlib import sha1, sha256
from time import monotonic, time

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

from bot.errors import TryAgain

log = logging.getLogger(__name__)

WINDOW = timedelta(seconds=60)
"""The vendors' documented limits are per minute."""
LONGEST_BLOCK = timedelta(minutes=5)
"""A `Retry-After` beyond this is not believed: one wrong header would stop a business for hours."""


RESET_SLACK = 1.5
"""Seconds. The vendors round to whole ones."""


class Priority(IntEnum):
    """Who may use the last tokens: the lower the number, the more urgent."""

    CONFIRM = 0
    HOLD = 1
    SLOTS = 2
    CATALOG = 3


KEPT_BACK = {Priority.CONFIRM: 0, Priority.HOLD: 50, Priority.SLOTS: 150, Priority.CATALOG: 300}
"""Per mille of the limit that a call of this priority must leave for more urgent ones."""

# KEYS[1] the bucket: a hash of limit, window, left, resets, blocked (times in Redis milliseconds) and strikes.
# Redis' own clock is used, so that workers need not agree on the time.
# take: limit, window, per mille kept back → {0 or milliseconds until it is worth asking again, limit, window, left, resets in}
# learn: limit, window, then limit, window, remaining, reset, blocked as told by the vendor; '' where it did not say
#        → {milliseconds it is blocked for, limit, window, left, resets in}
SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local kept = redis.call('HMGET', KEYS[1], 'limit', 'window', 'left', 'resets', 'blocked', 'strikes')
local limit = tonumber(kept[1]) or tonumber(ARGV[2])
local window = tonumber(kept[2]) or tonumber(ARGV[3])
local left, resets = tonumber(kept[3]), tonumber(kept[4])
local blocked, strikes = tonumber(kept[5]) or 0, tonumber(kept[6]) or 0
if not resets or now >= resets then left, resets, strikes = limit, now + window, 0 end
local answer = 0
if ARGV[1] == 'take' then
  if blocked > now then return { blocked - now } end
  local reserve = math.floor(limit * tonumber(ARGV[4]) / 1000)
  if left <= reserve then return { math.max(1, resets - now) } end
  left = left - 1
else
  local told_limit, told_window = tonumber(ARGV[4]), tonumber(ARGV[5])
  local told_left, told_reset, told_block = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
  local is_new = (told_limit and told_limit ~= limit) or (told_reset and now + told_reset > resets + 1500)
  limit, window = told_limit or limit, told_window or window
  if told_reset then resets = now + told_reset end
  if told_left then left = is_new and told_left or math.min(left, told_left) end
  if told_block then
    if told_block < 0 then
      told_block = math.min(window, 1000 * 2 ^ strikes) * -told_block
      strikes = strikes + 1
    end
    blocked = math.max(blocked, now + math.floor(told_block))
    answer = blocked - now
  end
end
redis.call('HSET', KEYS[1], 'limit', limit, 'window', window, 'left', left, 'resets', math.floor(resets),
           'blocked', blocked, 'strikes', strikes)
redis.call('PEXPIRE', KEYS[1], math.floor(math.max(resets - now, blocked - now, 0) + 2 * window))
return { math.floor(answer), limit, window, left, math.floor(resets - now) }
"""
DIGEST = sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class RateHint:
    """What a vendor's headers say about its limit; None where they are silent."""

    limit: int | None = None
    window: timedelta | None = None
    remaining: int | None = None
    reset: timedelta | None = None
    retry_after: timedelta | None = None


def read_rate(headers: Mapping[str, str]) -> RateHint:
    """Read Zenoti's six headers (help.zenoti.com, API rate limits), the plain ones others send and those with `X-`, leniently.

    `RateLimit-Limit` is the limit that runs out first where two apply. Of `N;w=W;b=B` parts may be missing, spaced or
    swapped; the window counts with `min(N, B)` calls. Names are matched whatever their case. A reset may be told in seconds
    or as a Unix time, a `Retry-After` in seconds or as a date: such a moment is read by the answer's own `Date`.
    """
    said = {name.lower().removeprefix("x-"): value for name, value in headers.items()}
    text = said.get("ratelimit-limit") or said.get("organization-ratelimit-limit") or said.get("api-ratelimit-limit") or ""
    limit, window = _read_limit(text)
    return RateHint(
        limit=limit,
        window=window,
        remaining=_read_whole(said.get("ratelimit-remaining", "")),
        reset=_read_wait(said.get("ratelimit-reset", ""), said.get("date", "")),
        retry_after=_read_wait(said.get("retry-after", ""), said.get("date", "")),
    )


def _read_limit(text: str) -> tuple[int | None, timedelta | None]:
    """Calls per window and the window, from `60;w=60;b=60`."""
    parts: dict[str, int] = {}
    for part in re.split(r"[;,]", text.lower()):
        name, _, number = part.rpartition("=")
        whole = _read_whole(number)
        if whole:
            parts.setdefault(name.strip(), whole)
    limit = min((parts[name] for name in ("", "b") if name in parts), default=None)
    seconds = parts.get("w", 0)
    return limit, timedelta(seconds=seconds) if 0 < seconds <= 86_400 else None


def _read_whole(text: str) -> int | None:
    found = re.fullmatch(r"\s*(\d{1,9})(?:\.\d*)?\s*(?:[;,].*)?", text)
    return int(found.group(1)) if found else None


def _read_wait(text: str, answered: str) -> timedelta | None:
    """A number of seconds, a Unix time or an HTTP date. `answered`: the `Date` that a moment is counted from."""
    seconds = _read_whole(text)
    if seconds is not None:
        return min(timedelta(seconds=seconds), LONGEST_BLOCK)
    moment = float(text) if re.fullmatch(r"\s*\d{10}(?:\.\d*)?\s*", text) else _read_moment(text)
    if moment is None:
        return None
    now = _read_moment(answered)
    wait = timedelta(seconds=max(0.0, moment - (time() if now is None else now)))
    return min(wait, LONGEST_BLOCK)


def _read_moment(text: str) -> float | None:
    """Unix seconds of an HTTP date."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


@dataclass(frozen=True, slots=True)
class _Known:
    """The bucket as it was when this process last took from it."""

    limit: int
    window: timedelta
    left: int
    resets_at: float
    """On this process' monotonic clock."""

    def has_heard(self, hint: RateHint) -> bool:
        """Whether the bucket knows all this already. Others' calls show in a lower number than ours."""
        if hint.limit not in (None, self.limit) or hint.window not in (None, self.window):
            return False
        if hint.reset is not None and abs(monotonic() + hint.reset.total_seconds() - self.resets_at) > RESET_SLACK:
            return False
        return hint.remaining is None or hint.remaining >= self.left


class TokenBucket:
    """The calls left to one vendor key. Redis being away lets every call through: the vendor's own 429 still holds."""

    def __init__(self, redis: Redis, *, per_minute: int, prefix: str = "frontdesk:rate") -> None:
        self._redis = redis
        self._per_minute = per_minute
        self._prefix = prefix
        self._known: dict[str, _Known] = {}

    async def take(self, credential: str, priority: Priority, *, patience: timedelta) -> None:
        """Take one token, waiting up to `patience`. Raises `TryAgain` when that would not be enough."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience.total_seconds()
        while True:
            wait = await self._run(credential, "take", KEPT_BACK[priority])
            if wait <= 0:
                return
            pause = wait / 1000 + random.uniform(0, 0.05)  # noqa: S311 - spreads the waiters, keeps no secret
            if loop.time() + pause > deadline:
                raise TryAgain("rate limit", after=timedelta(milliseconds=wait))
            await asyncio.sleep(pause)

    def left(self, credential: str) -> int | None:
        """Calls left when this process last asked; None if it never did."""
        known = self._known.get(credential)
        return known.left if known else None

    async def learn(self, credential: str, hint: RateHint, *, is_refused: bool) -> timedelta:
        """Take in what the vendor's headers said. After a 429 returns how long to stay away."""
        known = self._known.get(credential)
        if not is_refused and (hint == RateHint() or (known is not None and known.has_heard(hint))):
            return timedelta()
        block = hint.retry_after or hint.reset if is_refused else None
        if is_refused and block is None:
            told: float | str = -random.uniform(0.5, 1)  # noqa: S311 - jitter
        else:
            told = "" if block is None else _milliseconds(block)
        milliseconds = await self._run(
            credential,
            "learn",
            "" if hint.limit is None else hint.limit,
            "" if hint.window is None else _milliseconds(hint.window),
            "" if hint.remaining is None else hint.remaining,
            "" if hint.reset is None else _milliseconds(hint.reset),
            told,
        )
        return timedelta(milliseconds=milliseconds) if milliseconds > 0 else block or timedelta(seconds=1)

    async def _run(self, credential: str, verb: str, *arguments: float | str) -> int:
        key = f"{self._prefix}:{sha256(credential.encode()).hexdigest()[:24]}"
        values = (verb, self._per_minute, _milliseconds(WINDOW), *arguments)
        try:
            try:
                answer = await self._redis.evalsha(DIGEST, 1, key, *values)
            except NoScriptError:
                answer = await self._redis.eval(SCRIPT, 1, key, *values)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("rate bucket not reachable (%s), call let through", type(error).__name__)
            return 0
        if len(answer) > 1:
            wait, limit, window, left, resets_in = answer
            self._known[credential] = _Known(limit, timedelta(milliseconds=window), left, monotonic() + resets_in / 1000)
            return int(wait)
        return int(answer[0])


def _milliseconds(span: timedelta) -> int:
    return int(span / timedelta(milliseconds=1))
