import asyncio
from typing import Any

import orjson
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.sandbox.stream import ChangeStream


async def open_stream(stream: ChangeStream) -> TestClient[Any, Any]:
    app = web.Application()
    app.router.add_get("/stream", stream.serve)
    client: TestClient[Any, Any] = TestClient(TestServer(app))
    await client.start_server()
    return client


def read_news(text: bytes) -> list[Any]:
    return [orjson.loads(line.removeprefix(b"data: ")) for line in text.splitlines() if line.startswith(b"data: ")]


def test_the_same_news_twice_is_told_once() -> None:
    async def scenario() -> None:
        stream = ChangeStream()
        client = await open_stream(stream)
        async with client.get("/stream") as response:
            await response.content.readuntil(b"\n\n")
            for _ in range(3):
                stream.publish("telegram", bot=1, chat=2)
            stream.publish("clock")
            await asyncio.sleep(0)
            stream.close()
            assert read_news(await response.read()) == [{"what": "telegram", "bot": 1, "chat": 2}, {"what": "clock"}]
        await client.close()

    asyncio.run(scenario())


def test_a_watcher_that_fell_behind_is_told_to_look_at_everything() -> None:
    async def scenario() -> None:
        stream = ChangeStream()
        client = await open_stream(stream)
        async with client.get("/stream") as response:
            await response.content.readuntil(b"\n\n")
            for chat in range(502):
                stream.publish("telegram", bot=1, chat=chat)
            stream.close()
            news = read_news(await response.read())
            assert news == [{"what": "reset"}, {"what": "telegram", "bot": 1, "chat": 501}]
        await client.close()

    asyncio.run(scenario())


def test_a_watcher_that_left_is_forgotten() -> None:
    async def scenario() -> None:
        stream = ChangeStream()
        client = await open_stream(stream)
        for _ in range(3):
            response = await client.get("/stream")
            await response.content.readuntil(b"\n\n")
            response.close()
        async with asyncio.timeout(5):
            while stream.watchers:
                stream.publish("clock")
                await asyncio.sleep(0.01)
        await client.close()

    asyncio.run(scenario())
