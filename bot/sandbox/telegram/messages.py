"""Bot API methods that put new messages into a chat."""

from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.telegram.calls import Call
from bot.sandbox.telegram.chats import Chat, Message, Payload
from bot.sandbox.telegram.markup import Markup, read_markup
from bot.sandbox.telegram.params import Upload
from bot.sandbox.telegram.refusals import Refused, refuse_request
from bot.sandbox.telegram.text import count_units, read_text

# telegram.md section 4.
LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LARGEST_UPLOAD = 50 * 1024 * 1024
# The only files that Telegram fetches by URL for sendDocument.
_FETCHED = {".gif": "image/gif", ".pdf": "application/pdf", ".zip": "application/zip"}

_ACTIONS = frozenset({
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
})  # fmt: skip


def read_message_text(call: Call) -> Payload:
    """The content of a text message. Raises Refused."""
    params = call.params
    text, entities = read_text(params.text("text"), params.text("parse_mode"), params.tree("entities"))
    if not text:
        raise refuse_request("message text is empty")
    if _measure(call, text) > LONGEST_TEXT:
        raise refuse_request("message is too long")
    return {"text": text, "entities": entities} if entities else {"text": text}


def read_caption(call: Call) -> Payload:
    params = call.params
    text, entities = read_text(params.text("caption"), params.text("parse_mode"), params.tree("caption_entities"))
    if _measure(call, text) > LONGEST_CAPTION:
        raise refuse_request("message caption is too long")
    return {name: value for name, value in (("caption", text), ("caption_entities", entities)) if value}


def _measure(call: Call, text: str) -> int:
    return count_units(text) if call.platform.switches.strict_text else len(text)


def send_message(call: Call) -> Payload:
    return _send(call, "text", read_message_text(call))


def send_location(call: Call) -> Payload:
    return _send(call, "location", {"location": _read_place(call)})


def send_venue(call: Call) -> Payload:
    title, address = call.params.text("title"), call.params.text("address")
    if not title or not address:
        raise refuse_request(f"venue {'address' if title else 'title'} must be non-empty")
    place = _read_place(call)
    return _send(call, "venue", {"location": place, "venue": {"location": place, "title": title, "address": address}})


def _read_place(call: Call) -> Payload:
    latitude, longitude = call.params.decimal("latitude"), call.params.decimal("longitude")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise refuse_request("wrong latitude or longitude specified")
    return {"latitude": latitude, "longitude": longitude}


def send_document(call: Call) -> Payload:
    document = _read_document(call)
    return _send(call, "document", {"document": document, **read_caption(call)})


def _read_document(call: Call) -> Payload:
    value: Any = call.params.raw.get("document")
    if isinstance(value, str) and value.startswith("attach://"):
        value = call.params.raw.get(value.removeprefix("attach://"))
    if isinstance(value, Upload):
        return _keep_upload(call, value)
    if not isinstance(value, str) or not value:
        raise refuse_request("there is no document in the request")
    if value in call.account.files:
        return dict(call.account.files[value][0])
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https"):
        raise refuse_request("wrong remote file identifier specified: Wrong character in the string")
    suffix = parts.path[parts.path.rfind(".") :].lower()
    if suffix not in _FETCHED:
        raise refuse_request("wrong type of the web page content")
    return _name_file(call, parts.path.rpartition("/")[2], _FETCHED[suffix], b"")


def _keep_upload(call: Call, upload: Upload) -> Payload:
    if len(upload.content) > LARGEST_UPLOAD:
        raise Refused(413, "Request Entity Too Large")
    if not upload.content:
        raise refuse_request("file must be non-empty")
    return _name_file(call, upload.file_name, upload.mime_type, upload.content)


def _name_file(call: Call, name: str, mime: str, content: bytes) -> Payload:
    ident = f"file-{call.platform.next_query_id()}"
    document = {
        "file_id": ident, "file_unique_id": ident[5:], "file_name": name, "mime_type": mime, "file_size": len(content),
    }  # fmt: skip
    call.account.keep_file(document, content)
    return document


def _send(call: Call, kind: str, content: Payload) -> Payload:
    """The last steps of every send: markup, chat, limits, and only then the message."""
    chat = call.find_chat()
    markup = read_markup(call.params.tree("reply_markup"), is_private=chat.is_private, switches=call.platform.switches)
    call.check_access(chat)
    extra = _read_thread(call, chat)
    extra.update(_read_reply_to(call, chat))
    call.check_pace(chat)
    message = call.platform.post(
        call.account,
        chat,
        call.account.payload,
        kind=kind,
        content=content,
        rows=markup.inline,
        has_other_markup=markup.reply is not None or markup.removes or markup.forces_reply,
        is_silent=call.params.flag("disable_notification"),
        extra=extra,
    )
    _change_reply_keyboard(chat, markup)
    chat.has_other_bot_spoken = False
    return message.payload()


def _change_reply_keyboard(chat: Chat, markup: Markup) -> None:
    if markup.reply is not None:
        chat.reply_keyboard = markup.reply
    elif markup.removes:
        chat.reply_keyboard = None


def _read_thread(call: Call, chat: Chat) -> Payload:
    """The General topic has no id: 1 is refused as well (telegram.md section 10)."""
    if "message_thread_id" not in call.params.raw:
        return {}
    thread = call.params.number("message_thread_id")
    if thread not in chat.topics:
        raise refuse_request("message thread not found")
    return {"message_thread_id": thread, "is_topic_message": True}


def _read_reply_to(call: Call, chat: Chat) -> Payload:
    wish = call.params.tree("reply_parameters") if "reply_parameters" in call.params.raw else None
    ident = wish.get("message_id", 0) if isinstance(wish, dict) else call.params.number("reply_to_message_id")
    if not ident:
        return {}
    message = chat.messages.get(int(ident))
    if message is not None:
        return {"reply_to_message": show_reply(message)}
    allowed = (
        wish.get("allow_sending_without_reply") if isinstance(wish, dict) else call.params.flag("allow_sending_without_reply")
    )
    if allowed:
        return {}
    raise refuse_request("message to be replied not found")


def show_reply(message: Message) -> Payload:
    """A message inside another; Telegram nests one level only."""
    payload = message.payload()
    payload.pop("reply_to_message", None)
    return payload


def send_chat_action(call: Call) -> bool:
    chat = call.find_chat()
    call.check_access(chat)
    if call.params.text("action") not in _ACTIONS:
        raise refuse_request("wrong parameter action in request")
    return True
