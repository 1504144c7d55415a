"""The emulator: HTTP in front of the numbers, the record of calls, and misbehaviour on command."""

from collections.abc import Callable
from typing import Any

import orjson
from aiohttp import ClientSession, DummyCookieJar, TCPConnector, web

from bot.sandbox.calls import CallLog
from bot.sandbox.clock import SandboxClock
from bot.sandbox.faults import Fault, FaultPlan
from bot.sandbox.whatsapp import demo
from bot.sandbox.whatsapp.control import Control
from bot.sandbox.whatsapp.people import Payload
from bot.sandbox.whatsapp.platform import Account, Platform
from bot.sandbox.whatsapp.refusals import Refused, refuse_missing, refuse_unknown
from bot.sandbox.whatsapp.sending import Sending
from bot.sandbox.whatsapp.switches import Delivery, Switches
from bot.sandbox.working import Workshop

# Above every HTTP status: a fault's status that is a code of the Graph API.
_FIRST_CODE = 600
_CODES = frozenset({0, 1, 2, 3, 4, 10, 33, 100, 190, 368})


class WhatsappEmulator:
    """The Graph API under `app()`, its control API under `control()`.

    `changed` is told "<phone number id>/<person>" whenever a chat looks different, and "" when everything does. Operations
    that faults know: messages, read, number.
    """

    def __init__(self, clock: SandboxClock, changed: Callable[[str], None], *, seed: int = 0) -> None:
        self.faults = FaultPlan()
        self.log = CallLog()
        self._changed = changed
        self._sessions: list[ClientSession] = []
        self._workshop = Workshop()
        self.platform = Platform(clock, changed, seed=seed, session=self._session)
        demo.add_numbers(self.platform)
        demo.fill(self.platform)

    @property
    def switches(self) -> Switches:
        return self.platform.switches

    @property
    def delivery(self) -> Delivery:
        return self.platform.delivery

    def app(self) -> web.Application:
        app = web.Application(client_max_size=2**20)
        app.router.add_post("/{id}/messages", self._take_message)
        app.router.add_get("/{id}", self._show_number)
        app.router.add_post("/{id}", self._change_number)
        app.cleanup_ctx.append(self._workshop.close)
        app.on_shutdown.append(self._stop)
        app.on_cleanup.append(self._close)
        return app

    def control(self) -> web.Application:
        return Control(self.platform, self.log, faults=self.faults, reset=self.reset).app()

    def reset(self) -> None:
        """New people with new chats, no faults, switches as at the start. Webhooks stay."""
        self.faults.clear()
        self.log.clear()
        self.switches.reset()
        self.delivery.reset()
        for account in self.platform.accounts.values():
            account.courier.forget()
        demo.fill(self.platform)
        self._changed("")

    async def _take_message(self, request: web.Request) -> web.StreamResponse:
        body = await _read_body(request)
        operation = "read" if body.get("status") == "read" else "messages"

        async def answer() -> Payload:
            return Sending(self.platform, self._admit(request)).take(body)

        return await self._run(request, operation, answer)

    async def _show_number(self, request: web.Request) -> web.StreamResponse:
        async def answer() -> Payload:
            account = self._admit(request)
            hook = {"phone_number": account.courier.hook.url} if account.courier.hook.url else {}
            return {
                "id": str(account.id),
                "display_phone_number": account.display_number,
                "verified_name": account.name,
                "quality_rating": "GREEN",
                "webhook_configuration": hook,
            }

        return await self._run(request, "number", answer)

    async def _change_number(self, request: web.Request) -> web.StreamResponse:
        """Sets the number's own webhook address, after the handshake (whatsapp.md section 1)."""
        body = await _read_body(request)

        async def answer() -> Payload:
            account = self._admit(request)
            wish = body.get("webhook_configuration")
            if not isinstance(wish, dict):
                raise refuse_missing("webhook_configuration")
            url, token = str(wish.get("override_callback_uri", "")), str(wish.get("verify_token", ""))
            if url and not await account.courier.verify(url, token):
                raise Refused(2200, "the callback URL did not answer the challenge")
            account.courier.hook.url = url
            return {"success": True}

        return await self._run(request, "number", answer)

    async def _run(self, request: web.Request, operation: str, work: Callable[[], Any]) -> web.StreamResponse:
        """In a task of its own: what a fault delays still happens when the client has hung up."""
        row = self.log.add(operation, request.path, self.platform.now())

        async def answer() -> web.Response:
            try:
                response = _reply(await work())
            except Refused as error:
                response = _refuse(error)
            row.status = response.status
            return response

        fault = self.faults.take(operation) if self.faults.waiting else None
        if fault is None:
            return await answer()
        refused = _refuse_on_command(fault)
        if refused is not None:
            row.status = refused.status
            return _refuse(refused)
        row.status = 0
        return await self._workshop.finish(self.faults.strike(fault, request, answer))

    def _admit(self, request: web.Request) -> Account:
        """The number that is asked for. Raises Refused."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        accounts = self.platform.accounts.values()
        if scheme != "Bearer" or token not in {account.token for account in accounts}:
            raise Refused(190, "the access token could not be decrypted", status=401)
        ident = request.match_info["id"]
        account = next((one for one in accounts if str(one.id) == ident and one.token == token), None)
        if account is None:
            raise refuse_unknown("Object with ID")
        return account

    def _session(self) -> ClientSession:
        if not self._sessions:
            self._sessions.append(ClientSession(connector=TCPConnector(limit=0), cookie_jar=DummyCookieJar()))
        return self._sessions[0]

    async def _stop(self, _: web.Application) -> None:
        for account in self.platform.accounts.values():
            account.courier.forget()

    async def _close(self, _: web.Application) -> None:
        while self._sessions:
            await self._sessions.pop().close()


async def _read_body(request: web.Request) -> Payload:
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _refuse_on_command(fault: Fault) -> Refused | None:
    """In the Graph API's own words; None for what every emulator does alike."""
    if fault.kind == "rate_limit":
        return Refused(130429, "told to wait", status=429, retry_after=int(fault.seconds))
    if fault.kind == "refuse" and (fault.status >= _FIRST_CODE or fault.status in _CODES - {0}):
        return Refused(fault.status, "refused on command")
    if fault.kind == "refuse":
        return Refused(131000, "refused on command", status=fault.status or 500)
    return None


def _reply(data: Payload, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json")


def _refuse(error: Refused) -> web.Response:
    response = _reply(error.body(), error.status)
    if error.retry_after:
        response.headers["Retry-After"] = str(error.retry_after)
    return response
