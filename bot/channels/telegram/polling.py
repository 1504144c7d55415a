"""Updates fetched by long polling: for a bot without a public address."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

import orjson

from bot.channels.base import Arrival
from bot.channels.telegram.client import Client
from bot.channels.telegram.updates import UpdateReader
from bot.channels.telegram.webhook import ALLOWED_UPDATES, remove_webhook
from bot.errors import CallStaff, FrontdeskError, TryAgain

LONG_POLL = timedelta(seconds=25)
"""How long Telegram may hold an empty answer back; at most 50 s make sense, proxies cut at 30."""

BATCH = 100
"""Updates in one answer (Bot API, getUpdates: 1-100)."""

_FIRST_PAUSE = timedelta(seconds=0.5)
_LONGEST_PAUSE = timedelta(seconds=30)

_log = logging.getLogger(__name__)

Store = Callable[[tuple[Arrival, ...]], Awaitable[None]]


class Poller:
    """Fetches updates and stores them; Telegram forgets one only after it is stored."""

    def __init__(self, client: Client, reader: UpdateReader, *, slug: str) -> None:
        self._client = client
        self._reader = reader
        self._slug = slug
        self._offset = 0

    async def run(self, store: Store) -> None:
        """Until cancelled. Outlives every failure, also of `store`: then the same updates are fetched again."""
        pause = _FIRST_PAUSE
        has_removed = False
        while True:
            try:
                if not has_removed:
                    await remove_webhook(self._client)  # getUpdates is refused while one is set
                    has_removed = True
                await self._turn(store)
                pause = _FIRST_PAUSE
                continue
            except TryAgain as error:
                wait = max(error.after, pause)
            except Exception as error:  # a loop that ends leaves the bot deaf
                has_removed = has_removed and not isinstance(error, CallStaff)
                wait = pause
                _log.warning("polling for %s failed: %s", self._slug, _name(error))
            pause = min(pause * 2, _LONGEST_PAUSE)
            await asyncio.sleep(wait.total_seconds())

    async def _turn(self, store: Store) -> None:
        updates = await self._client.call(
            "getUpdates",
            {
                "offset": self._offset,
                "limit": BATCH,
                "timeout": int(LONG_POLL.total_seconds()),
                "allowed_updates": ALLOWED_UPDATES,
            },
            patience=LONG_POLL,
        )
        if not updates:
            return
        arrivals = tuple(arrival for update in updates for arrival in self._read(update))
        if arrivals:
            await store(arrivals)
        self._offset = updates[-1]["update_id"] + 1

    def _read(self, update: object) -> tuple[Arrival, ...]:
        """An update that cannot be read is passed over, or it would come back for ever."""
        try:
            return self._reader.read(orjson.dumps(update))
        except ValueError:
            _log.warning("an update for %s could not be read", self._slug)
            return ()


def _name(error: Exception) -> str:
    return str(error) if isinstance(error, FrontdeskError) else type(error).__name__
