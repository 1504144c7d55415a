"""From an update's bytes to events: lean models that take whatever Telegram leaves out or adds."""

import re
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, Field, ValidationError

from bot.channels.base import Arrival
from bot.channels.tokens import TokenCodec
from bot.channels.wording import clean_name
from bot.conversation.contract import (
    Body,
    Commanded,
    Event,
    Left,
    Person,
    Said,
    SentOther,
    SharedContact,
    Tapped,
)

OTHER_KINDS = (
    "sticker",
    "voice",
    "photo",
    "video_note",
    "video",
    "animation",
    "audio",
    "document",
    "paid_media",
    "story",
    "venue",
    "location",
    "poll",
    "dice",
    "game",
    "checklist",
)
"""Content of a message that people send and we do not read; the wider kind comes after the narrower that includes it.
Whatever else comes without text is a service message ("pinned", "joined", …) and needs no answer."""

_Id = Annotated[int, Field(ge=-(2**63), lt=2**63)]
"""Telegram's ids have at most 52 significant bits (Bot API, Chat.id). What does not even fit 64 could not be answered."""

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)


class _User(BaseModel):
    id: _Id
    is_bot: bool = False
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None


class _Chat(BaseModel):
    id: _Id
    type: str | None = None


class _Contact(BaseModel):
    phone_number: str = ""
    first_name: str | None = None
    last_name: str | None = None
    user_id: _Id | None = None


class _Replied(BaseModel):
    from_: _User | None = Field(None, alias="from")


class _Message(BaseModel):
    chat: _Chat
    message_id: _Id = 0
    from_: _User | None = Field(None, alias="from")
    sender_chat: _Chat | None = None
    via_bot: _User | None = None
    reply_to_message: _Replied | None = None
    media_group_id: str | None = None
    text: str | None = None
    contact: _Contact | None = None
    forward_origin: object = None
    forward_date: object = None


class _Pressed(BaseModel):
    """Of the message under a button nothing but its place is sure: an old one comes without the rest (date 0)."""

    chat: _Chat
    message_id: _Id


class _Callback(BaseModel):
    id: str
    from_: _User = Field(alias="from")
    message: _Pressed | None = None
    data: str = ""


class _Member(BaseModel):
    status: str = ""


class _Membership(BaseModel):
    chat: _Chat
    from_: _User | None = Field(None, alias="from")
    new_chat_member: _Member = _Member()


class _Update(BaseModel):
    update_id: _Id
    message: _Message | None = None
    callback_query: _Callback | None = None
    my_chat_member: _Membership | None = None


class UpdateReader:
    """Reads the updates of one bot."""

    def __init__(self, codec: TokenCodec, *, bot_id: int, username: str = "") -> None:
        self._codec = codec
        self._bot_id = bot_id
        self.username = username
        """Without `@`. While it is unknown, a command for a named bot counts as ours: unless made an administrator
        of a group, a bot is handed only those (Bot API, privacy mode)."""

    def read(self, body: bytes) -> tuple[Arrival, ...]:
        """Raises ValueError, without a word of the content, for what is not an update."""
        try:
            update = _Update.model_validate_json(body)
        except ValidationError:
            raise ValueError("not an update of the Bot API") from None
        digest = str(update.update_id)
        if update.callback_query is not None:
            return self._read_tap(update.callback_query, digest)
        if update.message is not None:
            return self._read_message(update.message, digest, body=body)
        if update.my_chat_member is not None:
            return _read_membership(update.my_chat_member, digest)
        return ()

    def _read_tap(self, query: _Callback, digest: str) -> tuple[Arrival, ...]:
        if query.message is None:  # of an inline message: none of ours
            return ()
        chat = str(query.message.chat.id)
        step, value = self._codec.open(chat, query.data) or ("", "")
        body = Tapped(step=step, value=value, message=str(query.message.message_id), query=query.id)
        return (Arrival(chat, digest, Event(body, _describe(query.from_))),)

    def _read_message(self, message: _Message, digest: str, *, body: bytes) -> tuple[Arrival, ...]:
        sender = message.from_
        if sender is None or sender.is_bot or message.sender_chat is not None or message.chat.type == "channel":
            return ()  # bots, anonymous administrators, linked channels
        content = self._read_content(message, sender, body=body)
        if content is None:
            return ()
        if message.media_group_id is not None:
            # An album comes as one message a picture; one identity for all of them makes it one event.
            digest = f"album-{message.media_group_id}"
        return (Arrival(str(message.chat.id), digest, Event(content, _describe(sender))),)

    def _read_content(self, message: _Message, sender: _User, *, body: bytes) -> Body | None:
        """None for what is not meant for us or needs no answer."""
        text = message.text
        if text is not None and message.via_bot is None:
            return self._read_text(message, text)
        if not self._is_addressed(message):
            return None
        if message.contact is not None:
            return _read_contact(message, message.contact, sender)
        if text is not None:
            return SentOther("via_bot")  # the words of another bot
        kind = _find_kind(body)
        return SentOther(kind) if kind else None

    def _read_text(self, message: _Message, text: str) -> Body | None:
        command = _COMMAND.fullmatch(text)
        if command is not None:
            name, bot, argument = command.groups()
            return Commanded(name.lower(), (argument or "").strip()) if self._is_us(bot) else None
        if self._is_addressed(message):
            return Said(text)
        mention = f"@{self.username} ".lower()
        if self.username and text.lower().startswith(mention):
            return Said(text[len(mention) :].strip())
        return None

    def _is_us(self, bot: str | None) -> bool:
        return bot is None or not self.username or bot.lower() == self.username.lower()

    def _is_addressed(self, message: _Message) -> bool:
        """In a group, only an answer to one of our messages is."""
        if message.chat.id > 0:
            return True
        replied = message.reply_to_message
        return replied is not None and replied.from_ is not None and replied.from_.id == self._bot_id


def _read_contact(message: _Message, contact: _Contact, sender: _User) -> SharedContact:
    """Own only if Telegram says that the card is the sender's, and the sender handed it over in person."""
    is_passed_on = message.forward_origin is not None or message.forward_date is not None or message.via_bot is not None
    return SharedContact(
        phone=contact.phone_number,
        name=_join_name(contact.first_name, contact.last_name),
        is_own=contact.user_id == sender.id and not is_passed_on,
    )


def _read_membership(membership: _Membership, digest: str) -> tuple[Arrival, ...]:
    if membership.chat.type == "channel" or membership.new_chat_member.status not in ("kicked", "left"):
        return ()
    person = _describe(membership.from_) if membership.from_ is not None else Person()
    return (Arrival(str(membership.chat.id), digest, Event(Left(), person)),)


def _find_kind(body: bytes) -> str:
    """Looked for only when nothing else was found, so that the usual update need not be read twice."""
    message: dict[str, Any] = orjson.loads(body)["message"]
    return next((kind for kind in OTHER_KINDS if message.get(kind) is not None), "")


def _describe(user: _User) -> Person:
    return Person(id=str(user.id), name=_join_name(user.first_name, user.last_name), language=user.language_code or "")


def _join_name(first: str | None, last: str | None) -> str:
    return clean_name(f"{first or ''} {last or ''}" if last else first or "")
