"""Keyboards under a message: what is accepted, and in which chats."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.telegram.refusals import Refused, refuse_request
from bot.sandbox.telegram.switches import Switches
from bot.sandbox.telegram.text import count_units

Rows = list[list[dict[str, Any]]]

# telegram.md section 4: bytes of callback_data, characters of copy_text and of the input field's placeholder.
_CALLBACK_BYTES = 64
_COPY_UNITS = 256
_PLACEHOLDER_UNITS = 64
# Undocumented; the constants that python-telegram-bot gives for inline keyboards.
_MOST_BUTTONS = 100
_WIDEST_ROW = 8

_STYLES = frozenset({"primary", "success", "danger"})
_SCHEMES = frozenset({"http", "https", "tg"})
_OTHER_ACTIONS = (
    "login_url", "switch_inline_query", "switch_inline_query_current_chat", "switch_inline_query_chosen_chat",
    "callback_game", "pay", "disabled",
)  # fmt: skip
_PRIVATE_REQUESTS = {
    "request_contact": "phone number can be requested in private chats only",
    "request_location": "location can be requested in private chats only",
    "web_app": "web app buttons can be used in private chats only",
}


@dataclass(frozen=True, slots=True)
class Markup:
    """At most one of the four kinds of reply_markup."""

    inline: Rows | None = None
    reply: dict[str, Any] | None = None
    """Rows and one_time of a reply keyboard."""
    removes: bool = False
    forces_reply: bool = False


NO_MARKUP = Markup()


def read_markup(raw: Any, *, is_private: bool, switches: Switches) -> Markup:
    """Raises Refused."""
    if not raw:
        return NO_MARKUP
    if not isinstance(raw, dict):
        raise refuse_request("object expected as reply markup")
    if "inline_keyboard" in raw:
        return Markup(inline=_read_inline(raw["inline_keyboard"], is_private, switches) or None)
    if "keyboard" in raw:
        return Markup(reply=_read_reply(raw, is_private))
    if raw.get("remove_keyboard"):
        return Markup(removes=True)
    if raw.get("force_reply"):
        _check_placeholder(raw)
        return Markup(forces_reply=True)
    raise refuse_request("can't parse reply keyboard markup JSON object")


def _read_rows(raw: Any, kind: str) -> list[list[Any]]:
    if not isinstance(raw, list) or not all(isinstance(row, list) for row in raw):
        raise refuse_request(f"can't parse {kind}: Field must be an Array of Arrays")
    return [row for row in raw if row]


def _read_inline(raw: Any, is_private: bool, switches: Switches) -> Rows:
    rows = _read_rows(raw, "inline keyboard")
    for row in rows:
        for button in row:
            _check_inline(button, is_private)
    if switches.strict_keyboard and (sum(map(len, rows)) > _MOST_BUTTONS or max(map(len, rows), default=0) > _WIDEST_ROW):
        raise refuse_request("reply markup is too long")
    return rows


def _check_inline(button: Any, is_private: bool) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise refuse_request('can\'t parse inline keyboard button: Field "text" must be of type String')
    if not button["text"].strip():
        raise refuse_request("can't parse inline keyboard button: Button text must be non-empty")
    if button.get("style", "primary") not in _STYLES:
        raise refuse_request("can't parse inline keyboard button: Invalid button style specified")
    _check_action(button, is_private)


def _check_action(button: dict[str, Any], is_private: bool) -> None:
    """The first action the server recognises counts, the rest is ignored."""
    if "url" in button:
        _check_url(button["url"])
    elif "callback_data" in button:
        if not 1 <= len(str(button["callback_data"]).encode()) <= _CALLBACK_BYTES:
            raise refuse_request("BUTTON_DATA_INVALID")
    elif "copy_text" in button:
        if not 1 <= count_units(str((button["copy_text"] or {}).get("text", ""))) <= _COPY_UNITS:
            raise refuse_request("BUTTON_COPY_TEXT_INVALID")
    elif "web_app" in button:
        if not is_private:
            raise refuse_request("BUTTON_TYPE_INVALID")
        _check_url((button["web_app"] or {}).get("url", ""))
    elif not any(action in button for action in _OTHER_ACTIONS):
        raise refuse_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")


def _check_url(url: Any) -> None:
    try:
        parts = urlsplit(str(url) if "://" in str(url) else f"http://{url}")
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise _wrong_url(url, "Wrong HTTP URL") from None
    if parts.scheme not in _SCHEMES:
        raise _wrong_url(url, "Unsupported URL protocol")
    if parts.scheme != "tg" and "." not in host.strip("."):
        raise _wrong_url(url, "Wrong HTTP URL")


def _wrong_url(url: Any, reason: str) -> Refused:
    return refuse_request(f"inline keyboard button URL '{url}' is invalid: {reason}")


def _read_reply(raw: dict[str, Any], is_private: bool) -> dict[str, Any]:
    rows = _read_rows(raw["keyboard"], "keyboard")
    if not rows:
        raise refuse_request("reply markup is empty")
    _check_placeholder(raw)
    buttons = [[_read_reply_button(button, is_private) for button in row] for row in rows]
    return {"rows": buttons, "one_time": bool(raw.get("one_time_keyboard"))}


def _read_reply_button(button: Any, is_private: bool) -> dict[str, Any]:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict) or not isinstance(button.get("text"), str) or not button["text"].strip():
        raise refuse_request('can\'t parse keyboard button: Field "text" must be of type String')
    for request, reason in _PRIVATE_REQUESTS.items():
        if button.get(request) and not is_private:
            raise refuse_request(reason)
    return {
        "text": button["text"],
        "request_contact": bool(button.get("request_contact")),
        "request_location": bool(button.get("request_location")),
    }


def _check_placeholder(raw: dict[str, Any]) -> None:
    placeholder = raw.get("input_field_placeholder")
    if placeholder is not None and not 1 <= count_units(str(placeholder)) <= _PLACEHOLDER_UNITS:
        raise refuse_request("input field placeholder must be 1-64 characters long")
