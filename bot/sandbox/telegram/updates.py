"""A bot's pending updates: numbered, filtered, expiring, acknowledged."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import orjson

from bot.sandbox.clock import SandboxClock

UPDATE_KINDS = frozenset({
    "message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message",
    "edited_business_message", "deleted_business_messages", "message_reaction", "message_reaction_count", "inline_query",
    "chosen_inline_result", "callback_query", "shipping_query", "pre_checkout_query", "purchased_paid_media", "poll",
    "poll_answer", "my_chat_member", "chat_member", "chat_join_request", "chat_boost", "removed_chat_boost",
})  # fmt: skip
_NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})

# telegram.md section 2: how long an update is offered.
_LIFETIME = timedelta(hours=24)
_LIFETIMES = {"callback_query": timedelta(seconds=150), "inline_query": timedelta(seconds=30)}
# After this long without updates numbering goes on at random (Bot API, Update.update_id).
_IDLE = timedelta(days=7)
_HIGHEST_START = 900_000_000


class Update:
    """One update on its way."""

    __slots__ = ("body", "done", "expires", "id", "is_acknowledged", "kind", "queue", "user")

    def __init__(self, ident: int, kind: str, body: bytes, *, queue: str, user: int, expires: datetime) -> None:
        self.id = ident
        self.kind = kind
        self.body = body
        self.queue = queue
        """Updates of one queue are delivered one after the other."""
        self.user = user
        self.expires = expires
        self.is_acknowledged = False
        self.done = asyncio.Event()
        """Set when it was acknowledged, expired or forgotten."""


class Updates:
    """What one bot has not acknowledged yet, oldest first."""

    def __init__(self, clock: SandboxClock, rng: Random) -> None:
        self._clock = clock
        self._rng = rng
        # From the wall clock, so that a restarted sandbox does not repeat numbers that a bot has seen.
        self._next = int(clock.now().timestamp() * 4) % 2_000_000_000
        self._last_at = clock.now()
        self._arrived = asyncio.Event()
        self.pending: dict[int, Update] = {}
        self.allowed: list[str] = []
        """Empty: everything except the three kinds that must be asked for."""

    def add(self, payload: dict[str, Any], *, queue: str, user: int = 0) -> Update | None:
        """Number and keep an update; None if the bot does not want its kind. `payload` may bring its own update_id."""
        kind = next((key for key in payload if key != "update_id"), "")
        if kind in UPDATE_KINDS and not self._wants(kind):
            return None
        now = self._clock.now()
        ident = payload.get("update_id") or self._number(now)
        body = orjson.dumps({"update_id": ident, **payload})
        update = Update(ident, kind, body, queue=queue, user=user, expires=now + _LIFETIMES.get(kind, _LIFETIME))
        self.pending[ident] = update
        self._arrived.set()
        return update

    def acknowledge(self, update: Update) -> None:
        update.is_acknowledged = True
        self.drop(update)

    def drop(self, update: Update) -> None:
        if self.pending.get(update.id) is update:
            del self.pending[update.id]
        update.done.set()

    def clear(self) -> None:
        for update in list(self.pending.values()):
            self.drop(update)

    def confirm(self, offset: int) -> None:
        """Polling: everything before `offset` was received; a negative one keeps only that many of the newest."""
        if offset < 0:
            for update in list(self.pending.values())[:offset]:
                self.drop(update)
        for update in [update for update in self.pending.values() if offset > 0 and update.id < offset]:
            self.acknowledge(update)

    def read(self, limit: int) -> list[Update]:
        """The oldest that have not expired."""
        now = self._clock.now()
        for update in [update for update in self.pending.values() if update.expires <= now]:
            self.drop(update)
        return list(self.pending.values())[:limit]

    async def wait(self, seconds: float) -> None:
        """Until something arrives, in real time."""
        self._arrived.clear()
        if self.pending:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._arrived.wait()
        except TimeoutError:
            return

    def __iter__(self) -> Iterator[Update]:
        return iter(self.pending.values())

    def _wants(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in _NOT_BY_DEFAULT

    def _number(self, now: datetime) -> int:
        if now - self._last_at >= _IDLE:
            self._next = self._rng.randrange(1, _HIGHEST_START)
        self._last_at = now
        self._next += 1
        return self._next
