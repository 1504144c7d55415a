"""From a worded message to text, reply buttons, list or contact request, inside every limit of whatsapp.md section 6."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.channels.base import Button, Message
from bot.channels.tokens import TokenCodec
from bot.channels.wording import ELLIPSIS, count_utf16, cut, mend

MAX_TEXT = 4096
"""Of a message without buttons. All lengths are in UTF-16 units, the strictest way to count Meta's characters."""
MAX_BODY = 1024
"""Of a message with buttons."""
MAX_BUTTONS, MAX_TITLE = 3, 20
MAX_ROWS, MAX_ROW_TITLE, MAX_DESCRIPTION = 10, 24, 72
MAX_OPENER = 20

_DETAILS = " · "
"""Between a name and its details (length, price): in a list they go below it, in every row alike."""
_ENDS = (", ", ": ")
"""Where else a title that is too long may end and its description begin, best first."""


@dataclass(frozen=True, slots=True)
class _Option:
    id: str
    label: str


class Renderer:
    """Writes the messages of one number."""

    def __init__(self, codec: TokenCodec) -> None:
        self._codec = codec

    def render(self, chat: str, message: Message) -> dict[str, object]:
        """`type` and what stands under it. Raises ValueError where a button's value does not fit."""
        text = _fill(mend(message.text))
        if message.asks_contact:
            return _write_interactive("request_contact_info", text, {"name": "request_contact_info"})
        options = self._list_options(chat, message.rows)
        if not options:
            return {"type": "text", "text": {"body": cut(text, MAX_TEXT), "preview_url": False}}
        if _fit_buttons(options):
            buttons = [{"type": "reply", "reply": {"id": option.id, "title": option.label}} for option in options]
            return _write_interactive("button", text, {"buttons": buttons})
        opener = cut(_fill(mend(message.opener)), MAX_OPENER)
        rows = [_write_row(option) for option in _keep_most(options)]
        # One section; its title is marked as required, and there is no better one.
        return _write_interactive("list", text, {"button": opener, "sections": [{"title": opener, "rows": rows}]})

    def _list_options(self, chat: str, rows: Iterable[tuple[Button, ...]]) -> list[_Option]:
        """In reading order. Two buttons that do the same are one: an id may stand there once only."""
        options: dict[str, _Option] = {}
        for row in rows:
            for button in row:
                token = self._codec.seal(chat, button.step, button.value.strip())
                options.setdefault(token, _Option(token, _fill(mend(button.label))))
        return list(options.values())


def split_label(label: str) -> tuple[str, str]:
    """Title and description of a list's row. Nothing of the label is lost that fits into both together."""
    if found := _split_at(label, _DETAILS):
        return found
    if count_utf16(label) <= MAX_ROW_TITLE:
        return label, ""
    ends = (_split_at(label, separator) for separator in _ENDS)
    return next(filter(None, ends), (cut(label, MAX_ROW_TITLE), cut(label, MAX_DESCRIPTION)))


def _split_at(label: str, separator: str) -> tuple[str, str] | None:
    """At the first of them; None where that leaves no title that fits, or nothing to describe."""
    title, _, details = (part.strip() for part in label.partition(separator))
    if not (_is_visible(title) and _is_visible(details)) or count_utf16(title) > MAX_ROW_TITLE:
        return None
    return title, cut(details, MAX_DESCRIPTION)


def _fit_buttons(options: Sequence[_Option]) -> bool:
    labels = {option.label for option in options}
    return len(options) <= MAX_BUTTONS and len(labels) == len(options) and all(count_utf16(one) <= MAX_TITLE for one in labels)


def _keep_most(options: Sequence[_Option]) -> list[_Option]:
    """Pages keep below `MAX_ROWS`; should there be more all the same, the last ones, the ways out, stay."""
    spare = max(0, len(options) - MAX_ROWS)
    keep = MAX_ROWS // 2
    return [*options[: len(options) - spare - keep], *options[len(options) - keep :]] if spare else list(options)


def _write_row(option: _Option) -> dict[str, str]:
    title, description = split_label(option.label)
    row = {"id": option.id, "title": title}
    return {**row, "description": description} if description else row


def _write_interactive(kind: str, text: str, action: dict[str, object]) -> dict[str, object]:
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": cut(text, MAX_BODY)}, "action": action}}


def _fill(text: str) -> str:
    """Something to be seen: a blank text is refused, and would take its buttons with it."""
    text = text.strip()
    return text if _is_visible(text) else ELLIPSIS


def _is_visible(text: str) -> bool:
    return any(character.isprintable() and not character.isspace() for character in text)
