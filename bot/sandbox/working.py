"""Calls that go on when their client has hung up, as a real vendor's do."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from aiohttp import web


class Workshop:
    """Every call is worked on in a task of its own."""

    def __init__(self) -> None:
        self._working: set[asyncio.Task[web.StreamResponse]] = set()

    async def finish(self, work: Coroutine[Any, Any, web.StreamResponse]) -> web.StreamResponse:
        """The answer of `work`, which is done to its end whoever is still waiting."""
        task = asyncio.get_running_loop().create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        return await asyncio.shield(task)

    async def close(self, _: web.Application) -> AsyncIterator[None]:
        """A cleanup context: what is still being worked on when the server stops is dropped."""
        yield
        tasks = list(self._working)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
