"""From a worded message to the parameters of sendMessage and editMessageText, inside every limit of the Bot API.

Plain text without parse_mode: there is nothing to escape and nothing that could fail to parse.
"""

from collections.abc import Iterable, Mapping

from bot.channels.base import Button, Message
from bot.channels.tokens import TokenCodec
from bot.channels.wording import ELLIPSIS, cut, mend

MAX_TEXT = 4096
"""UTF-16 units of a message's text (Bot API, sendMessage: 4096 characters; counted in their stricter unit)."""
MAX_BUTTONS = 100
"""Inline buttons of one message; undocumented, as python-telegram-bot's InlineKeyboardMarkupLimit has it."""
MAX_ROW = 8
"""Inline buttons side by side; undocumented, same source."""
MAX_LABEL = 64
"""UTF-16 units of a label. No limit is documented; phones show 20 to 30 characters."""

_NO_PREVIEW = {"is_disabled": True}


class Renderer:
    """Writes the messages of one bot."""

    def __init__(self, codec: TokenCodec) -> None:
        self._codec = codec

    def render(self, chat: str, message: Message) -> dict[str, object]:
        """Parameters of sendMessage. ValueError: the chat's id is none of Telegram's, or a button's value does not fit."""
        payload = self._write(chat, message)
        if message.asks_contact and is_private(chat):
            payload["reply_markup"] = _ask_contact(message)
        if message.is_silent:
            payload["disable_notification"] = True
        return payload

    def render_edit(self, chat: str, message: Message) -> dict[str, object] | None:
        """Parameters of editMessageText, or None where only a new message can say it.

        Without buttons the parameter is left out, and Telegram takes the old ones away.
        """
        if not (message.edits.isascii() and message.edits.isdigit()) or (message.asks_contact and is_private(chat)):
            return None
        return self._write(chat, message) | {"message_id": int(message.edits)}

    def _write(self, chat: str, message: Message) -> dict[str, object]:
        payload: dict[str, object] = {
            "chat_id": _read_chat(chat),
            "text": cut(_fill(mend(message.text)), MAX_TEXT),
            "link_preview_options": _NO_PREVIEW,
        }
        if any(message.rows):
            rows = _arrange(message.rows)
            payload["reply_markup"] = {"inline_keyboard": [[self._write_button(chat, button) for button in row] for row in rows]}
        return payload

    def _write_button(self, chat: str, button: Button) -> dict[str, str]:
        made = {"text": _label(button.label), "callback_data": self._codec.seal(chat, button.step, button.value)}
        if button.style:
            made["style"] = button.style
        return made


def is_private(chat: str) -> bool:
    """Groups and channels have negative ids."""
    return not chat.startswith("-")


def _read_chat(chat: str) -> int:
    try:
        return int(chat)
    except ValueError:
        raise ValueError("not the id of a chat on Telegram") from None


def _ask_contact(message: Message) -> Mapping[str, object]:
    """A keyboard in place of the phone's own; its labels come back as typed text."""
    rows: list[list[dict[str, object]]] = [[{"text": _label(message.asks_contact), "request_contact": True}]]
    rows += [[{"text": _label(button.label)} for button in row] for row in _arrange(message.rows)]
    return {"keyboard": rows, "resize_keyboard": True, "one_time_keyboard": True}


def _arrange(rows: Iterable[tuple[Button, ...]]) -> list[tuple[Button, ...]]:
    """Rows no wider than `MAX_ROW`, `MAX_BUTTONS` in all; the last row, the ways out, is never what gives way."""
    narrow = [row[at : at + MAX_ROW] for row in rows for at in range(0, len(row), MAX_ROW)]
    while sum(map(len, narrow)) > MAX_BUTTONS:
        narrow.pop(-2)
    return narrow


def _label(text: str) -> str:
    return cut(_fill(mend(text)), MAX_LABEL)


def _fill(text: str) -> str:
    """Something to be seen: Telegram refuses a blank text, and a refused text would take its buttons with it."""
    text = text.strip()
    return text if any(map(str.isprintable, text)) else ELLIPSIS
