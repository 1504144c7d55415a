"""The control routes through which a person acts; each answers with the number of the update it caused."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from aiohttp import web

from bot.sandbox.telegram import wishes
from bot.sandbox.telegram.chats import Chat, Payload, Person
from bot.sandbox.telegram.desk import answer, find_account, find_chat, find_person, read_wish
from bot.sandbox.telegram.kinds import make_contact, make_content, mark_forwarded
from bot.sandbox.telegram.people import ImpossibleAction, People, find_message
from bot.sandbox.telegram.platform import Account, Platform
from bot.sandbox.telegram.updates import Update

# Real seconds that `?wait=answered` waits for the bot.
_LONGEST_WAIT = 30.0

_Wish = TypeVar("_Wish", bound=wishes.Acting)
_Act = Callable[[Account, Chat, Person, _Wish], Update | None]


class Acting:
    """Routes under /control/telegram/{bot}/chats/{chat}."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._people = People(platform)

    def add_routes(self, app: web.Application) -> None:
        self._add(app, "say", wishes.Saying, self._say)
        self._add(app, "contact", wishes.SharingContact, self._share_contact)
        self._add(app, "send", wishes.Sending, self._send)
        self._add(app, "edit", wishes.Editing, self._edit)
        self._add(app, "start", wishes.Starting, self._start)
        self._add(app, "block", wishes.Acting, self._block)
        self._add(app, "unblock", wishes.Acting, self._unblock)
        self._add(app, "group", wishes.GroupChange, self._change_group)
        app.router.add_post(r"/{bot:\d+}/chats/{chat:-?\d+}/tap", self._tap)
        app.router.add_post(r"/{bot:\d+}/chats/{chat:-?\d+}/migrate", self._migrate)
        app.router.add_post(r"/{bot:\d+}/updates", self._inject)

    def _add(self, app: web.Application, name: str, kind: type[_Wish], act: _Act[_Wish]) -> None:
        async def handle(request: web.Request) -> web.Response:
            wish = await read_wish(request, kind)
            account, chat, person = self._find(request, wish)
            return await _report(request, act(account, chat, person, wish))

        app.router.add_post(rf"/{{bot:\d+}}/chats/{{chat:-?\d+}}/{name}", handle)

    def _find(self, request: web.Request, wish: wishes.Acting) -> tuple[Account, Chat, Person]:
        account = find_account(self._platform, request)
        ident = int(request.match_info["chat"])
        person = find_person(self._platform, wish.person)
        if ident == person.id:
            return account, self._platform.private_chat(account, person), person
        chat = find_chat(self._platform, account, ident)
        if chat.is_private:
            raise ImpossibleAction("this private chat is somebody else's")
        return account, chat, person

    def _say(self, account: Account, chat: Chat, person: Person, wish: wishes.Saying) -> Update | None:
        extra = mark_forwarded(person, self._platform.now()) if wish.forwarded else {}
        if wish.thread:
            extra |= {"message_thread_id": wish.thread, "is_topic_message": True}
        if wish.via_other_bot:
            extra["via_bot"] = {"id": 77, "is_bot": True, "first_name": "Gif", "username": "gif"}
        return self._people.say(account, chat, person, text=wish.text, reply_to=wish.reply_to, anonymous=wish.anonymous, **extra)

    def _share_contact(self, account: Account, chat: Chat, person: Person, wish: wishes.SharingContact) -> Update | None:
        owner = person if wish.of == "own" else find_person(self._platform, wish.of)
        content = make_contact(owner, has_user_id=not wish.without_user_id)
        extra = mark_forwarded(owner, self._platform.now()) if wish.forwarded else {}
        self._people.use_up_contact_button(chat)
        return self._people.send(account, chat, person, kind="contact", content=content, extra=extra)

    def _send(self, account: Account, chat: Chat, person: Person, wish: wishes.Sending) -> Update | None:
        content = make_content(wish.kind, caption=wish.caption, latitude=wish.latitude, longitude=wish.longitude)
        if content is None:
            raise ImpossibleAction(f"no such kind of message: {wish.kind}")
        extra: Payload = mark_forwarded(person, self._platform.now()) if wish.forwarded else {}
        if wish.media_group_id:
            extra["media_group_id"] = wish.media_group_id
        return self._people.send(account, chat, person, kind=wish.kind, content=content, extra=extra)

    def _edit(self, account: Account, chat: Chat, person: Person, wish: wishes.Editing) -> Update | None:
        content: Payload = {"text": wish.text} if wish.text else {}
        if wish.latitude is not None and wish.longitude is not None:
            content = {"location": {"latitude": wish.latitude, "longitude": wish.longitude, "live_period": 900}}
        return self._people.edit(account, chat, person, message_id=wish.message_id, content=content)

    def _start(self, account: Account, chat: Chat, person: Person, wish: wishes.Starting) -> Update | None:
        return self._people.start(account, chat, person, wish.payload)

    def _block(self, account: Account, chat: Chat, person: Person, _: wishes.Acting) -> Update | None:
        return self._people.block(account, chat, person, is_blocked=True)

    def _unblock(self, account: Account, chat: Chat, person: Person, _: wishes.Acting) -> Update | None:
        return self._people.block(account, chat, person, is_blocked=False)

    def _change_group(self, account: Account, chat: Chat, person: Person, wish: wishes.GroupChange) -> Update | None:
        if chat.is_private:
            raise ImpossibleAction("not a group")
        if wish.topics is not None:
            chat.topics, chat.is_forum = set(wish.topics), bool(wish.topics)
        chat.has_other_bot_spoken = wish.other_bot_spoke
        if wish.status is None or wish.status == chat.status:
            return None
        return self._people.change_membership(account, chat, person, wish.status)

    async def _tap(self, request: web.Request) -> web.Response:
        wish = await read_wish(request, wishes.Tapping)
        account, chat, person = self._find(request, wish)
        button = {"callback_data": wish.data} if wish.data is not None else _find_button(chat, wish)
        if "url" in button:
            return answer({"update_id": None, "url": button["url"]})
        if "callback_data" not in button:
            raise ImpossibleAction("this button sends nothing")
        update = self._people.tap(
            account,
            chat,
            person,
            message_id=wish.message_id,
            data=button["callback_data"],
            is_inaccessible=wish.inaccessible,
        )
        return await _report(request, update)

    async def _migrate(self, request: web.Request) -> web.Response:
        account = find_account(self._platform, request)
        wish = wishes.Migrating.model_validate_json(await request.read() or b"{}")
        chat = find_chat(self._platform, account, int(request.match_info["chat"]))
        person = next(iter(self._platform.people.values())) if wish.person is None else find_person(self._platform, wish.person)
        return answer({"chat_id": self._people.migrate(account, chat, person).id})

    async def _inject(self, request: web.Request) -> web.Response:
        """An update exactly as given; without an update_id it is numbered."""
        account = find_account(self._platform, request)
        raw = orjson.loads(await request.read())
        if not isinstance(raw, dict) or not set(raw) - {"update_id"}:
            raise ImpossibleAction("an update is an object with a kind")
        queue, user = _choose_queue(raw)
        return await _report(request, self._platform.push(account, raw, queue=queue, user=user))


