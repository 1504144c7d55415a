"""Every limit at, below and above its edge."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.sandbox.whatsapp.refusals import Refused
from bot.sandbox.whatsapp.rules import check_message

PIECES = ("x", "ж", "م", "ท", "👍")


def interactive(kind: str, action: object, body: str = "Hi", **more: object) -> dict[str, Any]:
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": body}, "action": action, **more}}


def buttons(*pairs: tuple[str, str], body: str = "Hi", **more: object) -> dict[str, Any]:
    made = [{"type": "reply", "reply": {"id": ident, "title": title}} for ident, title in pairs]
    return interactive("button", {"buttons": made}, body, **more)


def rows(*made: dict[str, str], opener: str = "Choose", title: str = "All") -> dict[str, Any]:
    return interactive("list", {"button": opener, "sections": [{"title": title, "rows": list(made)}]})


def row(ident: str = "1", title: str = "One", **more: str) -> dict[str, str]:
    return {"id": ident, "title": title, **more}


def code_of(body: dict[str, Any]) -> int:
    """0 for what is taken."""
    try:
        check_message(body)
    except Refused as error:
        return error.code
    return 0


EDGES: dict[str, tuple[int, Callable[[str], dict[str, Any]]]] = {
    "text": (4096, lambda text: {"type": "text", "text": {"body": text}}),
    "body": (1024, lambda text: buttons(("1", "Yes"), body=text)),
    "button title": (20, lambda text: buttons(("1", text))),
    "button id": (256, lambda text: buttons((text, "Yes"))),
    "footer": (60, lambda text: buttons(("1", "Yes"), footer={"text": text})),
    "row title": (24, lambda text: rows(row(title=text))),
    "description": (72, lambda text: rows(row(description=text))),
    "row id": (200, lambda text: rows(row(text))),
    "section title": (24, lambda text: rows(row(), title=text)),
    "list button": (20, lambda text: rows(row(), opener=text)),
    "contact request": (1024, lambda text: interactive("request_contact_info", {"name": "request_contact_info"}, text)),
}


@pytest.mark.parametrize("what", EDGES)
@pytest.mark.parametrize("piece", PIECES)
def test_a_limit_holds_exactly_at_its_edge(what: str, piece: str) -> None:
    limit, make = EDGES[what]
    full = limit // len(piece.encode("utf-16-le")) * 2
    assert code_of(make(piece * (full - 1))) == 0
    assert code_of(make(piece * full)) == 0
    assert code_of(make(piece * (full + 1))) in (100, 131009)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (buttons(("1", "A"), ("2", "B"), ("3", "C")), 0),
        (buttons(("1", "A"), ("2", "B"), ("3", "C"), ("4", "D")), 131009),
        (buttons(), 131009),
        (buttons(("1", "A"), ("2", "A")), 131009),
        (buttons(("1", "A"), ("1", "B")), 131009),
        (buttons((" 1", "A")), 131009),
        (buttons(("1", "")), 131008),
        (rows(*(row(str(at)) for at in range(10))), 0),
        (rows(*(row(str(at)) for at in range(11))), 131009),
        (rows(), 131009),
        (rows(row(), row()), 131009),
        ({"type": "text", "text": {"body": " "}}, 131008),
        ({"type": "text"}, 131008),
        ({}, 131008),
        ({"type": "text", "text": {"body": "x"}, "biz_opaque_callback_data": "r" * 512}, 0),
        ({"type": "text", "text": {"body": "x"}, "biz_opaque_callback_data": "r" * 513}, 100),
        ({"type": "template", "template": {"name": "none"}}, 132001),
        (interactive("cta_url", {"name": "cta_url", "parameters": {"display_text": "Go", "url": "https://a.b"}}), 0),
        (interactive("cta_url", {"name": "cta_url", "parameters": {"display_text": "Go", "url": "ftp://a.b"}}), 131009),
        (interactive("location_request_message", {"name": "send_location"}), 0),
        (interactive("location_request_message", {"name": "other"}), 131009),
        ({"type": "location", "location": {"latitude": "38.7", "longitude": "-9.1"}}, 0),
        ({"type": "location", "location": {"latitude": "north"}}, 131009),
    ],
)
def test_what_graph_refuses_has_its_code(body: dict[str, Any], code: int) -> None:
    assert code_of(body) == code
