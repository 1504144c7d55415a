"""HTTP as bytes: what no well-behaved client would send."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

PATIENCE = timedelta(seconds=30)
MOMENT = timedelta(milliseconds=300)
"""After which a request that cannot be complete is ended by closing our half: aiohttp then answers no more."""
_ANSWERLESS = 0
"""The status of a connection that was closed without an answer."""
HANGS = -1
"""The status of one that was neither answered nor closed."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, ready to be sent."""

    raw: bytes
    is_last: bool = False
    """Nothing can follow it on the same connection: it is broken, or says so."""
    has_body: bool = True
    """Whether the answer brings the body that its headers announce: not after HEAD."""


def build(method: str, path: str, headers: Mapping[str, str | bytes], body: bytes, *, is_chunked: bool = False) -> Request:
    """A request whose frame is right."""
    lines = [f"{method} {path} HTTP/1.1".encode("utf-8", "surrogateescape"), b"Host: desk"]
    lines += [name.encode() + b": " + (value if isinstance(value, bytes) else value.encode()) for name, value in headers.items()]
    if is_chunked:
        lines.append(b"Transfer-Encoding: chunked")
        body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in _cut(body)) + b"0\r\n\r\n"
    else:
        lines.append(b"Content-Length: %d" % len(body))
    return Request(b"\r\n".join(lines) + b"\r\n\r\n" + body, has_body=method != "HEAD")


def _cut(body: bytes) -> list[bytes]:
    size = max(1, len(body) // 3)
    return [body[at : at + size] for at in range(0, len(body), size)]


class Line:
    """One connection after the other to the same server."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def send(self, request: Request) -> int:
        """The status of the answer. A connection closed under an idle client is opened again, once."""
        is_fresh = self._writer is None
        status = await self._try(request)
        if status == _ANSWERLESS and not is_fresh and not request.is_last:
            status = await self._try(request)
        return status

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()
        self._reader = self._writer = None

    async def _try(self, request: Request) -> int:
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                status, is_open = await self._exchange(request)
        except TimeoutError:
            status, is_open = HANGS, False
        if not is_open:
            await self.close()
        return status

    async def _exchange(self, request: Request) -> tuple[int, bool]:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        with contextlib.suppress(OSError):  # it may answer and close before it has read everything
            self._writer.write(request.raw)
            await self._writer.drain()
        try:
            if not request.is_last:
                return await _read_answer(self._reader, request)
            return await self._insist(self._reader, self._writer, request)
        except (OSError, asyncio.IncompleteReadError):
            return _ANSWERLESS, False

    @staticmethod
    async def _insist(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: Request) -> tuple[int, bool]:
        answer = asyncio.ensure_future(_read_answer(reader, request))
        await asyncio.wait([answer], timeout=MOMENT.total_seconds())
        if not answer.done():
            writer.write_eof()
        return await answer


async def _read_answer(reader: asyncio.StreamReader, request: Request) -> tuple[int, bool]:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    if status < 200:
        return await _read_answer(reader, request)
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    if request.has_body:
        await reader.readexactly(int(fields.get(b"content-length", b"0")))
    return status, fields.get(b"connection") != b"close" and not request.is_last
