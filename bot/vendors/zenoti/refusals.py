"""What Zenoti says when it refuses: five body shapes, HTTP 200 included, and what its own numbers mean for us."""

from collections.abc import Callable
from typing import Any

from bot.errors import AskCustomer, CallStaff, FrontdeskError, SlotTaken

DEPTH = 32
"""Deeper than any documented answer; what lies below is dropped."""

GUEST_UNKNOWN = frozenset({414, 502})
"""GuestNotFound, and "bad or unknown id": after a merge or deletion a stored guest id is refused with one of these."""
NO_ACCESS = frozenset({401, 438, 602})
HOLD_RAN_OUT = 4072

CODES: dict[int, Callable[[], FrontdeskError]] = {
    400: lambda: CallStaff("code 400: malformed request or missing object"),
    401: lambda: CallStaff("code 401: key refused"),
    414: lambda: CallStaff("code 414: guest not found"),
    422: lambda: CallStaff("code 422: page too large"),
    428: lambda: CallStaff("code 428: invoice list invalid"),
    438: lambda: CallStaff("code 438: no access"),
    441: lambda: CallStaff("code 441: user code taken"),
    442: lambda: AskCustomer("error.email_taken"),
    481: lambda: CallStaff("code 481: a mandatory guest field is missing"),
    482: lambda: AskCustomer("error.phone_wrong"),
    484: lambda: AskCustomer("error.phone_wrong"),
    502: lambda: CallStaff("code 502: unknown id"),
    503: lambda: CallStaff("code 503: an id is missing"),
    602: lambda: CallStaff("code 602: no access"),
    931: lambda: CallStaff("code 931: card"),
    932: lambda: CallStaff("code 932: card"),
    4072: SlotTaken,
    5001: lambda: CallStaff("code 5001: cannot be moved"),
    5002: lambda: CallStaff("code 5002: cannot be moved"),
}
"""Every code of the wire notes (section 2) that no caller treats by itself. These numbers are not HTTP statuses."""


class Refusal(Exception):
    """Zenoti understood the request and refused it: certainly not applied. Never leaves this package.

    `message` may quote the guest's details: it is looked at, never logged or passed on.
    """

    def __init__(self, code: int | None, message: str = "", *, verb: str = "", reference: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message.lower()
        self.verb = verb
        self.reference = reference

    @property
    def says_already(self) -> bool:
        """A confirm of what had been confirmed before."""
        return "already" in self.message

    @property
    def says_ran_out(self) -> bool:
        """The hold lapsed before the confirm."""
        return self.code == HOLD_RAN_OUT or any(word in self.message for word in ("expire", "no longer", "time again"))

    def translate(self) -> FrontdeskError:
        """The error for whoever has no better idea."""
        code = self.code if self.code is not None else "unknown"
        error = CODES[self.code]() if self.code in CODES else CallStaff(f"code {code}")
        error.source, error.verb, error.reference = "zenoti", self.verb, self.reference
        return error


def lower_keys(data: Any, depth: int = DEPTH) -> Any:
    """The same JSON with lower-case keys: casing differs between pages, rows and live tenants. A filled key beats a null twin."""
    if depth <= 0:
        return None
    if isinstance(data, list):
        return [lower_keys(item, depth - 1) for item in data]
    if not isinstance(data, dict):
        return data
    lowered: dict[str, Any] = {}
    for key, value in data.items():
        if lowered.get(key.lower()) is None:
            lowered[key.lower()] = lower_keys(value, depth - 1)
    return lowered


def find_refusal(status: int, data: Any) -> Refusal | None:
    """The refusal in an answer, whatever its HTTP status. `data` has lower-case keys."""
    body = data if isinstance(data, dict) else {}
    error = body.get("error")
    if isinstance(error, dict) and error:  # shapes A, B and E
        return Refusal(_read_code(error), _read_message(error))
    if error:
        return Refusal(None, error if isinstance(error, str) else "")
    if isinstance(body.get("code"), int) and "message" in body:  # shape C; a guest has a code too, but a text
        return Refusal(_read_code(body), _read_message(body))
    if status >= 400 or body.get("success") is False:
        return Refusal(_read_code(body), _read_message(body))
    return None


def _read_code(error: dict[str, Any]) -> int | None:
    for name in ("code", "statuscode"):
        value = error.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip().isdecimal():
            return int(value[:9])
    return None


def _read_message(error: dict[str, Any]) -> str:
    message = error.get("message")
    return message if isinstance(message, str) else ""
