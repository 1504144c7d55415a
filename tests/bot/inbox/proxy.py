"""Stands between the bot and its Redis and misbehaves at a chosen command: cuts the connection, or stops there."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import unquote

_ANY_SCRIPT = "EVALSHA"

Command = list[bytes]
"""Name and arguments, as they were sent."""


@dataclass(slots=True, eq=False)
class Trap:
    """Stops a connection at a command: before it is applied, or after it was, with its answer kept back."""

    matches: Callable[[Command], bool]
    when: Literal["before", "after"]
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    command: Command = field(default_factory=list)
    """What ran into it."""
    let_through: Callable[[], None] = lambda: None
    """Apply after all what was stopped before; once it was reached."""


class Proxy:
    """Forwards a unix socket. Counts commands that contain a mark (a script's name in Redis), and strikes before the n-th
    of them is applied or after; or lays a trap for a command of which more is known.

    One connection carries one request at a time and its answer, as redis-py does; a pipeline counts by its commands.
    """

    def __init__(self, upstream: str) -> None:
        self._upstream = unquote(upstream.removeprefix("unix://"))
        self._folder = tempfile.TemporaryDirectory()
        self._socket = Path(self._folder.name) / "p.sock"
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._ends: set[asyncio.Transport] = set()
        self.cuts = 0
        self._mark = b""
        self._left = 0
        self._loses: Literal["request", "answer"] = "request"
        self._stalls = False
        self._trap: Trap | None = None
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

    def lay(self, trap: Trap | None) -> None:
        """Stop the next command that the trap is for; None takes the trap away."""
        self._trap = trap

    def clear(self) -> None:
        self._left, self._trap = 0, None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_unix_server(lambda: _Client(self), str(self._socket))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._server is not None:
            self._server.close()
        for end in list(self._ends):
            end.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._folder.cleanup()

    # What one connection needs.

    def open(self, client: "_Client") -> None:
        task = asyncio.create_task(self._connect(client))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, client: "_Client") -> None:
        try:
            await asyncio.get_running_loop().create_unix_connection(lambda: _Upstream(client), self._upstream)
        except OSError:  # Redis is away
            client.end()

    def note(self, end: asyncio.Transport, *, is_open: bool) -> None:
        (self._ends.add if is_open else self._ends.discard)(end)

    def strike(self, request: bytes) -> tuple[Literal["", "before", "after"], bool, Trap | None]:
        """Whether this request is the one to misbehave at, and whether the connection then only stops."""
        if self._left and (seen := request.count(self._mark)):
            self._left = max(0, self._left - seen)
            if not self._left:
                return ("before" if self._loses == "request" else "after"), self._stalls, None
        if self._trap is not None:
            trap = self._trap
            command = next((command for command in read_commands(request) if trap.matches(command)), None)
            if command is not None:
                self._trap, trap.command = None, command
                return trap.when, True, trap
        return "", False, None

    def report(self, trap: Trap | None) -> None:
        self.cuts += 1
        (trap.reached if trap else self.reached).set()


class _Client(asyncio.Protocol):
    """The bot's end of a connection."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self.transport: asyncio.Transport | None = None
        self.upstream: asyncio.Transport | None = None
        self._waiting: list[bytes] = []
        self.is_mute = False
        """Answers are not passed on any more; what happens at the first one kept back."""
        self.at_answer: Callable[[], None] = lambda: None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.proxy.note(transport, is_open=True)
        self.proxy.open(self)

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport is not None:
            self.proxy.note(self.transport, is_open=False)
        if self.upstream is not None:
            self.upstream.abort()

    def data_received(self, data: bytes) -> None:
        when, stalls, trap = self.proxy.strike(data)
        if not when:
            self._forward(data)
        elif when == "before":
            self._stop_before(data, stalls=stalls, trap=trap)
        else:
            self._stop_after(data, stalls=stalls, trap=trap)

    def answer(self, data: bytes) -> None:
        if self.is_mute:
            self.at_answer()
        elif self.transport is not None:
            self.transport.write(data)

    def connected(self, upstream: asyncio.Transport) -> None:
        self.upstream = upstream
        upstream.writelines(self._waiting)
        self._waiting.clear()

    def end(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def _forward(self, data: bytes) -> None:
        if self.upstream is None:
            self._waiting.append(data)
        else:
            self.upstream.write(data)

    def _stop_before(self, data: bytes, *, stalls: bool, trap: Trap | None) -> None:
        self.is_mute = True
        if trap is not None:

            def let_through() -> None:
                self.is_mute = False
                self._forward(data)

            trap.let_through = let_through
        self.proxy.report(trap)
        if not stalls:
            self.end()

    def _stop_after(self, data: bytes, *, stalls: bool, trap: Trap | None) -> None:
        self.is_mute = True

        def strike() -> None:
            self.at_answer = lambda: None
            self.proxy.report(trap)
            if not stalls:
                self.end()

        self.at_answer = strike
        self._forward(data)


class _Upstream(asyncio.Protocol):
    """Redis' end of a connection."""

    def __init__(self, client: _Client) -> None:
        self._client = client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if self._client.transport is None or self._client.transport.is_closing():
            transport.abort()
        self._client.connected(transport)

    def data_received(self, data: bytes) -> None:
        self._client.answer(data)

    def connection_lost(self, error: Exception | None) -> None:
        self._client.end()


def read_commands(request: bytes) -> Iterator[Command]:
    """The whole commands in what was sent at once (RESP arrays of bulk strings)."""
    at = 0
    try:
        while at < len(request):
            end = request.index(b"\r\n", at)
            count = int(request[at + 1 : end])
            at, command = end + 2, []
            for _ in range(count):
                end = request.index(b"\r\n", at)
                size = int(request[at + 1 : end])
                at = end + 2 + size + 2
                command.append(request[end + 2 : at - 2])
            yield command
    except ValueError:  # the rest is still under way
        return
