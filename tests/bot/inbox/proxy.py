"""Stands between the bot and its Redis and misbehaves at a chosen command: cuts the connection, or stops there."""

import asyncio
import contextlib
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import unquote

_ANY_SCRIPT = "EVALSHA"


class Proxy:
    """Forwards a unix socket. Counts commands that contain a mark (a script's name in Redis), and strikes before the n-th
    of them is applied or after.

    One connection carries one request at a time and its answer, as redis-py does; a pipeline counts by its commands.
    """

    def __init__(self, upstream: str) -> None:
        self._upstream = unquote(upstream.removeprefix("unix://"))
        self._folder = tempfile.TemporaryDirectory()
        self._socket = Path(self._folder.name) / "p.sock"
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.cuts = 0
        self._mark = b""
        self._left = 0
        self._loses: Literal["request", "answer"] = "request"
        self._stalls = False
        self.reached = asyncio.Event()
        """Set when the chosen script has been reached."""

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    def cut(self, number: int, *, loses: Literal["request", "answer"], mark: str = _ANY_SCRIPT) -> None:
        """Cut the connection at the `number`-th command with `mark` from now, before it is applied or before it is answered."""
        self._mark, self._left, self._loses, self._stalls = mark.encode(), number, loses, False
        self.reached.clear()

    def stall(self, number: int, *, loses: Literal["request", "answer"], mark: str = _ANY_SCRIPT) -> None:
        """As `cut`, but nothing more comes through on that connection instead."""
        self.cut(number, loses=loses, mark=mark)
        self._stalls = True

    def clear(self) -> None:
        self._left = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_unix_server(self._serve, str(self._socket))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._folder.cleanup()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        upstream_reader, upstream_writer = await asyncio.open_unix_connection(self._upstream)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await self._forward(reader, writer, upstream_reader, upstream_writer)
        for end in (writer, upstream_writer):
            end.transport.abort()

    async def _forward(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        upstream_reader: asyncio.StreamReader,
        upstream_writer: asyncio.StreamWriter,
    ) -> None:
        back = asyncio.create_task(self._answer(upstream_reader, writer))
        self._tasks.add(back)
        back.add_done_callback(self._tasks.discard)
        while request := await reader.read(1 << 20):
            if not self._strikes(request):
                upstream_writer.write(request)
                continue
            back.cancel()
            await asyncio.wait([back])
            if self._loses == "answer":
                upstream_writer.write(request)
                await upstream_reader.read(1 << 16)
            self.cuts += 1
            self.reached.set()
            if self._stalls:
                await asyncio.Event().wait()
            return
        back.cancel()

    def _strikes(self, request: bytes) -> bool:
        seen = request.count(self._mark) if self._left else 0
        if not seen:
            return False
        self._left = max(0, self._left - seen)
        return not self._left

    @staticmethod
    async def _answer(upstream_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while answer := await upstream_reader.read(1 << 20):
                writer.write(answer)
