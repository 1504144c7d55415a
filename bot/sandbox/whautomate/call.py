"""One API call as the handlers see it, and the ways in which Whautomate says no (§2)."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.sandbox.salon import Business, Directory, Place, Treatment

Json = dict[str, Any]


class Refusal(Exception):
    """The call is understood and refused."""

    def __init__(self, status: int, words: str, *, key: str = "error") -> None:
        super().__init__(words)
        self.status = status
        self.body = {key: words}


def refuse_parameters() -> Refusal:
    return Refusal(400, "Invalid parameters")


def refuse_body() -> Refusal:
    return Refusal(400, "Invalid request body", key="message")


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks for what."""

    business: Business
    now: datetime
    """Aware, UTC, by the sandbox clock."""
    ids: dict[str, str]
    query: dict[str, str]
    body: Json

    def read_day(self, name: str, *, is_required: bool = True) -> date | None:
        return _read_day(self.query.get(name, ""), refuse_parameters(), is_required=is_required)

    def read_body_day(self) -> date:
        day = _read_day(self.read_text("date"), refuse_body(), is_required=True)
        if day is None:
            raise refuse_body()
        return day

    def read_text(self, name: str) -> str:
        """A mandatory text of the body."""
        value = self.body.get(name)
        if not isinstance(value, str) or not value.strip():
            raise refuse_body()
        return value

    def read_option(self, name: str) -> str:
        """A text of the body, or empty."""
        value = self.body.get(name)
        if value is not None and not isinstance(value, str):
            raise refuse_body()
        return value or ""

    def read_object(self, name: str) -> Json:
        """A nested object of the body, or an empty one."""
        value = self.body.get(name)
        if value is not None and not isinstance(value, dict):
            raise refuse_body()
        return value or {}

    def read_id(self, name: str) -> str:
        """The id in a nested object of the body, or empty."""
        value = self.read_object(name).get("id")
        if value is not None and not isinstance(value, str):
            raise refuse_body()
        return value or ""

    def read_number(self, name: str, default: int) -> int:
        text = self.query.get(name, "")
        if not text:
            return default
        if not re.fullmatch(r"[1-9]\d{0,5}", text):
            raise refuse_parameters()
        return int(text)

    def is_true(self, name: str) -> bool:
        return self.query.get(name, "").lower() == "true"


def _read_day(text: str, refusal: Refusal, *, is_required: bool) -> date | None:
    if not text and not is_required:
        return None
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise refusal
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refusal from None


def read_zone(name: str, place: Place) -> ZoneInfo:
    """The zone asked for, else the location's. Raises `Refusal`."""
    if not name:
        return place.zone
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise refuse_parameters() from None


def find_place(directory: Directory, business: Business, ident: str) -> Place:
    """Raises `Refusal` 404, also for another account's location."""
    found = directory.find_place(ident)
    if found is None or found[0] is not business:
        raise Refusal(404, "Invalid locationId")
    return found[1]


def find_treatment(directory: Directory, place: Place, ident: str) -> Treatment:
    if not ident:
        raise refuse_parameters()
    treatment = directory.find_treatment(place, ident)
    if treatment is None:
        raise Refusal(404, "Invalid serviceId")
    return treatment
