import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer

from bot.sandbox.server import Sandbox, credentials, serve_sandbox
from bot.sandbox.vendors import EMULATORS

SHARED = ("faults", "appointments", "calendar", "guests", "calls", "switches")
"""What every vendor's control API has."""
Scenario = Callable[[Sandbox, TestClient[Any, Any]], Awaitable[None]]


def play(scenario: Scenario) -> None:
    async def run() -> None:
        sandbox = Sandbox()
        async with asyncio.timeout(20), TestClient(TestServer(sandbox.app())) as client:
            await scenario(sandbox, client)

    asyncio.run(run())


async def read_clock(client: TestClient[Any, Any]) -> datetime:
    async with client.get("/control/clock") as response:
        return datetime.fromisoformat((await response.json())["now"])


def test_every_emulator_has_its_prefix() -> None:
    async def scenario(_: Sandbox, client: TestClient[Any, Any]) -> None:
        for credential in credentials():
            if credential.service == "telegram":
                async with client.post(f"/telegram/bot{credential.value}/getMe") as response:
                    assert response.status == 200
        for path in ("/control/telegram/bots", *(f"/control/{slug}/{what}" for slug in EMULATORS for what in SHARED)):
            async with client.get(path) as response:
                assert response.status == 200

    play(scenario)


def test_the_first_vendor_is_the_one_that_is_shown() -> None:
    async def run() -> None:
        for slug, demo in EMULATORS.items():
            async with (
                TestClient(TestServer(Sandbox(vendors=(slug,)).app())) as client,
                client.get("/control/vendor") as response,
            ):
                told = await response.json()
                assert (told["slug"], told["name"], told["operations"]["book"]) == (slug, demo.name, demo.operations["book"])

    asyncio.run(run())


def test_the_clock_moves_forward_only() -> None:
    async def scenario(_: Sandbox, client: TestClient[Any, Any]) -> None:
        async with client.post("/control/clock", json={"advance_seconds": 86400}) as response:
            assert response.status == 200
        assert await read_clock(client) > datetime.now(UTC) + timedelta(hours=23)
        for wrong in ({"advance_seconds": -1}, {"advance_seconds": 1e300}, {}, {"set": 1}):
            async with client.post("/control/clock", json=wrong) as response:
                assert response.status == 400

    play(scenario)


def test_a_reset_reaches_everything() -> None:
    async def scenario(sandbox: Sandbox, client: TestClient[Any, Any]) -> None:
        sandbox.clock.advance(timedelta(days=3))
        people = list(sandbox.telegram.platform.people)
        async with client.post("/control/reset") as response:
            assert response.status == 200
        assert await read_clock(client) < datetime.now(UTC) + timedelta(seconds=5)
        assert not set(people) & set(sandbox.telegram.platform.people)

    play(scenario)


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://evil.example", 403), ("null", 403), ("http://127.0.0.1:1", 403), (None, 200), ("own", 200)],
)
def test_only_pages_of_this_origin_may_write(origin: str | None, status: int) -> None:
    async def scenario(_: Sandbox, client: TestClient[Any, Any]) -> None:
        own = f"http://{client.host}:{client.port}"
        headers = {} if origin is None else {"Origin": own if origin == "own" else origin}
        for path in ("/control/reset", "/control/telegram/reset", "/%63ontrol/reset"):
            async with client.post(path, headers=headers) as response:
                assert response.status == status
                assert "Access-Control-Allow-Origin" not in response.headers

    play(scenario)


def test_nothing_is_stored_by_browsers() -> None:
    async def scenario(_: Sandbox, client: TestClient[Any, Any]) -> None:
        for path in ("/", "/page/index.html", "/control/telegram/bots", "/control/stream", "/nowhere"):
            async with client.get(path) as response:
                assert response.headers["Cache-Control"] == "no-store", path

    play(scenario)


def test_the_page_is_served_and_nothing_around_it() -> None:
    async def scenario(_: Sandbox, client: TestClient[Any, Any]) -> None:
        async with client.get("/") as response:
            assert response.content_type == "text/html"
        for path in ("/page/../server.py", "/page/%2e%2e/server.py", "/page/"):
            async with client.get(path) as response:
                assert response.status in (403, 404)

    play(scenario)


def test_every_change_is_on_the_stream() -> None:
    async def scenario(sandbox: Sandbox, client: TestClient[Any, Any]) -> None:
        mia = next(iter(sandbox.telegram.platform.people))
        async with client.get("/control/stream") as stream:
            assert stream.content_type == "text/event-stream"
            assert await stream.content.readuntil(b"\n\n") == b": welcome\n\n"

            async def read() -> Any:
                return orjson.loads((await stream.content.readuntil(b"\n\n")).removeprefix(b"data: "))

            await client.post(f"/control/telegram/1001/chats/{mia}/say", json={"person": mia, "text": "hi"})
            assert await read() == {"what": "telegram", "bot": 1001, "chat": mia}
            await client.post("/control/clock", json={"advance_seconds": 1})
            assert await read() == {"what": "clock"}
            await client.post("/control/reset")
            news = [await read()]
            while news[-1] != {"what": "reset"}:
                news.append(await read())

    play(scenario)


def test_a_stopping_sandbox_ends_its_streams() -> None:
    async def run() -> None:
        listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        server = asyncio.create_task(serve_sandbox(0, 1, ready=listening.set_result))
        async with asyncio.timeout(10), ClientSession() as session:
            port = await listening
            async with session.get(f"http://127.0.0.1:{port}/control/stream") as stream:
                await stream.content.readuntil(b"\n\n")
                server.cancel()
                await asyncio.wait([server])
                assert server.cancelled()
                # Ended, not broken off.
                assert await stream.content.read() == b""

    asyncio.run(run())
