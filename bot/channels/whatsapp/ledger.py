"""What became of each message sent, by our own reference: monotone, whatever order the statuses come in.

`<p>:sent:<ref>` is a hash: st status, id the wamid, code Meta's error code, at milliseconds since when its outcome is unclear.
Kept for longer than Meta repeats a webhook.
"""

from asyncio import gather
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

from bot.channels.whatsapp.contacts import Address, read_address
from bot.channels.whatsapp.refusals import SOURCE
from bot.errors import TryAgain

KEPT = timedelta(days=8)
SENT = frozenset({"sent", "delivered", "read", "played"})
"""Statuses that prove that Meta has the message."""
FAILED, UNKNOWN = "failed", "unknown"
_AT_ONCE = 200

# ARGV: prefix, milliseconds to keep, then of each status: reference, status, wamid, code
# → of each 1 if it was news, else 0
# A failure may follow `sent`; what was seen on the phone did not fail.
_NOTE = """
local ranks = { unknown = 0, sent = 1, failed = 2, delivered = 3, read = 4, played = 5 }
local news = {}
for i = 3, #ARGV, 4 do
  local key, status = ARGV[1] .. ':sent:' .. ARGV[i], ARGV[i + 1]
  local now = redis.call('HGET', key, 'st')
  local is_news = not now or now ~= 'failed' and ranks[status] > (ranks[now] or 0)
  if is_news then
    redis.call('HSET', key, 'st', status, 'id', ARGV[i + 2], 'code', ARGV[i + 3])
    redis.call('PEXPIRE', key, ARGV[2])
  end
  news[#news + 1] = is_news and 1 or 0
end
return news
"""
_SHA = sha1(_NOTE.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Report:
    """A status as it came."""

    reference: str
    status: str
    wamid: str
    code: int = 0


@dataclass(frozen=True, slots=True)
class Fate:
    """What is known of one message."""

    status: str = ""
    """Empty: nothing."""
    wamid: str = ""
    code: int = 0
    unclear_since: datetime | None = None


class Ledger:
    """The messages of one number. Every method may raise `TryAgain`: Redis is away."""

    def __init__(self, redis: Redis, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix

    async def note(self, reports: Sequence[Report]) -> list[bool]:
        """Which of them are news."""
        news: list[bool] = []
        for at in range(0, len(reports), _AT_ONCE):
            rows = [(one.reference, one.status, one.wamid, one.code) for one in reports[at : at + _AT_ONCE]]
            arguments = [self._prefix, KEPT // timedelta(milliseconds=1), *(part for row in rows for part in row)]
            where = (1, f"{self._prefix}:sent", *arguments)
            try:
                try:
                    answer = await self._redis.evalsha(_SHA, *where)  # type: ignore[arg-type]
                except NoScriptError:
                    answer = await self._redis.eval(_NOTE, *where)  # type: ignore[arg-type]
            except (RedisError, OSError) as error:
                raise _away(error) from None
            news += [bool(one) for one in answer]
        return news

    async def doubt(self, reference: str, now: datetime) -> None:
        """Its answer got lost; a status will tell, if Meta has it."""
        key = f"{self._prefix}:sent:{reference}"
        try:
            await self._redis.hsetnx(key, "st", UNKNOWN)
            await self._redis.hset(key, "at", str(int(now.timestamp() * 1000)))
            await self._redis.pexpire(key, KEPT)
        except (RedisError, OSError) as error:
            raise _away(error) from None

    async def look(self, chat: str, reference: str) -> tuple[Address, Fate]:
        """How to reach the chat, and what is known of the message: all that a send needs, in one round trip."""
        try:
            answers: tuple[Any, Any] = await gather(
                self._redis.hmget(f"{self._prefix}:chat:{chat}", "wa", "user", "in"),
                self._redis.hmget(f"{self._prefix}:sent:{reference}", "st", "id", "code", "at"),
            )
        except (RedisError, OSError) as error:
            raise _away(error) from None
        record, sent = answers
        return read_address(chat, *record), _read_fate(*sent)


def _read_fate(status: bytes | None, wamid: bytes | None, code: bytes | None, at: bytes | None) -> Fate:
    since = datetime.fromtimestamp(int(at) / 1000, UTC) if at else None
    return Fate((status or b"").decode(), (wamid or b"").decode(), int(code or 0), since)


def _away(error: Exception) -> TryAgain:
    return TryAgain(type(error).__name__, source=SOURCE, verb="ledger", after=timedelta(seconds=2))
