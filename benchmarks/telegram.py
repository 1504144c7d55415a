"""Telegram as the benchmark needs it: customers who tap as soon as they are answered, and an API that costs little.

Not the emulator: that one checks every limit, and checking would be measured.
"""

import asyncio
import itertools
from dataclasses import dataclass, field

import aiohttp
import orjson
from aiohttp import web

_JSON = {"Content-Type": "application/json"}
_ME = b'{"ok":true,"result":{"id":1001,"is_bot":true,"first_name":"Harbour Studio","username":"harbour_demo_bot"}}'


@dataclass(slots=True)
class Screen:
    """What one customer last got."""

    message_id: int
    text: str
    rows: list[list[dict[str, str]]]
    asks_contact: bool


@dataclass(slots=True)
class Phone:
    """One customer."""

    chat: int
    screens: asyncio.Queue[Screen] = field(default_factory=asyncio.Queue)


class Platform:
    """The Bot API and the webhook sender in one."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._phones: dict[int, Phone] = {}
        self._updates = itertools.count(1)
        self._messages = itertools.count(1)
        self._result = b'{"ok":true,"result":true}'
        self.session: aiohttp.ClientSession | None = None
        self.webhook = ""
        self.calls = 0

    def join(self, chat: int) -> Phone:
        self._phones[chat] = Phone(chat)
        return self._phones[chat]

    async def take(self, request: web.Request) -> web.Response:
        """`POST /telegram/bot{token}/{method}` with a JSON or form body."""
        self.calls += 1
        method = request.match_info["method"]
        body = await request.read()
        if method == "getMe":
            return web.Response(body=_ME, content_type="application/json")
        if method not in ("sendMessage", "editMessageText"):
            return web.Response(body=self._result, content_type="application/json")
        said = orjson.loads(body)
        chat = int(said["chat_id"])
        message_id = int(said.get("message_id") or next(self._messages))
        markup = said.get("reply_markup") or {}
        phone = self._phones.get(chat)
        if phone is not None:
            phone.screens.put_nowait(Screen(message_id, said["text"], markup.get("inline_keyboard") or [], "keyboard" in markup))
        answer = b'{"ok":true,"result":{"message_id":%d,"date":1,"chat":{"id":%d,"type":"private"}}}' % (message_id, chat)
        return web.Response(body=answer, content_type="application/json")

    async def say(self, phone: Phone, text: str) -> None:
        entities = [{"type": "bot_command", "offset": 0, "length": len(text)}] if text.startswith("/") else []
        await self._deliver({"message": self._message(phone) | {"text": text, "entities": entities}})

    async def share_contact(self, phone: Phone) -> None:
        contact = {"phone_number": f"35191{phone.chat % 10**7:07d}", "first_name": "Mia", "user_id": phone.chat}
        await self._deliver({"message": self._message(phone) | {"contact": contact}})

    async def tap(self, phone: Phone, screen: Screen, data: str) -> None:
        pressed = self._message(phone) | {
            "message_id": screen.message_id,
            "from": {"id": 1001, "is_bot": True, "first_name": "H"},
        }
        query = {
            "id": str(next(self._updates)),
            "from": self._person(phone),
            "message": pressed,
            "data": data,
            "chat_instance": "1",
        }
        await self._deliver({"callback_query": query})

    async def _deliver(self, update: dict[str, object]) -> None:
        assert self.session is not None
        body = orjson.dumps({"update_id": next(self._updates), **update})
        headers = {**_JSON, "X-Telegram-Bot-Api-Secret-Token": self._secret}
        async with self.session.post(self.webhook, data=body, headers=headers) as answer:
            if answer.status != 200:
                raise RuntimeError(f"the bot answered {answer.status}")

    def _message(self, phone: Phone) -> dict[str, object]:
        chat = {"id": phone.chat, "type": "private", "first_name": "Mia"}
        return {"message_id": next(self._messages), "from": self._person(phone), "chat": chat, "date": 1}

    @staticmethod
    def _person(phone: Phone) -> dict[str, object]:
        return {"id": phone.chat, "is_bot": False, "first_name": "Mia", "last_name": "Chen", "language_code": "en"}
