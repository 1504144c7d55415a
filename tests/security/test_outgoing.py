"""Where the bot calls: only what the settings name. No address of a customer, a vendor or a redirect is followed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.base import Message
from bot.channels.telegram import Telegram, TelegramSettings
from bot.errors import FrontdeskError
from bot.sandbox.zenoti.demo import KEY_HARBOUR, ORGANIZATIONS
from tests.journeys.talk import House, open_house, play
from tests.security.test_names import renamed

REDIRECTS = (301, 302, 303, 307, 308)


@dataclass
class Trap:
    """A server nobody has any business calling."""

    url: str = ""
    seen: list[str] = field(default_factory=list)


@asynccontextmanager
async def set_trap() -> AsyncIterator[Trap]:
    trap = Trap()

    async def note(request: web.Request) -> web.Response:
        trap.seen.append(f"{request.method} {request.path_qs}")
        return web.json_response({"ok": True, "result": {"message_id": 1}})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", note)
    async with TestServer(app) as server:
        trap.url = str(server.make_url("")).rstrip("/")
        yield trap


@asynccontextmanager
async def redirect_to(url: str, status: int) -> AsyncIterator[str]:
    """A server that sends everybody on; the address of it."""

    async def send_on(request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": url + request.path})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", send_on)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.mark.parametrize("status", REDIRECTS)
def test_telegram_cannot_send_the_bot_elsewhere(status: int) -> None:
    async def scenario() -> None:
        async with set_trap() as trap, redirect_to(trap.url, status) as url, aiohttp.ClientSession() as session:
            channel = Telegram(TelegramSettings("harbour", "4242:secret-part", webhook_secrets=("s",), api_url=url), session)
            for call in (channel.send("1", Message("hello")), channel.identify(), channel.register("https://desk.example")):
                with pytest.raises(FrontdeskError):
                    await call
            assert trap.seen == []

    asyncio.run(scenario())


@pytest.mark.parametrize("status", REDIRECTS)
def test_a_booking_system_cannot_send_the_bot_elsewhere(status: int) -> None:
    async def scenario() -> None:
        async with set_trap() as trap, open_house() as house:
            assert house.settings is not None
            async with redirect_to(trap.url, status) as url:
                await house.stop_bot()
                business = house.settings.businesses["harbour"]
                vendor = business.vendor.model_copy(update={"base_url": url})
                businesses = {**house.settings.businesses, "harbour": business.model_copy(update={"vendor": vendor})}
                house.settings = house.settings.model_copy(update={"businesses": businesses})
                await house.start_bot()
                mia = await house.customer("Mia")
                await mia.says("/start")
                await mia.reads("")  # an honest answer, whatever it is
                await mia.never_reads("Where would you like to come?")
            assert trap.seen == []
            await house.stop_bot()

    asyncio.run(scenario())


def test_addresses_that_people_and_vendors_write_are_never_called() -> None:
    first = next(iter(ORGANIZATIONS[KEY_HARBOUR].services))

    async def scenario(house: House) -> None:
        async with set_trap() as trap:
            with renamed(first, f"Haircut {trap.url}/service"):
                mia = await house.customer("Mia", last_name=f"{trap.url}/n"[:64], phone="+351912345678")
                await mia.says(f"{trap.url}/text")
                await mia.says("/start")
                for choice in ("Harbour", "Haircut", "Anyone", "First free"):
                    await mia.taps(choice)
                await mia.says("Mia Chen")
                for choice in ("Share my number", "Book "):
                    await mia.taps(choice)
                assert trap.url in await mia.reads("Booked:")
                await house.staff().reads(trap.url)
            assert trap.seen == []
        sent = [call for call in (await house.control("GET", "/telegram/calls"))["log"] if "text" in call["params"]]
        assert sent
        assert all(
            '"is_disabled":true' in str(call["params"]["link_preview_options"]).replace(" ", "").replace("'", '"').lower()
            for call in sent
        )

    play(scenario)
