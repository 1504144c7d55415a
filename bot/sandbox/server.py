"""One port with every emulator, their control APIs and the demo page."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.sandbox.clock import SandboxClock
from bot.sandbox.stream import ChangeStream
from bot.sandbox.telegram import TelegramEmulator
from bot.sandbox.telegram.demo import BOTS
from bot.sandbox.telegram.params import LARGEST_BODY
from bot.sandbox.vendor import VendorEmulator
from bot.sandbox.vendors import EMULATORS
from bot.sandbox.whatsapp import WhatsappEmulator
from bot.sandbox.whatsapp.demo import APP_SECRET, GRAPH, NUMBERS, VERIFY_TOKEN

_PAGE = Path(__file__).parent / "page"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Credential:
    """Something an emulator accepts."""

    service: str
    """The emulator's slug, which is also its prefix."""
    name: str
    value: str


class _Advance(BaseModel):
    model_config = ConfigDict(extra="forbid")
    advance_seconds: Annotated[float, Field(ge=0)]


class Sandbox:
    """The emulators and what they share."""

    def __init__(self, clock: SandboxClock | None = None, seed: int = 0, *, vendors: Iterable[str] = EMULATORS) -> None:
        """`vendors`: slugs of those to emulate; the first is the one that the demo page shows."""
        self.clock = clock or SandboxClock()
        self.stream = ChangeStream()
        self.telegram = TelegramEmulator(self.clock, partial(self._tell_chat, "telegram"), seed=seed)
        self.whatsapp = WhatsappEmulator(self.clock, partial(self._tell_chat, "whatsapp"), seed=seed)
        self.vendors: dict[str, VendorEmulator] = {
            slug: EMULATORS[slug].make(self.clock, lambda slug: self.stream.publish("vendor", vendor=slug), seed)
            for slug in vendors
        }

    def app(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_refuse_strangers])
        app.router.add_get("/control/stream", self.stream.serve)
        app.router.add_get("/control/clock", self._show_clock)
        app.router.add_post("/control/clock", self._advance_clock)
        app.router.add_post("/control/reset", self._start_afresh)
        app.add_subapp("/control/telegram", self.telegram.control())
        app.router.add_get("/control/vendor", self._show_vendor)
        app.add_subapp("/telegram", self.telegram.app())
        app.add_subapp("/control/whatsapp", self.whatsapp.control())
        app.add_subapp(GRAPH, self.whatsapp.app())
        for slug, emulator in self.vendors.items():
            app.add_subapp(f"/control/{slug}", emulator.control())
            app.add_subapp(f"/{slug}", emulator.app())
        _add_page(app)
        app.on_response_prepare.append(_forbid_storing)
        app.on_shutdown.append(self._stop)
        return app

    def reset(self) -> None:
        """Everything as at the start, the clock too; webhooks stay."""
        self.clock.reset()
        self.telegram.reset()
        self.whatsapp.reset()
        for emulator in self.vendors.values():
            emulator.reset()
        self.stream.publish("reset")

    def _tell_chat(self, messenger: str, place: str) -> None:
        bot, _, chat = place.partition("/")
        if bot:
            self.stream.publish(messenger, bot=int(bot), chat=int(chat))
        else:
            self.stream.publish(messenger, bot=None, chat=None)

    async def _show_vendor(self, _: web.Request) -> web.Response:
        """Whose book the page shows, and what its calls are called."""
        demo = EMULATORS[next(iter(self.vendors))]
        return web.json_response({"slug": demo.slug, "name": demo.name, "operations": dict(demo.operations)})

    async def _show_clock(self, _: web.Request) -> web.Response:
        return web.json_response({"now": self.clock.now().isoformat()})

    async def _advance_clock(self, request: web.Request) -> web.Response:
        try:
            wish = _Advance.model_validate_json(await request.read())
            self.clock.advance(timedelta(seconds=wish.advance_seconds))
        except (ValidationError, OverflowError) as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        self.stream.publish("clock")
        return await self._show_clock(request)

    async def _start_afresh(self, _: web.Request) -> web.Response:
        self.reset()
        return web.json_response({"ok": True})

    async def _stop(self, _: web.Application) -> None:
        self.stream.close()


def credentials() -> tuple[Credential, ...]:
    """What the emulators accept."""
    return (
        *(Credential("telegram", f"token of @{bot.username}", bot.token) for bot in BOTS),
        *(Credential(GRAPH[1:], f"token of number {number.id} of {number.business}", number.token) for number in NUMBERS),
        Credential(GRAPH[1:], "app secret", APP_SECRET),
        Credential(GRAPH[1:], "verify token", VERIFY_TOKEN),
        *(
            Credential(demo.slug, f"API key of {business}", account.credential)
            for demo in EMULATORS.values()
            for business, account in demo.accounts.items()
        ),
    )


async def serve_sandbox(
    port: int, seed: int = 0, *, host: str = "127.0.0.1", ready: Callable[[int], None] = lambda _: None
) -> None:
    """Serve until cancelled. `ready` is told the port, which matters where 0 was wished for."""
    runner = web.AppRunner(Sandbox(seed=seed).app(), access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        ready(runner.addresses[0][1])
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def _add_page(app: web.Application) -> None:
    if not _PAGE.is_dir():
        return

    async def show_page(_: web.Request) -> web.FileResponse:
        return web.FileResponse(_PAGE / "index.html")

    app.router.add_get("/", show_page)
    app.router.add_static("/page", _PAGE)


@web.middleware
async def _refuse_strangers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A page of another origin may not write to the control API of somebody who happens to run a sandbox."""
    if request.method not in _SAFE_METHODS and request.path.startswith("/control/"):
        origin = request.headers.get("Origin")
        if origin is not None and origin.partition("://")[2] != request.host:
            raise web.HTTPForbidden(text="control is for pages of this origin only")
    return await handler(request)


async def _forbid_storing(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Cache-Control"] = "no-store"
