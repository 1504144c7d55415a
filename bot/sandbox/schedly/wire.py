"""One API call as the handlers see it, the ways in which Schedly says no (§3), and its two envelopes (§1)."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from bot.sandbox.salon import BUSINESSES, Business, Directory, Person, Place, Treatment, number_ids
from bot.sandbox.schedly.switches import Switches

Json = dict[str, Any]

SPELLING = number_ids(BUSINESSES.values(), is_service_local=True)
"""§4.1: a service names one location, so each location has its own services."""


class Refusal(Exception):
    """The call is understood and refused."""

    def __init__(self, status: int, code: str, message: str, *fields: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields

    def show(self) -> Json:
        body: Json = {"status": "error", "error": self.code, "message": self.message}
        if self.fields:
            body["details"] = [{"field": name, "message": self.message} for name in self.fields]
        return body


def bad(message: str) -> Refusal:
    return Refusal(400, "BAD_REQUEST", message)


def missing(what: str) -> Refusal:
    return Refusal(404, "NOT_FOUND", f"{what} not found")


def taken() -> Refusal:
    return Refusal(409, "CONFLICT", "The requested time slot is no longer available")


def invalid(message: str, *fields: str) -> Refusal:
    return Refusal(422, "VALIDATION_ERROR", message, *fields)


@dataclass(frozen=True, slots=True)
class Rows:
    """A list answer: which envelope it comes in is a switch."""

    name: str
    rows: list[Json]


Answer = Json | Rows


def wrap(answer: Answer, switches: Switches) -> Any:
    """Put into the envelopes of the moment."""
    body: Any = answer
    if isinstance(answer, Rows):
        body = {
            "bare": answer.rows,
            "data": {"data": answer.rows},
            "status": {"status": "success", "data": answer.rows},
            "named": {answer.name: answer.rows, "total": len(answer.rows)},
        }[switches.list_envelope]
        if switches.list_envelope != "bare":
            return body
    return {"status": "success", "data": body} if switches.envelope == "wrapped" else body


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks for what."""

    business: Business
    directory: Directory
    now: datetime
    """Aware, UTC, by the sandbox clock."""
    query: dict[str, str]
    body: Json = field(default_factory=dict)

    def find_id(self) -> str:
        """`?id=`. Raises `Refusal`."""
        return self.query.get("id", "").strip()

    def find_place(self, ident: str) -> Place:
        found = self.directory.find_place(ident)
        if found is None or found[0] is not self.business:
            raise missing("Location")
        return found[1]

    def find_service(self, ident: str) -> tuple[Place, Treatment]:
        for place in self.business.places:
            treatment = self.directory.find_treatment(place, ident)
            if treatment is not None:
                return place, treatment
        raise missing("Service")

    def find_employee(self, ident: str) -> tuple[Place, Person]:
        found = self.directory.find_person(ident)
        if found is None or found[0] is not self.business:
            raise missing("Employee")
        return found[1], found[2]


def read_text(value: Any) -> str:
    """An id or a word; numbers as they would be written."""
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def read_moment(value: Any) -> datetime | None:
    """An ISO 8601 time with `Z` or an offset, as aware UTC. A bare local time is none."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        return found.astimezone(UTC) if found is not None and found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def read_day(value: str) -> date | None:
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def write_moment(moment: datetime, *, is_long: bool = False) -> str:
    """`is_long`: with milliseconds, as availability has it."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds' if is_long else 'seconds')}Z"
