"""The emulator: HTTP in front of the methods, the record of calls, and misbehaviour on command."""

import asyncio
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
import regex
from aiohttp import ClientSession, DummyCookieJar, TCPConnector, web

from bot.sandbox.clock import SandboxClock
from bot.sandbox.faults import Fault, FaultPlan
from bot.sandbox.telegram import demo
from bot.sandbox.telegram.calls import Call, CallLog, Noted
from bot.sandbox.telegram.chats import Payload
from bot.sandbox.telegram.control import Control
from bot.sandbox.telegram.methods import METHODS, NOT_IN_ANSWER, Method
from bot.sandbox.telegram.params import LARGEST_BODY, Params, read_params
from bot.sandbox.telegram.platform import Account, Platform
from bot.sandbox.telegram.refusals import Refused, refuse_flood
from bot.sandbox.telegram.switches import Delivery, Switches

_TOKEN_FORM = regex.compile(r"\d+:[\w-]+")


@dataclass(slots=True)
class _Attempt:
    """One call as it came."""

    account: Account
    name: str
    method: Method
    params: Params


class TelegramEmulator:
    """The Bot API under `app()`, its control API under `control()`.

    `changed` is told "<bot id>/<chat id>" whenever a chat looks different, and "" when everything does.
    """

    def __init__(self, clock: SandboxClock, changed: Callable[[str], None], *, seed: int = 0) -> None:
        self.faults = FaultPlan()
        self.log = CallLog()
        self._changed = changed
        self._sessions: list[ClientSession] = []
        self._struck: set[asyncio.Task[web.StreamResponse]] = set()
        self.platform = Platform(clock, changed, seed=seed, session=self._session)
        demo.add_bots(self.platform)
        for account in self.platform.accounts.values():
            account.courier.embedded_call = self._run_embedded(account)
        demo.fill(self.platform)
        self._accounts = {account.token: account for account in self.platform.accounts.values()}

    @property
    def switches(self) -> Switches:
        return self.platform.switches

    @property
    def delivery(self) -> Delivery:
        return self.platform.delivery

    def app(self) -> web.Application:
        """Serves /bot<token>/<method>. The application that this one is mounted in must allow bodies of `LARGEST_BODY`."""
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        app.on_shutdown.append(self._stop)
        app.on_cleanup.append(self._close)
        return app

    def control(self) -> web.Application:
        return Control(self.platform, self.log, faults=self.faults, reset=self.reset).app()

    def reset(self) -> None:
        """New people with new chats, empty groups, no faults, switches as at the start. Webhooks and commands stay."""
        self.faults.clear()
        self.log.clear()
        self.switches.reset()
        self.delivery.reset()
        self.platform.flood.clear()
        for account in self.platform.accounts.values():
            account.updates.clear()
            account.courier.forget()
            account.webhook_set_at = 0.0
        demo.fill(self.platform)
        self._changed("")

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        token = request.match_info["token"]
        account = self._accounts.get(token)
        if account is None:
            return _refuse(Refused(401, "Unauthorized") if _TOKEN_FORM.fullmatch(token) else Refused(404, "Not Found"))
        known = METHODS.get(request.match_info["method"].lower())
        if known is None:
            return _refuse(Refused(404, "Not Found: method not found"))
        try:
            attempt = _Attempt(account, *known, await read_params(request))
        except Refused as error:
            return _refuse(error)
        fault = self.faults.take(attempt.name) if self.faults.waiting else None
        if fault is None:
            return await self._run(attempt)
        # In a task of its own: what a fault delays still happens when the client has hung up.
        task = asyncio.create_task(self._strike(fault, request, attempt))
        self._struck.add(task)
        task.add_done_callback(self._struck.discard)
        return await asyncio.shield(task)

    async def _run(self, attempt: _Attempt, *, fault: str = "") -> web.Response:
        now = self.platform.now()
        try:
            result = attempt.method(Call(self.platform, attempt.account, attempt.params, now))
            if inspect.iscoroutine(result):
                result = await result
        except Refused as error:
            self._note(attempt, error.status, description=error.description, fault=fault)
            return _refuse(error)
        self._note(attempt, 200, fault=fault)
        if isinstance(result, Noted):
            return _reply({"ok": True, "result": result.result, "description": result.description})
        return _reply({"ok": True, "result": result})

    async def _strike(self, fault: Fault, request: web.Request, attempt: _Attempt) -> web.StreamResponse:
        """Refusals in Telegram's own words, the rest as every emulator does it."""
        if fault.kind == "rate_limit":
            return self._refuse_on_command(attempt, fault, refuse_flood(int(fault.seconds) or 1))
        if fault.kind == "refuse":
            status = fault.status or 500
            return self._refuse_on_command(attempt, fault, Refused(status, HTTPStatus(status).phrase))
        if fault.kind == "fail_after":
            await self._run(attempt, fault=fault.kind)
            status = fault.status or 504
            return _refuse(Refused(status, HTTPStatus(status).phrase))
        if fault.kind in ("cut_before", "html"):
            self._note(attempt, 502 if fault.kind == "html" else 0, fault=fault.kind)
        return await self.faults.strike(fault, request, lambda: self._run(attempt, fault=fault.kind))

    def _refuse_on_command(self, attempt: _Attempt, fault: Fault, error: Refused) -> web.Response:
        self._note(attempt, error.status, description=error.description, fault=fault.kind)
        return _refuse(error)

    def _note(self, attempt: _Attempt, status: int, *, description: str = "", fault: str = "") -> None:
        self.log.add(self.platform.now(), attempt.account.id, attempt.name, attempt.params.raw, status, description, fault)

    def _run_embedded(self, account: Account) -> Callable[[Payload], Any]:
        async def run(call: Payload) -> None:
            known = METHODS.get(str(call.pop("method")).lower())
            if known is not None and known[0] not in NOT_IN_ANSWER:
                await self._run(_Attempt(account, *known, Params(call)))

        return run

    def _session(self) -> ClientSession:
        if not self._sessions:
            self._sessions.append(
                ClientSession(
                    connector=TCPConnector(limit=0), cookie_jar=DummyCookieJar(), skip_auto_headers=("Accept-Encoding",)
                )
            )
        return self._sessions[0]

    async def _stop(self, _: web.Application) -> None:
        for account in self.platform.accounts.values():
            account.courier.stop()
            if account.poller is not None and not account.poller.done():
                account.poller.set_result("terminated by the end of the sandbox")

    async def _close(self, _: web.Application) -> None:
        while self._sessions:
            await self._sessions.pop().close()


def _reply(data: Payload, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json")


def _refuse(error: Refused) -> web.Response:
    data: Payload = {"ok": False, "error_code": error.status, "description": error.description}
    if error.parameters:
        data["parameters"] = error.parameters
    response = _reply(data, error.status)
    if "retry_after" in error.parameters:
        response.headers["Retry-After"] = str(error.parameters["retry_after"])
    return response