def _find_button(chat: Chat, wish: wishes.Tapping) -> dict[str, Any]:
    rows = find_message(chat, wish.message_id).rows or []
    try:
        return rows[wish.row or 0][wish.column or 0]
    except IndexError:
        raise ImpossibleAction("no button at this place") from None


def _choose_queue(raw: dict[str, Any]) -> tuple[str, int]:
    """The queue a real update of this shape would travel in, and its user."""
    kind, body = next((key, value) for key, value in raw.items() if key != "update_id")
    if not isinstance(body, dict):
        return f"other:{kind}", 0
    user = body.get("from", {}).get("id", 0) if isinstance(body.get("from"), dict) else 0
    if kind == "callback_query":
        return f"callback:{user}", user
    chat = body.get("chat", {}).get("id", 0) if isinstance(body.get("chat"), dict) else 0
    return (f"membership:{chat}" if "member" in kind else f"message:{chat}"), user


async def _report(request: web.Request, update: Update | None) -> web.Response:
    """`?wait=answered`: once the bot has acknowledged the update, or gave up; `answered` says which."""
    if update is None:
        return answer({"update_id": None})
    if request.query.get("wait") != "answered":
        return answer({"update_id": update.id})
    try:
        async with asyncio.timeout(_LONGEST_WAIT):
            await update.done.wait()
    except TimeoutError:
        pass
    return answer({"update_id": update.id, "answered": update.is_acknowledged})
