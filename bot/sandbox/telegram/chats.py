"""What the emulated Telegram knows: people, chats, messages."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.sandbox.telegram.markup import Rows

Payload = dict[str, Any]
ChatKind = Literal["private", "group", "supergroup"]
BotStatus = Literal["member", "administrator", "left", "kicked", "deleted"]

# A chat keeps this many messages, so that a load test does not fill the memory.
_KEPT_MESSAGES = 1000
_KEPT_TOASTS = 20


class Person:
    """A human with an account."""

    __slots__ = ("id", "is_deactivated", "payload", "phone")

    def __init__(self, ident: int, *, first_name: str, phone: str = "", **optional: str) -> None:
        """`optional`: last_name, username, language_code; left out of the payload where empty, as Telegram does."""
        self.id = ident
        self.phone = phone
        self.is_deactivated = False
        self.payload: Payload = {"id": ident, "is_bot": False, "first_name": first_name}
        self.payload.update((name, value) for name, value in optional.items() if value)

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.payload["first_name"], self.payload.get("last_name"))))


@dataclass(slots=True, eq=False)
class Message:
    """One message as it stands now."""

    id: int
    chat: "Chat"
    sender: Payload
    is_from_bot: bool
    date: int
    kind: str
    content: Payload
    """The fields of the Bot API's Message that carry what it says: text, entities, contact, document …"""
    rows: Rows | None = None
    """The inline keyboard."""
    has_other_markup: bool = False
    edit_date: int = 0
    is_silent: bool = False
    extra: Payload = field(default_factory=dict)
    """Further fields: reply_to_message, forward_origin, sender_chat, message_thread_id …"""

    def payload(self) -> Payload:
        payload = {
            "message_id": self.id,
            "from": self.sender,
            "chat": self.chat.payload,
            "date": self.date,
            **self.extra,
            **self.content,
        }
        if self.edit_date:
            payload["edit_date"] = self.edit_date
        if self.rows:
            payload["reply_markup"] = {"inline_keyboard": self.rows}
        return payload


class Chat:
    """One chat of one bot."""

    __slots__ = (
        "has_other_bot_spoken", "id", "is_blocked", "is_forum", "kind", "messages", "migrated_to", "payload", "reply_keyboard",
        "status", "toasts", "topics", "version",
    )  # fmt: skip

    def __init__(self, ident: int, kind: ChatKind, payload: Payload) -> None:
        self.id = ident
        self.kind = kind
        self.payload: Payload = {"id": ident, "type": kind, **payload}
        self.messages: dict[int, Message] = {}
        self.reply_keyboard: Payload | None = None
        self.toasts: deque[Payload] = deque(maxlen=_KEPT_TOASTS)
        self.version = 0
        self.is_blocked = False
        self.status: BotStatus = "member"
        self.migrated_to = 0
        self.is_forum = False
        self.topics: set[int] = set()
        self.has_other_bot_spoken = False

    @property
    def is_private(self) -> bool:
        return self.kind == "private"

    def add(self, message: Message) -> None:
        self.messages[message.id] = message
        if len(self.messages) > _KEPT_MESSAGES:
            del self.messages[next(iter(self.messages))]


@dataclass(slots=True)
class Query:
    """A tap that waits for answerCallbackQuery."""

    id: str
    person: Person
    chat: Chat
    message_id: int
    at: float


def open_private_chat(person: Person) -> Chat:
    """The chat's id is the person's."""
    names: Payload = {name: person.payload[name] for name in ("first_name", "last_name", "username") if name in person.payload}
    return Chat(person.id, "private", names)
