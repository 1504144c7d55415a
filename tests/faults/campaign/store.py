"""The campaign's Redis: killed, and brought back as a machine without power would bring it back: without its last second."""

import asyncio
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from bot.redisserver import RedisServer

LOST = 1.0
"""Seconds of writes that `appendfsync everysec` may lose with the machine."""
GLANCE = 0.1


@dataclass(frozen=True, slots=True)
class _Size:
    at: float
    inode: int
    size: int


class Store:
    """Restarts a server. A coroutine `watch` has to run beside it: it remembers how long the append-only file was when."""

    def __init__(self, server: RedisServer, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._sizes: deque[_Size] = deque(maxlen=int(5 / GLANCE))
        self._turn = asyncio.Lock()
        self.troubles: list[tuple[float, float]] = []
        """From when to when, on the loop's clock, it was away; with the lost second where there was one."""
        self.kills = 0
        self.losses: list[float] = []
        """When it came back without what it had written last."""
        self.lost_bytes = 0

    async def watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            file = self._find_file()
            state = file.stat()
            self._sizes.append(_Size(loop.time(), state.st_ino, state.st_size))
            await asyncio.sleep(GLANCE)

    async def restart(self, *, loses_last_second: bool) -> None:
        async with self._turn:
            loop = asyncio.get_running_loop()
            began = loop.time()
            await asyncio.to_thread(self._server.kill)
            lost = self._cut(began) if loses_last_second else 0
            await asyncio.to_thread(self._server.start)
            self.kills += 1
            self.troubles.append((began - (LOST * 1.5 if lost else 0.0), loop.time()))
            if lost:
                self.lost_bytes += lost
                self.losses.append(loop.time())

    def _cut(self, now: float) -> int:
        """Shorten the file to what it was a second ago. Redis itself drops a last unit (a script's writes are one) that is not
        whole. Returns how many bytes are gone; 0 where the file was rewritten meanwhile."""
        file = self._find_file()
        state = file.stat()
        old = next((size for size in reversed(self._sizes) if size.at <= now - LOST), None)
        if old is None or old.inode != state.st_ino or old.size >= state.st_size:
            return 0
        with file.open("r+b") as opened:
            opened.truncate(old.size)
        return state.st_size - old.size

    def _find_file(self) -> Path:
        """The one that is appended to: Redis 7 keeps it in a folder of its own."""
        parts = sorted(self._folder.glob("appendonlydir/*.incr.aof"), key=lambda file: file.stat().st_mtime)
        return parts[-1] if parts else self._folder / "appendonly.aof"
