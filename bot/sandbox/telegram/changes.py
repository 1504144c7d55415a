"""Bot API methods that change or answer what is already in a chat."""

from bot.sandbox.telegram.calls import Call
from bot.sandbox.telegram.chats import Chat, Message, Payload
from bot.sandbox.telegram.markup import Rows, read_markup
from bot.sandbox.telegram.messages import read_caption, read_message_text
from bot.sandbox.telegram.refusals import refuse_request
from bot.sandbox.telegram.text import count_units

# telegram.md section 4.
LONGEST_ANSWER = 200
DELETABLE_SECONDS = 48 * 3600

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)
_QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def edit_message_text(call: Call) -> Payload:
    content = read_message_text(call)
    message = _find_editable(call)
    if message.kind != "text":
        raise refuse_request("there is no text in the message to edit")
    return _change(call, message, content=content)


def edit_message_caption(call: Call) -> Payload:
    caption = read_caption(call)
    message = _find_editable(call)
    if message.kind != "document":
        raise refuse_request("there is no caption in the message to edit")
    return _change(call, message, content={"document": message.content["document"], **caption})


def edit_message_reply_markup(call: Call) -> Payload:
    message = _find_editable(call)
    return _change(call, message, content=message.content)


def _find_message(call: Call, missing: str) -> tuple[Chat, Message]:
    chat = call.find_chat()
    ident = call.params.number("message_id")
    if not ident:
        raise refuse_request("message identifier is not specified")
    call.check_access(chat)
    message = chat.messages.get(ident)
    if message is None:
        raise refuse_request(missing)
    return chat, message


def _find_editable(call: Call) -> Message:
    _, message = _find_message(call, "message to edit not found")
    if not message.is_from_bot or message.has_other_markup:
        raise refuse_request("message can't be edited")
    return message


def _change(call: Call, message: Message, *, content: Payload) -> Payload:
    """Leaving out reply_markup removes the inline keyboard."""
    rows = _read_rows(call, message.chat)
    if content == message.content and rows == message.rows:
        raise refuse_request(_NOT_MODIFIED)
    if call.platform.switches.edits_count:
        call.check_pace(message.chat)
    message.content, message.rows, message.edit_date = content, rows, int(call.now)
    call.platform.touch(call.account, message.chat)
    return message.payload()


def _read_rows(call: Call, chat: Chat) -> Rows | None:
    raw = call.params.tree("reply_markup")
    if isinstance(raw, dict) and raw and "inline_keyboard" not in raw:
        raise refuse_request("inline keyboard expected")
    return read_markup(raw, is_private=chat.is_private, switches=call.platform.switches).inline


def delete_message(call: Call) -> bool:
    """Own messages, in private chats also incoming ones, as admin anyone's; none older than 48 h."""
    chat, message = _find_message(call, "message to delete not found")
    is_allowed = message.is_from_bot or chat.is_private or chat.status == "administrator"
    if not is_allowed or call.now - message.date > DELETABLE_SECONDS:
        raise refuse_request("message can't be deleted")
    del chat.messages[message.id]
    call.platform.touch(call.account, chat)
    return True


def answer_callback_query(call: Call) -> bool:
    params = call.params
    text = params.text("text")
    if count_units(text) > LONGEST_ANSWER:
        raise refuse_request("MESSAGE_TOO_LONG")
    query = call.account.queries.get(params.text("callback_query_id"))
    if query is None or call.now - query.at > call.platform.switches.answer_deadline_seconds:
        raise refuse_request(_QUERY_TOO_OLD)
    query.chat.toasts.append(
        {
            "id": query.id,
            "message_id": query.message_id,
            "person": query.person.id,
            "text": text,
            "show_alert": params.flag("show_alert"),
            "at": call.now,
        }
    )
    call.platform.touch(call.account, query.chat)
    return True
