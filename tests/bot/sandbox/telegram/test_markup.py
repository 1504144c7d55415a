from typing import Any

import pytest

from bot.sandbox.telegram.markup import Markup, read_markup
from bot.sandbox.telegram.refusals import Refused
from bot.sandbox.telegram.switches import Switches


def read(raw: Any, *, is_private: bool = True, **switches: Any) -> Markup:
    return read_markup(raw, is_private=is_private, switches=Switches(**switches))


def inline(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"inline_keyboard": [list(buttons)]}


def tapping(data: str = "x", **more: Any) -> dict[str, Any]:
    return {"text": "Ok", "callback_data": data, **more}


@pytest.mark.parametrize(
    "button",
    [
        tapping("x"),
        tapping("x" * 64),
        tapping("я" * 32),
        tapping(style="danger"),
        {"text": "Ok", "url": "https://example.com/a?b=c"},
        {"text": "Ok", "url": "tg://user?id=1"},
        {"text": "Ok", "url": "http://127.0.0.1:8080/visit.ics"},
        {"text": "Ok", "copy_text": {"text": "c" * 256}},
        {"text": "Ok", "web_app": {"url": "https://example.com"}},
        {"text": "Ok", "disabled": {}},
        {"text": "Ok", "url": "https://example.com", "callback_data": "x" * 65},
    ],
)
def test_a_good_inline_button_is_kept(button: dict[str, Any]) -> None:
    assert read(inline(button)).inline == [[button]]


@pytest.mark.parametrize(
    ("button", "reason"),
    [
        (tapping(""), "BUTTON_DATA_INVALID"),
        (tapping("x" * 65), "BUTTON_DATA_INVALID"),
        (tapping("я" * 33), "BUTTON_DATA_INVALID"),
        (tapping(style="loud"), "Invalid button style specified"),
        ({"text": "Ok"}, "Text buttons are unallowed in the inline keyboard"),
        ({"text": " ", "callback_data": "x"}, "Button text must be non-empty"),
        ({"callback_data": "x"}, "must be of type String"),
        ({"text": "Ok", "url": "webcal://example.com/a"}, "Unsupported URL protocol"),
        ({"text": "Ok", "url": "http://localhost/"}, "Wrong HTTP URL"),
        ({"text": "Ok", "url": "http://[x/"}, "Wrong HTTP URL"),
        ({"text": "Ok", "copy_text": {"text": "c" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "Ok", "copy_text": {"text": ""}}, "BUTTON_COPY_TEXT_INVALID"),
    ],
)
def test_a_bad_inline_button_is_refused(button: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        read(inline(button))


@pytest.mark.parametrize(
    "markup",
    [
        {"keyboard": [[{"text": "Me", "request_contact": True}]]},
        {"keyboard": [[{"text": "Here", "request_location": True}]]},
        {"keyboard": [[{"text": "App", "web_app": {"url": "https://example.com"}}]]},
        inline({"text": "App", "web_app": {"url": "https://example.com"}}),
    ],
)
def test_requests_are_for_private_chats(markup: dict[str, Any]) -> None:
    read(markup)
    with pytest.raises(Refused):
        read(markup, is_private=False)


@pytest.mark.parametrize(("rows", "columns"), [(100, 1), (12, 8)])
def test_a_keyboard_at_its_limits_is_kept(rows: int, columns: int) -> None:
    kept = read({"inline_keyboard": [[tapping()] * columns] * rows}).inline
    assert kept is not None
    assert sum(map(len, kept)) == rows * columns


@pytest.mark.parametrize(("rows", "columns"), [(101, 1), (1, 9)])
def test_a_keyboard_above_its_limits_is_refused_unless_lenient(rows: int, columns: int) -> None:
    markup = {"inline_keyboard": [[tapping()] * columns] * rows}
    with pytest.raises(Refused, match="reply markup is too long"):
        read(markup)
    assert read(markup, strict_keyboard=False).inline


def test_empty_rows_are_dropped() -> None:
    assert read({"inline_keyboard": [[], [tapping()], []]}).inline == [[tapping()]]
    assert read({"inline_keyboard": [[]]}).inline is None


def test_a_reply_keyboard_takes_plain_words() -> None:
    reply = read({"keyboard": [["Yes", {"text": "My number", "request_contact": True}]], "one_time_keyboard": True}).reply
    assert reply == {
        "rows": [
            [
                {"text": "Yes", "request_contact": False, "request_location": False},
                {"text": "My number", "request_contact": True, "request_location": False},
            ]
        ],
        "one_time": True,
    }


@pytest.mark.parametrize(("length", "is_accepted"), [(0, False), (1, True), (64, True), (65, False)])
def test_a_placeholder_has_1_to_64_characters(length: int, is_accepted: bool) -> None:
    markup = {"force_reply": True, "input_field_placeholder": "p" * length}
    if is_accepted:
        assert read(markup).forces_reply
    else:
        with pytest.raises(Refused):
            read(markup)


@pytest.mark.parametrize(
    "raw", [[1], {"inline_keyboard": {}}, {"inline_keyboard": ["x"]}, {"keyboard": [[3]]}, {"other": 1}, {"keyboard": []}]
)
def test_what_is_no_markup_is_refused(raw: Any) -> None:
    with pytest.raises(Refused):
        read(raw)
