"""From an item's JSON to events: lean models that take whatever Meta leaves out or adds (whatsapp.md section 4)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.channels.tokens import TokenCodec
from bot.channels.whatsapp.contacts import USER_ID, WA_ID, Change, Sender
from bot.channels.whatsapp.ledger import FAILED, SENT, Report
from bot.channels.wording import clean_name
from bot.conversation.contract import Body, Commanded, Event, Person, Said, SentOther, SharedContact, Tapped

OTHER_KINDS = {
    "image": "photo",
    "video": "video",
    "audio": "audio",
    "document": "document",
    "sticker": "sticker",
    "location": "location",
    "order": "order",
    "unsupported": "unsupported",
    "interactive": "unsupported",
    "button": "unsupported",
}
"""Types of messages that people send and we do not read, by our names for them. Whatever else there is needs no answer."""

_REQUESTED = "contact_request"
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:\s+(.*))?", re.DOTALL)
_NUMBER_CHANGED, _ID_CHANGED = "user_changed_number", "user_changed_user_id"


class _Lean(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)


_Model = TypeVar("_Model", bound=_Lean)


class _Text(_Lean):
    body: str = ""


class _Chosen(_Lean):
    id: str = ""


class _Interactive(_Lean):
    button_reply: _Chosen | None = None
    list_reply: _Chosen | None = None


class _Quick(_Lean):
    payload: str = ""
    text: str = ""


class _Context(_Lean):
    id: str | None = None


class _Audio(_Lean):
    voice: bool | None = None


class _Phone(_Lean):
    phone: str | None = None
    wa_id: str | None = None


class _CardName(_Lean):
    formatted_name: str | None = None


class _Card(_Lean):
    name: _CardName | None = None
    phones: list[_Phone] | None = None
    origin: str | None = None


class _System(_Lean):
    type: str | None = None
    wa_id: str | None = None
    new_wa_id: str | None = None
    user_id: str | None = None
    previous_user_id: str | None = None


class _Message(_Lean):
    id: str = Field(min_length=1)
    type: str = ""
    timestamp: str = "0"
    from_: str | None = Field(None, alias="from")
    from_user_id: str | None = None
    from_parent_user_id: str | None = None
    group_id: str | None = None
    context: _Context | None = None
    text: _Text | None = None
    interactive: _Interactive | None = None
    button: _Quick | None = None
    audio: _Audio | None = None
    contacts: list[_Card] | None = None
    origin: str | None = None
    system: _System | None = None


class _Profile(_Lean):
    name: str | None = None


class _Contact(_Lean):
    wa_id: str | None = None
    user_id: str | None = None
    profile: _Profile | None = None


class _Error(_Lean):
    code: int = 0


class _Pricing(_Lean):
    category: str = ""
    type: str = ""


class _Status(_Lean):
    id: str = ""
    status: str = ""
    biz_opaque_callback_data: str | None = None
    errors: list[_Error] | None = None
    pricing: _Pricing | None = None


class _Ids(_Lean):
    previous: str = ""
    current: str = ""


class _IdUpdate(_Lean):
    user_id: _Ids | None = None
    parent_user_id: _Ids | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that somebody wrote, before it is known which chat it belongs to."""

    sender: Sender
    name: str
    message: _Message


@dataclass(frozen=True, slots=True)
class Outcome:
    """A status, and what Meta bills the message as where it says so."""

    report: Report
    category: str = ""
    pricing: str = ""


def read_message(content: Any, contacts: Any) -> Letter | tuple[Change, ...] | None:
    """A letter, what a system message tells of an identity, or None for what is not for us.

    Raises ValueError for what cannot be read.
    """
    message = _check(_Message, content)
    if message.type == "system" and message.system is not None:
        return tuple(_read_system(message.from_, message.system))
    if message.group_id or not (message.type in ("text", "contacts") or message.type in OTHER_KINDS):
        return None
    user_id, parent_id = _read_user_id(message.from_user_id), _read_user_id(message.from_parent_user_id)
    wa_id = _read_number(message.from_)
    if not (user_id or parent_id or wa_id):
        raise ValueError("nobody sent it")
    sender = Sender(user_id, parent_id, wa_id, int(message.timestamp) if message.timestamp.isdecimal() else 0)
    return Letter(sender, _find_name(contacts, user_id=user_id, wa_id=wa_id), message)


def read_event(letter: Letter, chat: str, codec: TokenCodec) -> Event:
    """What was done, once the chat is known for which our buttons were sealed."""
    sender = letter.sender
    person = Person(
        id=sender.user_id or sender.parent_id or sender.wa_id,
        name=letter.name,
        phone=f"+{sender.wa_id}" if sender.wa_id else "",
    )
    return Event(_read_body(letter.message, chat, codec), person)


