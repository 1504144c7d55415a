"""What the Graph API refuses to send (whatsapp.md sections 6 and 17): checked in the strictest reading."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from bot.sandbox.whatsapp.people import Payload
from bot.sandbox.whatsapp.refusals import Refused, refuse_missing, refuse_value

USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")

_MAX_TEXT, _MAX_BODY, _MAX_CAPTION = 4096, 1024, 1024
_MAX_SMALL = 60
"""Header and footer."""
_MAX_REFERENCE = 512
_MAX_BUTTONS, _MAX_TITLE, _MAX_BUTTON_ID = 3, 20, 256
_MAX_ROWS, _MAX_ROW_TITLE, _MAX_DESCRIPTION, _MAX_ROW_ID = 10, 24, 72, 200
_MEDIA = ("document", "image", "video", "audio", "sticker")


def measure(text: str) -> int:
    """UTF-16 units, the strictest way to count characters."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_message(body: Payload) -> tuple[str, Payload]:
    """Type and content of a message that may be sent. Raises Refused."""
    kind = _read(body, "type", "type", most=60)
    reference = body.get("biz_opaque_callback_data", "")
    if not isinstance(reference, str) or len(reference) > _MAX_REFERENCE:
        raise Refused(100, "biz_opaque_callback_data is too long")
    content = body.get(kind)
    if not isinstance(content, dict):
        raise refuse_missing(kind)
    check = _CHECKS.get(kind, _check_media if kind in _MEDIA else None)
    if check is None:
        raise refuse_value(f"type {kind[:20]}")
    check(content)
    return kind, content


def _read(holder: Payload, name: str, what: str, *, most: int, code: int = 131009) -> str:
    text = holder.get(name)
    if not isinstance(text, str) or not text.strip():
        raise refuse_missing(what)
    if measure(text) > most:
        raise Refused(code, f"{what} is longer than {most}")
    return text


def _check_text(content: Payload) -> None:
    _read(content, "body", "text.body", most=_MAX_TEXT, code=100)


def _check_interactive(content: Payload) -> None:
    kind = content.get("type")
    check = _INTERACTIVE.get(str(kind))
    if check is None:
        raise refuse_value("interactive.type")
    body = content.get("body")
    _read(body if isinstance(body, dict) else {}, "text", "interactive.body.text", most=_MAX_BODY)
    for name in ("header", "footer"):
        part = content.get(name)
        if part is not None and (not isinstance(part, dict) or measure(str(part.get("text", ""))) > _MAX_SMALL):
            raise refuse_value(f"interactive.{name}")
    action = content.get("action")
    if not isinstance(action, dict):
        raise refuse_missing("interactive.action")
    check(content, action)


def _check_buttons(_: Payload, action: Payload) -> None:
    buttons = action.get("buttons")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= _MAX_BUTTONS:
        raise refuse_value("1 to 3 buttons")
    replies = [button.get("reply", {}) for button in buttons if isinstance(button, dict) and button.get("type") == "reply"]
    if len(replies) != len(buttons):
        raise refuse_value("type of a button")
    titles = [_read(reply, "title", "title of a button", most=_MAX_TITLE) for reply in replies]
    ids = [_read(reply, "id", "id of a button", most=_MAX_BUTTON_ID) for reply in replies]
    _refuse_twins("title of a button", titles)
    _check_ids(ids)


def _check_list(content: Payload, action: Payload) -> None:
    if content.get("header") is not None and content["header"].get("type") != "text":
        raise refuse_value("header of a list")
    _read(action, "button", "action.button", most=_MAX_TITLE)
    sections = action.get("sections")
    if not isinstance(sections, list) or not 1 <= len(sections) <= _MAX_ROWS:
        raise refuse_value("1 to 10 sections")
    rows: list[Payload] = []
    for section in sections:
        if len(sections) > 1 or "title" in section:
            _read(section, "title", "title of a section", most=_MAX_ROW_TITLE)
        rows += section.get("rows", ())
    if not 1 <= len(rows) <= _MAX_ROWS:
        raise refuse_value("1 to 10 rows in all")
    for row in rows:
        _read(row, "title", "title of a row", most=_MAX_ROW_TITLE)
        if "description" in row:
            _read(row, "description", "description of a row", most=_MAX_DESCRIPTION)
    _check_ids([_read(row, "id", "id of a row", most=_MAX_ROW_ID) for row in rows])


def _check_link(_: Payload, action: Payload) -> None:
    parameters = action.get("parameters")
    parameters = parameters if isinstance(parameters, dict) else {}
    _read(parameters, "display_text", "display_text", most=_MAX_TITLE)
    if action.get("name") != "cta_url" or not str(parameters.get("url")).startswith(("https://", "http://")):
        raise refuse_value("action of a link")


def _check_action(name: str) -> Callable[[Payload, Payload], None]:
    def check(content: Payload, action: Payload) -> None:
        if action.get("name") != name or content.get("header") or content.get("footer"):
            raise refuse_value(f"action {name}")

    return check


def _check_ids(ids: Sequence[str]) -> None:
    _refuse_twins("id", ids)
    if any(one != one.strip() for one in ids):
        raise refuse_value("spaces around an id")


def _refuse_twins(what: str, values: Sequence[str]) -> None:
    if len(set(values)) < len(values):
        raise refuse_value(f"{what} is not unique")


def _check_location(content: Payload) -> None:
    for name in ("latitude", "longitude"):
        try:
            float(content.get(name, ""))
        except (TypeError, ValueError):
            raise refuse_value(name) from None


def _check_media(content: Payload) -> None:
    if ("id" in content) == ("link" in content):
        raise Refused(100, "one of id and link")
    if measure(str(content.get("caption", ""))) > _MAX_CAPTION:
        raise refuse_value("caption")


def _check_template(_: Payload) -> None:
    """The sandbox's numbers have none approved."""
    raise Refused(132001, "template name does not exist in the translation")


def _check_nothing(_: Payload) -> None:
    """Not looked into."""


_CHECKS: dict[str, Callable[[Payload], None]] = {
    "text": _check_text,
    "interactive": _check_interactive,
    "location": _check_location,
    "template": _check_template,
    "reaction": _check_nothing,
    "contacts": _check_nothing,
}
_INTERACTIVE: dict[str, Callable[[Payload, Any], None]] = {
    "button": _check_buttons,
    "list": _check_list,
    "cta_url": _check_link,
    "location_request_message": _check_action("send_location"),
    "request_contact_info": _check_action("request_contact_info"),
}
