"""Server-Sent Events: what changed in the sandbox, to however many watchers, none of whom can hold it up."""

import asyncio

import orjson
from aiohttp import web

# Seconds of silence after which a comment keeps proxies from closing the stream.
_KEEP_ALIVE = 15.0
# Different news waiting for one slow watcher; beyond that it is told to look at everything.
_MOST_WAITING = 500
_EVERYTHING = b'{"what":"reset"}'


class _Watcher:
    """News that one client has not read yet; the same news twice is once."""

    def __init__(self) -> None:
        self.waiting: dict[bytes, None] = {}
        self.woken = asyncio.Event()

    def tell(self, news: bytes) -> None:
        if len(self.waiting) >= _MOST_WAITING:
            self.waiting.clear()
            news = _EVERYTHING
        self.waiting[news] = None
        self.woken.set()


class ChangeStream:
    """`GET /control/stream`."""

    def __init__(self) -> None:
        self._watchers: set[_Watcher] = set()
        self._is_open = True

    @property
    def watchers(self) -> int:
        return len(self._watchers)

    def publish(self, what: str, **details: object) -> None:
        if not self._watchers:
            return
        news = orjson.dumps({"what": what, **details})
        for watcher in self._watchers:
            watcher.tell(news)

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        self._is_open = False
        for watcher in self._watchers:
            watcher.woken.set()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        watcher = _Watcher()
        self._watchers.add(watcher)
        try:
            await response.prepare(request)
            await response.write(b": welcome\n\n")
            while self._is_open:
                await response.write(await self._next(watcher))
        except ConnectionError:
            pass
        finally:
            self._watchers.discard(watcher)
        return response

    @staticmethod
    async def _next(watcher: _Watcher) -> bytes:
        try:
            async with asyncio.timeout(_KEEP_ALIVE):
                await watcher.woken.wait()
        except TimeoutError:
            return b": still here\n\n"
        watcher.woken.clear()
        news, watcher.waiting = watcher.waiting, {}
        return b"".join(b"data: %b\n\n" % item for item in news)
