"""The control API: read what happened, act as a person, change switches."""

from collections.abc import Callable

import orjson
from aiohttp import web

from bot.sandbox.control import add_fault_routes
from bot.sandbox.faults import FaultPlan
from bot.sandbox.telegram.acting import Acting
from bot.sandbox.telegram.calls import CallLog
from bot.sandbox.telegram.desk import answer, explain, find_account, find_chat, find_person, read_wish
from bot.sandbox.telegram.platform import Platform
from bot.sandbox.telegram.view import show_account, show_chat, show_person, show_room
from bot.sandbox.telegram.wishes import NewPerson, PersonChange


class Control:
    """Routes under /control/telegram."""

    def __init__(self, platform: Platform, log: CallLog, *, faults: FaultPlan, reset: Callable[[], None]) -> None:
        self._platform = platform
        self._log = log
        self._faults = faults
        self._reset = reset

    def app(self) -> web.Application:
        app = web.Application(middlewares=[explain])
        add_fault_routes(app, self._faults)
        app.add_routes(
            [
                web.get("/bots", self._list_bots),
                web.get("/people", self._list_people),
                web.post("/people", self._add_person),
                web.put("/people/{person}", self._change_person),
                web.get("/calls", self._show_calls),
                web.delete("/calls", self._clear_calls),
                web.get("/switches", self._show_switches),
                web.put("/switches", self._change_switches),
                web.get("/delivery", self._show_delivery),
                web.put("/delivery", self._change_delivery),
                web.post("/reset", self._start_afresh),
                web.get(r"/{bot:\d+}/chats", self._list_chats),
                web.get(r"/{bot:\d+}/chats/{chat:-?\d+}", self._show_chat),
                web.get(r"/{bot:\d+}/files/{file}", self._show_file),
            ]
        )
        Acting(self._platform).add_routes(app)
        return app

    async def _list_bots(self, _: web.Request) -> web.Response:
        return answer([show_account(account) for account in self._platform.accounts.values()])

    async def _list_people(self, _: web.Request) -> web.Response:
        return answer([show_person(self._platform, person) for person in self._platform.people.values()])

    async def _add_person(self, request: web.Request) -> web.Response:
        wish = await read_wish(request, NewPerson)
        return answer(show_person(self._platform, self._platform.add_person(**wish.model_dump())), 201)

    async def _change_person(self, request: web.Request) -> web.Response:
        wish = await read_wish(request, PersonChange)
        person = find_person(self._platform, int(request.match_info["person"]))
        person.is_deactivated = wish.deactivated
        return answer(show_person(self._platform, person))

    async def _list_chats(self, request: web.Request) -> web.Response:
        return answer([show_chat(chat) for chat in find_account(self._platform, request).chats.values()])

    async def _show_chat(self, request: web.Request) -> web.Response:
        return answer(
            show_room(find_chat(self._platform, find_account(self._platform, request), int(request.match_info["chat"])))
        )

    async def _show_file(self, request: web.Request) -> web.Response:
        kept = find_account(self._platform, request).files.get(request.match_info["file"])
        if kept is None:
            raise web.HTTPNotFound(text="no such file")
        # Never shown inline: the page's own origin must not run what a bot uploaded.
        headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=kept[1], content_type=kept[0]["mime_type"], headers=headers)

    async def _show_calls(self, _: web.Request) -> web.Response:
        return answer(self._log.show())

    async def _clear_calls(self, _: web.Request) -> web.Response:
        self._log.clear()
        return answer({"total": 0})

    async def _show_switches(self, _: web.Request) -> web.Response:
        return answer(self._platform.switches.model_dump())

    async def _change_switches(self, request: web.Request) -> web.Response:
        self._platform.switches.change(orjson.loads(await request.read()))
        return await self._show_switches(request)

    async def _show_delivery(self, _: web.Request) -> web.Response:
        return answer(self._platform.delivery.model_dump())

    async def _change_delivery(self, request: web.Request) -> web.Response:
        self._platform.delivery.change(orjson.loads(await request.read()))
        return await self._show_delivery(request)

    async def _start_afresh(self, _: web.Request) -> web.Response:
        self._reset()
        return answer({"ok": True})
