"""The control API: read what happened, act as a person, change switches."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel, ValidationError

from bot.sandbox.calls import CallLog
from bot.sandbox.control import add_fault_routes
from bot.sandbox.faults import FaultPlan
from bot.sandbox.switches import Adjustable
from bot.sandbox.whatsapp import inbound
from bot.sandbox.whatsapp.chats import Chat
from bot.sandbox.whatsapp.inbound import KINDS, ImpossibleAction
from bot.sandbox.whatsapp.platform import Account, Platform
from bot.sandbox.whatsapp.sending import Sending as Outgoing
from bot.sandbox.whatsapp.view import show_account, show_person, show_room
from bot.sandbox.whatsapp.wishes import NewPerson, PersonChange, Posting, Saying, Seeing, Sending, SharingContact, Tapping

_Wish = TypeVar("_Wish", bound=BaseModel)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    """Routes under /control/whatsapp."""

    def __init__(self, platform: Platform, log: CallLog, *, faults: FaultPlan, reset: Callable[[], None]) -> None:
        self._platform = platform
        self._log = log
        self._faults = faults
        self._reset = reset

    def app(self) -> web.Application:
        app = web.Application(middlewares=[_explain], client_max_size=2**23)
        add_fault_routes(app, self._faults)
        place = r"/{number:\d+}/chats/{chat:\d+}"
        app.add_routes(
            [
                web.get("/numbers", self._list_numbers),
                web.get("/people", self._list_people),
                web.post("/people", self._add_person),
                web.put("/people/{person}", self._change_person),
                web.get("/calls", self._show_calls),
                web.delete("/calls", self._clear_calls),
                *_switch_routes("/switches", self._platform.switches),
                *_switch_routes("/delivery", self._platform.delivery),
                web.post(r"/{number:\d+}/flush", self._flush),
                web.post(r"/{number:\d+}/webhook", self._post_webhook),
                web.post("/reset", self._start_afresh),
                web.get(place, self._show_chat),
                web.post(place + "/say", self._say),
                web.post(place + "/tap", self._tap),
                web.post(place + "/contact", self._share_contact),
                web.post(place + "/send", self._send),
                web.post(place + "/see", self._see),
            ]
        )
        return app

    async def _list_numbers(self, _: web.Request) -> web.Response:
        return _answer([show_account(account) for account in self._platform.accounts.values()])

    async def _list_people(self, _: web.Request) -> web.Response:
        return _answer([show_person(person) for person in self._platform.people.values()])

    async def _add_person(self, request: web.Request) -> web.Response:
        wish = await _read(request, NewPerson)
        name = f"{wish.first_name} {wish.last_name}".strip()
        person = self._platform.add_person(name, phone=wish.phone, username=wish.username, hides_number=wish.hides_number)
        return _answer(show_person(person), 201)

    async def _change_person(self, request: web.Request) -> web.Response:
        wish = await _read(request, PersonChange)
        person = self._platform.people.get(int(request.match_info["person"]))
        if person is None:
            raise web.HTTPNotFound(text="no such person")
        person.is_gone = person.is_gone if wish.is_gone is None else wish.is_gone
        person.hides_number = person.hides_number if wish.hides_number is None else wish.hides_number
        inbound.change_identity(self._platform, person, user_id=wish.user_id, phone=wish.phone.removeprefix("+"))
        return _answer(show_person(person))

    async def _show_chat(self, request: web.Request) -> web.Response:
        _, chat = self._find(request)
        is_typing = chat.typing_until is not None and self._platform.now() < chat.typing_until
        return _answer(show_room(chat, is_typing=is_typing))

    async def _say(self, request: web.Request) -> web.Response:
        account, chat = self._find(request)
        inbound.write_text(self._platform, account, chat, (await _read(request, Saying)).text)
        return _answer({"ok": True})

    async def _tap(self, request: web.Request) -> web.Response:
        account, chat = self._find(request)
        wish = await _read(request, Tapping)
        inbound.tap(self._platform, account, chat, wish.message_id, wish.data)
        return _answer({"ok": True})

    async def _share_contact(self, request: web.Request) -> web.Response:
        account, chat = self._find(request)
        wish = await _read(request, SharingContact)
        owner = chat.person if wish.of == "own" else self._platform.people[wish.of]
        is_requested = owner is chat.person and not wish.by_hand
        inbound.share_contact(self._platform, account, chat, owner, is_requested=is_requested)
        return _answer({"ok": True})

    async def _send(self, request: web.Request) -> web.Response:
        account, chat = self._find(request)
        kind = (await _read(request, Sending)).kind
        if kind not in KINDS:
            raise ImpossibleAction("no such kind of message")
        inbound.receive(self._platform, account, chat, kind, KINDS[kind])
        return _answer({"ok": True})

    async def _see(self, request: web.Request) -> web.Response:
        account, chat = self._find(request)
        await _read(request, Seeing)
        Outgoing(self._platform, account).mark_seen(chat)
        return _answer({"ok": True})

    async def _flush(self, request: web.Request) -> web.Response:
        self._find_account(request).courier.flush()
        return _answer({"ok": True})

    async def _post_webhook(self, request: web.Request) -> web.Response:
        body = orjson.dumps((await _read(request, Posting)).body)
        self._find_account(request).courier.send(body)
        return _answer({"ok": True})

    async def _show_calls(self, _: web.Request) -> web.Response:
        return _answer(self._log.show())

    async def _clear_calls(self, _: web.Request) -> web.Response:
        self._log.clear()
        return _answer({"total": 0})

    async def _start_afresh(self, _: web.Request) -> web.Response:
        self._reset()
        return _answer({"ok": True})

    def _find_account(self, request: web.Request) -> Account:
        account = self._platform.accounts.get(int(request.match_info["number"]))
        if account is None:
            raise web.HTTPNotFound(text="no such number")
        return account

    def _find(self, request: web.Request) -> tuple[Account, Chat]:
        account = self._find_account(request)
        person = self._platform.people.get(int(request.match_info["chat"]))
        if person is None:
            raise web.HTTPNotFound(text="no such person")
        if request.method == "GET":
            return account, account.chats.get(person.id) or Chat(person)
        return account, self._platform.find_chat(account, person)


def _switch_routes(path: str, switches: Adjustable) -> tuple[web.RouteDef, web.RouteDef]:
    async def show(_: web.Request) -> web.Response:
        return _answer(switches.model_dump())

    async def change(request: web.Request) -> web.Response:
        switches.change(orjson.loads(await request.read()))
        return _answer(switches.model_dump())

    return web.get(path, show), web.put(path, change)


def _answer(data: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json")


async def _read(request: web.Request, kind: type[_Wish]) -> _Wish:
    """Raises pydantic's ValidationError."""
    return kind.model_validate_json(await request.read())


@web.middleware
async def _explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Mistakes become `{"error": …}`: 400 unreadable, 404 unknown, 409 impossible."""
    try:
        return await handler(request)
    except ImpossibleAction as error:
        return _answer({"error": str(error)}, 409)
    except ValidationError as error:
        return _answer({"error": error.errors(include_url=False, include_context=False, include_input=False)}, 400)
    except orjson.JSONDecodeError as error:
        return _answer({"error": str(error)}, 400)
    except web.HTTPException as error:
        return _answer({"error": error.text}, error.status)
