"""A real Redis and a mailbox on it, for the tests of this folder."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry

from bot.inbox.keys import Conversation
from bot.inbox.mailbox import Mailbox
from bot.inbox.script import Scripts
from bot.redisclient import connect
from bot.redisserver import RedisServer

CUSTOMER = Conversation("harbour", "telegram", "5001")
LEASE = timedelta(seconds=20)


@asynccontextmanager
async def opened_mailbox(*, lease: timedelta = LEASE, hints: bool = False) -> AsyncIterator[tuple[Mailbox, Scripts]]:
    with tempfile.TemporaryDirectory() as folder:
        async with RedisServer(Path(folder), appendfsync="no") as server:
            redis = connect(server.url)
            scripts = Scripts(redis, CollectorRegistry())
            try:
                yield Mailbox(redis, scripts, lease=lease, hints=hints), scripts
            finally:
                await redis.aclose()


def play(scenario: Callable[[Mailbox], Awaitable[None]], *, lease: timedelta = LEASE) -> None:
    async def run() -> None:
        async with opened_mailbox(lease=lease) as (mailbox, _):
            await scenario(mailbox)

    asyncio.run(run())
