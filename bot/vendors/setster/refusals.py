"""The envelope around every answer, and what Setster says when it refuses."""

import re
from typing import Any

from bot.errors import AskCustomer, CallStaff, FrontdeskError, OutcomeUnknown, TryAgain, VendorChanged
from bot.vendors.failures import KeyRefused
from bot.vendors.http import Answer
from bot.vendors.rows import read_as_whole

EXPIRED = frozenset({401, 403})
"""The reference says 403, a production integrator saw 401 (wire notes, section 2): both mean "log in again"."""

FIELDS = {
    "client_email": "error.email_wrong",
    "client_phone": "error.phone_wrong",
    "client_name": "error.name_wrong",
}
"""What the customer can correct, by the name of the field that was refused."""


class Refusal(Exception):
    """Setster understood the request and refused it. Never leaves this package."""

    def __init__(
        self, code: int, fields: tuple[str, ...] = (), *, is_certain: bool = True, verb: str = "", reference: str = ""
    ) -> None:
        super().__init__(code)
        self.code = code
        """HTTP status, or `statusCode` where the status was 200."""
        self.fields = fields
        self.is_certain = is_certain
        """HTTP said so too. Otherwise only a number in the body did: worth a look at the record."""
        self.verb = verb
        self.reference = reference

    def translate(self) -> FrontdeskError:
        """The error for whoever has no better idea."""
        where = {"source": "setster", "verb": self.verb, "reference": self.reference}
        for field in self.fields:
            if field in FIELDS:
                return AskCustomer(FIELDS[field], **where)
        names = f": {', '.join(self.fields)}" if self.fields else ""
        return CallStaff(f"code {self.code}{names}", **where)


def read_envelope(answer: Answer, *, is_write: bool) -> Any:
    """The `data` of an answer. Success is 2xx and `statusCode` 0; a failure may come with HTTP 200 too.

    Raises `Refusal`; `KeyRefused` for a session that is over; for what is neither, `VendorChanged`, or `OutcomeUnknown`
    after a write.
    """
    body = answer.data if isinstance(answer.data, dict) else {}
    code = read_as_whole(body.get("statusCode"))
    if answer.status < 400 and code == 0:
        return body.get("data")
    if answer.status >= 400:
        raise Refusal(answer.status, _read_fields(body.get("data")))
    if code is None:
        raise OutcomeUnknown("no statusCode") if is_write else VendorChanged("no statusCode")
    if code in EXPIRED:
        raise KeyRefused(code)
    if code == 429:
        raise TryAgain("statusCode 429")
    if code >= 500:
        raise OutcomeUnknown(f"statusCode {code}") if is_write else TryAgain(f"statusCode {code}")
    if is_write and isinstance(body.get("data"), dict) and "id" in body["data"]:
        raise OutcomeUnknown(f"statusCode {code} with a record")
    raise Refusal(code, _read_fields(body.get("data")), is_certain=False)


def _read_fields(data: Any) -> tuple[str, ...]:
    """The names of the fields that did not pass; never what was said about them, which may quote the customer."""
    errors = data.get("errors") if isinstance(data, dict) else None
    names = errors if isinstance(errors, dict) else ()
    return tuple(name for name in names if isinstance(name, str) and re.fullmatch(r"\w{1,40}", name, re.ASCII))[:5]