def read_status(content: Any) -> Outcome | None:
    """None for a status that we do not follow. Raises ValueError for what cannot be read."""
    status = _check(_Status, content)
    if status.status not in SENT and status.status != FAILED:
        return None
    code = next((error.code for error in status.errors or ()), 0) if status.status == FAILED else 0
    report = Report(status.biz_opaque_callback_data or "", status.status, status.id, code)
    pricing = status.pricing or _Pricing()
    return Outcome(report, pricing.category, pricing.type)


def read_update(content: Any) -> tuple[Change, ...]:
    """Of `user_id_update`, the reliable word on a new business-scoped id. Raises ValueError for what cannot be read."""
    update = _check(_IdUpdate, content)
    return tuple(
        Change(ids.previous, ids.current, is_number=False)
        for ids in (update.user_id, update.parent_user_id)
        if ids and _read_user_id(ids.previous) and _read_user_id(ids.current)
    )


def read_code(content: Any) -> int:
    """Of an item of `errors`. Raises ValueError for what cannot be read."""
    return _check(_Error, content).code


def _check(kind: type[_Model], content: Any) -> _Model:
    try:
        return kind.model_validate(content)
    except ValidationError:
        raise ValueError(f"not a {kind.__name__.strip('_').lower()}") from None


def _read_user_id(given: str | None) -> str:
    return given if given and USER_ID.fullmatch(given) else ""


def _read_number(given: str | None) -> str:
    digits = (given or "").removeprefix("+")
    return digits if WA_ID.fullmatch(digits) else ""


def _read_system(sender: str | None, system: _System) -> Iterator[Change]:
    old, new = _read_number(sender), _read_number(system.wa_id or system.new_wa_id)
    if system.type == _NUMBER_CHANGED and old and new:
        yield Change(old, new, is_number=True)
    before, now = _read_user_id(system.previous_user_id), _read_user_id(system.user_id)
    if system.type in (_NUMBER_CHANGED, _ID_CHANGED) and before and now:
        yield Change(before, now, is_number=False)


def _find_name(contacts: Any, *, user_id: str, wa_id: str) -> str:
    """By identity: contacts do not come in the order of the messages, and not one for each."""
    for content in contacts if isinstance(contacts, list) else ():
        try:
            contact = _Contact.model_validate(content)
        except ValidationError:
            continue
        is_theirs = (user_id and contact.user_id == user_id) or (wa_id and _read_number(contact.wa_id) == wa_id)
        if is_theirs and contact.profile and contact.profile.name:
            return clean_name(contact.profile.name)
    return ""


def _read_body(message: _Message, chat: str, codec: TokenCodec) -> Body:
    if message.type == "text" and message.text is not None:
        return _read_text(message.text.body, message.id)
    chosen = message.interactive and (message.interactive.button_reply or message.interactive.list_reply)
    if chosen:
        return _read_tap(chosen.id, message, chat=chat, codec=codec)
    if message.type == "button" and message.button is not None:  # the answer to a template; its payload may be its label
        is_ours = codec.open(chat, message.button.payload) is not None
        if is_ours:
            return _read_tap(message.button.payload, message, chat=chat, codec=codec)
        return _read_text(message.button.text or message.button.payload, message.id)
    if message.type == "contacts" and message.contacts:
        return _read_card(message.contacts[0], message.origin)
    if message.audio is not None and message.audio.voice:
        return SentOther("voice")
    return SentOther(OTHER_KINDS.get(message.type, "unsupported"))


def _read_text(text: str, wamid: str) -> Body:
    command = _COMMAND.fullmatch(text.strip())
    if command is not None:
        name, argument = command.groups()
        return Commanded(name.lower(), (argument or "").strip())
    return Said(text, query=wamid)


def _read_tap(token: str, message: _Message, *, chat: str, codec: TokenCodec) -> Tapped:
    step, value = codec.open(chat, token) or ("", "")
    carrier = message.context.id if message.context else None
    return Tapped(step=step, value=value, message=carrier or "", query=message.id)


def _read_card(card: _Card, origin: str | None) -> SharedContact:
    """The sender's own only where the button of a contact request was used; documented in two places."""
    phone = next((one for one in card.phones or () if one.phone or one.wa_id), _Phone())
    return SharedContact(
        phone=phone.phone or (f"+{phone.wa_id}" if phone.wa_id else ""),
        name=clean_name((card.name.formatted_name if card.name else None) or ""),
        is_own=_REQUESTED in (card.origin, origin),
    )
