"""Chats between a business's number and a person."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.sandbox.whatsapp.people import Payload, Person

Status = Literal["accepted", "sent", "delivered", "read", "failed"]

# A chat keeps this many messages, so that a load test does not fill the memory.
_KEPT = 1000


@dataclass(slots=True)
class Message:
    """One message."""

    id: str
    """The wamid."""
    is_from_bot: bool
    at: datetime
    kind: str
    content: Payload
    """What stands under its type in the API."""
    status: Status = "accepted"
    reference: str = ""
    """`biz_opaque_callback_data`."""


@dataclass(slots=True)
class Chat:
    """What a person sees of one number."""

    person: Person
    messages: dict[str, Message] = field(default_factory=dict)
    last_inbound: datetime | None = None
    typing_until: datetime | None = None
    due: float = 0.0
    """Up to when the pair's budget is spent, as in GCRA; seconds of the sandbox clock."""
    version: int = 0

    def add(self, message: Message) -> None:
        self.messages[message.id] = message
        if len(self.messages) > _KEPT:
            del self.messages[next(iter(self.messages))]


def list_options(message: Message) -> list[Payload]:
    """What can be tapped: `id`, `title`, `description` of each reply button or list row."""
    action = message.content.get("action", {}) if message.kind == "interactive" else {}
    buttons = [button["reply"] for button in action.get("buttons", ())]
    return buttons + [row for section in action.get("sections", ()) for row in section["rows"]]


def read_text(message: Message) -> str:
    """What the message says."""
    content = message.content
    body = content.get("body", content.get("caption", ""))
    return str(body.get("text", "") if isinstance(body, dict) else body)
