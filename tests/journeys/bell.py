"""Rings when a chat has changed, so that a test waits for an event and asks for nothing in between."""

import asyncio
from dataclasses import dataclass, field

import aiohttp
import orjson

Place = tuple[int, int]
"""Bot and chat."""


@dataclass
class Bell:
    """Listens to the sandbox's stream of changes from the first wait on, until the sandbox or the session closes."""

    session: aiohttp.ClientSession
    sandbox_url: str
    _rings: dict[Place, asyncio.Event] = field(default_factory=dict)
    _listening: asyncio.Task[None] | None = None
    _is_heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def expect(self, bot: int, chat: int) -> asyncio.Event:
        """Set at the next change of the chat: take it before looking at the chat, wait for it after."""
        if self._listening is None or self._listening.done():
            self._is_heard.clear()
            self._listening = asyncio.create_task(self._listen(), name="bell")
        await self._is_heard.wait()
        return self._rings.setdefault((bot, chat), asyncio.Event())

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])

    async def _listen(self) -> None:
        try:
            async with self.session.get(f"{self.sandbox_url}/control/stream", timeout=aiohttp.ClientTimeout()) as stream:
                self._is_heard.set()
                async for line in stream.content:
                    if line.startswith(b"data:"):
                        self._ring(orjson.loads(line[5:]))
        except aiohttp.ClientError:
            pass  # the sandbox has closed
        finally:
            self._is_heard.set()
            self._ring({})

    def _ring(self, news: dict[str, object]) -> None:
        """One chat, or all of them where the news names none."""
        bot, chat = news.get("bot"), news.get("chat")
        if news.get("what") == "vendor":
            return
        places = [(bot, chat)] if isinstance(bot, int) and isinstance(chat, int) else list(self._rings)
        for place in places:
            if rung := self._rings.pop(place, None):
                rung.set()
