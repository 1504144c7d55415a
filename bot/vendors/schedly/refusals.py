"""What Schedly says when it refuses: by HTTP status first, then by its code, then by the message of older handlers."""

from datetime import timedelta
from typing import Any

from bot.errors import AskCustomer, CallStaff, FrontdeskError, OutcomeUnknown, SlotTaken, TryAgain
from bot.model import Contact
from bot.vendors.rows import read_as_text
from bot.vendors.schedly.payloads import SOURCE

STATUSES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    409: "CONFLICT",
    422: "VALIDATION_ERROR",
    429: "RATE_LIMITED",
    500: "INTERNAL_ERROR",
}
"""Wire notes, section 3: the status decides, whatever the code beside it says."""

TAKEN_MESSAGES = frozenset(
    {
        "no_available_users_found_error",
        "booking_conflict_error",
        "fixed_hosts_unavailable_for_booking",
        "round_robin_host_unavailable_for_booking",
        "already_signed_up_for_this_booking_error",
        "booking_seats_full_error",
        "not_enough_available_seats_error",
        "booking_time_out_of_bounds_error",
    }
)
"""Older handlers put their code into `message`, with 409 or 400."""

RATE_PAUSE = timedelta(seconds=60)
"""What the reference's own 429 asks for."""

TIME_FIELDS = frozenset({"startTime", "endTime"})
CONTACT_FIELDS = {
    "email": ("error.email_needed", "error.email_wrong"),
    "phone": ("error.phone_needed", "error.phone_wrong"),
    "name": ("error.name_needed", "error.name_wrong"),
}
"""What a 422 may name that the customer can give: how it is asked for, and how it is corrected."""


class Refusal(Exception):
    """Schedly understood the request and refused it: certainly not applied. Never leaves this package.

    What it said may quote the customer's details: it is looked at, never logged or passed on.
    """

    def __init__(self, code: str, message: str = "", fields: frozenset[str] = frozenset()) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.fields = fields
        self.verb = ""
        self.reference = ""

    @property
    def is_missing(self) -> bool:
        """An id of ours is not known (any more)."""
        return self.code == "NOT_FOUND"

    @property
    def is_taken(self) -> bool:
        """The time is gone, or was never to be had."""
        if self.code in ("BAD_REQUEST", "VALIDATION_ERROR") and self.fields & TIME_FIELDS:
            return True
        return self.code == "CONFLICT" or self.message in TAKEN_MESSAGES

    def names(self, field: str) -> bool:
        """Whether it is about this field of the request."""
        return field in self.fields or (
            self.code in ("BAD_REQUEST", "VALIDATION_ERROR") and field.lower() in self.message.lower()
        )

    def translate(self, contact: Contact | None = None, *, is_write: bool = False) -> FrontdeskError:
        """The error for whoever has no better idea. `contact`: what was sent of the customer."""
        error = self._choose(contact, is_write=is_write)
        error.source, error.verb, error.reference = SOURCE, self.verb, self.reference
        return error

    def _choose(self, contact: Contact | None, *, is_write: bool) -> FrontdeskError:
        if self.is_taken and is_write:
            return SlotTaken()
        if self.code == "RATE_LIMITED":
            return TryAgain(self.code, after=RATE_PAUSE)
        if self.code == "INTERNAL_ERROR":
            return OutcomeUnknown(self.code) if is_write else TryAgain(self.code)
        wrong = next((field for field in CONTACT_FIELDS if contact and self.names(field)), "")
        if wrong:
            return AskCustomer(CONTACT_FIELDS[wrong][bool(getattr(contact, wrong))])
        return CallStaff(self.code)


def find_refusal(status: int, data: Any) -> Refusal | None:
    """The refusal in an answer, whatever its HTTP status."""
    body = data if isinstance(data, dict) else {}
    is_error = body.get("status") == "error"
    if status < 400 and not is_error:
        return None
    told = read_as_text(body.get("error"))
    code = STATUSES.get(status) or (told if told in STATUSES.values() else "") or f"status {status}"
    details = body.get("details")
    rows = [row for row in details if isinstance(row, dict)] if isinstance(details, list) else []
    fields = frozenset(read_as_text(row.get("field")) for row in rows) - {""}
    return Refusal(code, read_as_text(body.get("message")), fields)
