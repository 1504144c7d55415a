"""Stands before the emulators: knows which process calls by the port it calls on, and stops a chosen call of it."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web
from aiohttp.typedefs import Middleware

from tests.faults.campaign.record import sender

OPERATIONS = (
    (re.compile(r"/telegram/bot[^/]+/(?:sendMessage|editMessageText)$"), "send"),
    (re.compile(r"/zenoti/v1/bookings/[^/]+/slots/reserve$"), "reserve"),
    (re.compile(r"/zenoti/v1/bookings/[^/]+/slots/confirm$"), "confirm"),
    (re.compile(r"/zenoti/v1/guests/[^/]+/appointments$"), "look"),
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True, eq=False)
class Stop:
    """Holds the next call of this operation by this process, before it is applied or after."""

    bot: str
    operation: str
    when: Literal["before", "after"]
    applies_late: bool = False
    """What was held before is applied when it is let go, though whoever asked is long gone; otherwise never."""
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    """Set to let it go."""
    chat: str = ""
    """Whom a held message was for."""


class Gate:
    """A middleware of the sandbox."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        """Process by port."""
        self._stops: dict[str, Stop] = {}

    def lay(self, stop: Stop) -> None:
        self._stops[stop.bot] = stop

    def clear(self, bot: str) -> None:
        self._stops.pop(bot, None)

    def middleware(self) -> Middleware:
        @web.middleware
        async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
            name = self.names.get(request.transport.get_extra_info("sockname")[1], "") if request.transport else ""
            sender.set(name)
            stop = self._stops.get(name)
            if stop is None or _name_operation(request.path) != stop.operation:
                return await handler(request)
            del self._stops[name]
            return await self._hold(stop, request, handler)

        return watch

    @staticmethod
    async def _hold(stop: Stop, request: web.Request, handler: Handler) -> web.StreamResponse:
        body = await request.read()
        if stop.operation == "send" and (found := re.search(rb'"chat_id":"?(-?\d+)', body)):
            stop.chat = found[1].decode()
        if stop.when == "after":
            response = await handler(request)
            stop.reached.set()
            await stop.ended.wait()
            return response
        stop.reached.set()
        await stop.ended.wait()
        return await handler(request) if stop.applies_late else web.Response(status=503)


def _name_operation(path: str) -> str:
    return next((name for pattern, name in OPERATIONS if pattern.search(path)), "")
