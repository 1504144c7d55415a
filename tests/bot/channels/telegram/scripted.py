"""A server that answers as told, for the answers that no emulator of a healthy Telegram gives."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.telegram.client import Client
from bot.channels.telegram.metrics import CallMetrics
from bot.channels.telegram.settings import TelegramSettings

TOKEN = "4242:secret-part"

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Scripted:
    """The server's side of a test."""

    client: Client
    settings: TelegramSettings
    session: aiohttp.ClientSession
    bodies: list[bytes] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)


@asynccontextmanager
async def run_scripted(
    answer: Answer, *, limit: timedelta = timedelta(seconds=8), metrics: CallMetrics | None = None
) -> AsyncIterator[Scripted]:
    async def handle(request: web.Request) -> web.StreamResponse:
        assert request.path.startswith(f"/telegram/bot{TOKEN}/")
        scripted.bodies.append(await request.read())
        scripted.kinds.append(request.content_type)
        return await answer(request)

    app = web.Application()
    app.router.add_post("/{path:.*}", handle)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        settings = TelegramSettings("harbour", TOKEN, api_url=str(server.make_url("/telegram/")), timeout=limit)
        scripted = Scripted(Client(settings, session, metrics=metrics), settings, session)
        yield scripted


def answer_with(status: int, body: str, **headers: str) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=body, headers=headers)

    return answer


async def never_answer(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def cut_off(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def end_in_the_middle(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b'{"ok": true, "re')
    assert request.transport is not None
    request.transport.close()
    return response
