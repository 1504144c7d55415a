"""One API call as the handlers see it, the envelope around every answer, and the ways in which Setster says no."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from aiohttp import web

from bot.sandbox.setster.demo import Account

Json = dict[str, Any]

REFUSED = 1
"""`statusCode` of a refusal; only 0 is documented."""


class Refusal(Exception):
    """The call is understood and refused."""

    def __init__(self, message: str, status: int = 400, data: Json | None = None, *, code: int = REFUSED) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.data = data


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks for what."""

    account: Account
    now: datetime
    """Aware, UTC, by the sandbox clock."""
    ids: dict[str, str]
    query: dict[str, list[str]]
    body: Json
    has_session: bool = True

    def text(self, name: str) -> str:
        return self.query[name][0].strip() if name in self.query else ""

    def flag(self, name: str) -> bool:
        return read_flag(self.text(name))

    def require(self, name: str) -> str:
        """Raises `Refusal` for a parameter that is missing."""
        text = self.text(name)
        if not text:
            raise Refusal(f"{name} is required")
        return text


def wrap(data: Any) -> web.Response:
    return web.json_response({"statusCode": 0, "statusDescriptions": "OK", "statusDescription": "OK", "data": data})


def refuse(refusal: Refusal, *, as_200: bool = False) -> web.Response:
    body = {
        "statusCode": refusal.code,
        "statusDescriptions": refusal.message,
        "statusDescription": refusal.message,
        "data": refusal.data,
    }
    return web.json_response(body, status=200 if as_200 else refusal.status)


def read_flag(value: Any) -> bool:
    return str(value).strip().lower() in ("true", "1")


def read_text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def read_day(text: str) -> date | None:
    """The calendar date in `YYYY-MM-DD`, with or without a time behind it."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def read_wall(text: str) -> datetime | None:
    """A wall clock `YYYY-MM-DD HH:MM[:SS]`, naive."""
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"):
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - a wall clock has no zone
        except ValueError:
            continue
    return None


async def read_body(request: web.Request, *, accept_form: bool) -> Json:
    """The JSON object of a write, sent as such or as the form field `data`; anything else counts as empty."""
    if request.content_type == "application/x-www-form-urlencoded":
        form = await request.post()
        raw: Any = form.get("data", "{}") if accept_form else "{}"
    else:
        raw = await request.read()
    try:
        body = json.loads(raw)
    except (ValueError, TypeError):
        return {}
    return body if isinstance(body, dict) else {}
