"""Updates as Telegram sends them, of every kind there is, to be broken."""

import random
from collections.abc import Callable, Sequence
from typing import Any

from bot.channels.telegram.updates import OTHER_KINDS
from bot.channels.tokens import TokenCodec

Json = Any

COMMANDS: tuple[str, ...] = (
    "/start",
    "/start abc",
    "/menu",
    "/cancel",
    "/human",
    "/language",
    "/help",
    "/book@harbour_demo_bot",
    "/menu@Other",
    "/",
)
LINES = (
    "hello",
    "haircut tomorrow 5pm with Anna",
    "corte mañana a las 17",
    "2",
    "yes",
    "no",
    "back",
    "+351 912 345 678",
    "anna@example.com",
    "Anna Berg",
    "31.02.2027",
    "25:61",
    "9" * 40,
    "🙂" * 50,
    "a" * 4096,
    "<b>bold</b> & *so* _on_ [x](tg://user?id=1)",
    "\u202eevil\u202c",
    "z" + "\u0301" * 200,
    *(
        "\u0000",
        " ",
        "²",
        "١٢",
        "½",
        "Ⅷ",
        "0",
        "-3",
        "1.5",
        "2e9",
        "1,2,3",
        "\uff15",
        "99:99",
        "12/13/14",
        "29 feb",
        "tomorrow " * 40,
    ),
)
STEPS = (
    *("location", "service", "staff", "day", "time", "name", "phone", "email", "edit", "confirm", "menu", "back", "restart"),
    *("resume", "again", "cancel", "stop", "person", "language", "help", "page", "calendar", "other", "nothing"),
)
VALUES = (
    *("", "any", "0", "-1", "999999", "2027-03-02", "2027-13-40", "2027-03-02T17:00", "9999-12-31T23:59", "0001-01-01", "es"),
    *("x" * 30, "7f3c2a10-11ee-4b7e-9d3a-446655440000", "name", "time", "²", "١٢", "known", "platform"),
)
KINDS = (
    *("edited_message", "channel_post", "edited_channel_post", "inline_query", "poll", "poll_answer", "chat_member"),
    *("message_reaction", "business_message", "pre_checkout_query", "hologram"),
)
AWAY = frozenset({"menu", "back", "restart", "again", "cancel", "stop", "person", "language", "help", "edit", "page", "calendar"})
"""Steps of buttons that lead away from a booking."""
REGULARS = 8
"""People who do most of it: they come far."""
GROUPS = (-1001001, -1001004, -1002000000000)


class Shapes:
    """Makes one update after the other, each new."""

    def __init__(
        self, dice: random.Random, people: Sequence[int], *, codec: TokenCodec, look: Callable[[int], Sequence[str]]
    ) -> None:
        """`look`: what the buttons carry that somebody has on the screen now."""
        self._dice = dice
        self._people = people
        self._codec = codec
        self._look = look
        self._number = dice.randrange(10**8, 10**9)

    def make(self) -> Json:
        """An update that Telegram might send."""
        self._number += 1
        kind = self._dice.choices(("text", "tap", "content", "contact", "member", "else"), (25, 52, 6, 9, 3, 5))[0]
        body = {
            "text": self._say,
            "tap": self._tap,
            "content": self._send,
            "contact": self._share,
            "member": self._leave,
            "else": self._other,
        }[kind]()
        return {"update_id": self._number, **body}

    def _person(self) -> Json:
        number = self._dice.choice(self._people[: REGULARS if self._dice.random() < 0.6 else None])
        names = self._dice.choice(
            ((), (("last_name", "Ortega"),), (("username", "mia"), ("language_code", "es")), (("language_code", "zz-x"),))
        )
        return {"id": number, "is_bot": False, "first_name": "Mia", **dict(names)}

    def _message(self, **more: Json) -> Json:
        person = self._person()
        chat: Json = {"id": person["id"], "type": "private", "first_name": "Mia"}
        if self._dice.random() < 0.05:
            chat = {"id": self._dice.choice(GROUPS), "type": "supergroup", "title": "Desk"}
        return {"message_id": self._dice.randrange(1, 10**6), "from": person, "chat": chat, "date": 1_795_000_000, **more}

    def _say(self) -> Json:
        text = self._dice.choice(COMMANDS if self._dice.random() < 0.3 else LINES)
        return {"message": self._message(text=text, entities=[{"type": "bold", "offset": 0, "length": len(text)}])}

    def _tap(self) -> Json:
        person = self._person()
        chat, shown = person["id"], self._look(person["id"])
        onward = [data for data in shown if not self._leads_away(chat, data)]
        if shown and self._dice.random() < 0.85:
            data = self._dice.choice(onward if onward and self._dice.random() < 0.9 else shown)
        else:
            step, value = self._dice.choice(STEPS), self._dice.choice(VALUES)
            data = self._codec.seal(str(chat), step, value)
        under = {"message_id": self._dice.randrange(1, 500), "chat": {"id": chat, "type": "private"}, "date": 0}
        query = {"id": str(self._number), "from": person, "message": under, "chat_instance": "1", "data": data}
        return {"callback_query": query}

    def _leads_away(self, chat: int, data: str) -> bool:
        return (self._codec.open(str(chat), data) or ("",))[0] in AWAY

    def _send(self) -> Json:
        kind = self._dice.choice((*OTHER_KINDS, "pinned_message", "new_chat_members", "migrate_to_chat_id", "successful_payment"))
        more = {"media_group_id": str(self._dice.randrange(5))} if self._dice.random() < 0.1 else {}
        return {"message": self._message(**{kind: {"file_id": "x", "width": 1}}, **more)}

    def _share(self) -> Json:
        message = self._message()
        owner = message["from"]["id"] if self._dice.random() < 0.7 else 77
        phone = self._dice.choice(("351912345678", "351912345678", "+1 212 555 0142", "0", "", "abc", "9" * 300))
        return {"message": {**message, "contact": {"phone_number": phone, "first_name": "Mia", "user_id": owner}}}

    def _leave(self) -> Json:
        person = self._person()
        states = {"old_chat_member": {"status": "member"}, "new_chat_member": {"status": "kicked"}}
        return {"my_chat_member": {"chat": {"id": person["id"], "type": "private"}, "from": person, "date": 1, **states}}

    def _other(self) -> Json:
        return {self._dice.choice(KINDS): self._message(text="hello")}
