"""What the Graph API's refusals mean: the one place where Meta's codes become our errors (whatsapp.md section 11).

Only the code decides: the HTTP status is no contract, and words and sub-codes are being retired.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from bot.errors import CallStaff, FrontdeskError, OutcomeUnknown, TryAgain, Unreachable, Unsendable, WindowClosed

SOURCE = "whatsapp"

SOON = timedelta(seconds=2)
PAIR = timedelta(seconds=8)
"""One message in 6 s may go to one person in the long run."""
MAINTENANCE = timedelta(seconds=30)
ACCOUNT = timedelta(seconds=5)
LONGEST = timedelta(minutes=2)
"""A longer `Retry-After` is asked again meanwhile."""

_LATER = {1: SOON, 2: SOON, 131000: SOON, 131016: SOON, 131057: MAINTENANCE, 133004: SOON}
_TOO_FAST = frozenset({4, 80007, 130429})
_PAIR_TOO_FAST = 131056
_CLOSED = 131047
_GONE = frozenset({131026, 130403, 131021})
_OURS = frozenset(
    {33, 100, 131008, 131009, 131051, 131052, 131053, 131062}
    | {132000, 132001, 132005, 132007, 132012, 132018}
    | {130472, 131049, 131050, 131063}
)
"""Nothing about this very message will change; the last row is of marketing messages alone."""
_ACCOUNT = frozenset(
    {0, 3, 10, 190, 368, 130497, 131005, 131031, 131037, 131042, 131045, 131048, 131064}
    | {132015, 132016, 132068, 132069, 133010}
    | set(range(200, 300))
)
_NO_OBJECT = 33
"""Sub-code of 100: the number, or this token's right to it, is not there."""


class Throttled(TryAgain):
    """The whole number is too fast, not this chat alone."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer over HTTP."""

    status: int
    body: bytes
    retry_after: str = ""
    """The `Retry-After` header, in seconds."""


def explain_reply(reply: Reply, verb: str) -> FrontdeskError:
    """Our error for an answer that is not a result."""
    error = read_content(reply.body).get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if not isinstance(code, int) or not isinstance(error, dict):
        # A proxy's page: only a refusal of the request itself is certain.
        kind = CallStaff if 400 <= reply.status < 500 else OutcomeUnknown
        return kind(f"{reply.status} without a code", source=SOURCE, verb=verb)
    if code == 100 and error.get("error_subcode") == _NO_OBJECT:
        return CallStaff("100.33 no such number for this token", source=SOURCE, verb=verb)
    return explain_code(code, verb=verb, status=reply.status, after=_read_seconds(reply.retry_after))


def explain_code(code: int, *, verb: str, status: int = 0, after: timedelta = timedelta(0)) -> FrontdeskError:
    """`after`: how long Meta asks to wait, where it says so."""
    where = {"source": SOURCE, "verb": verb}
    reason = str(code)
    if code in _LATER:
        return TryAgain(reason, after=after or _LATER[code], **where)
    if code in _TOO_FAST:
        return Throttled(reason, after=after or ACCOUNT, **where)
    if code == _PAIR_TOO_FAST:
        return TryAgain(reason, after=after or PAIR, **where)
    if code == _CLOSED:
        return WindowClosed(reason, **where)
    if code in _GONE:
        return Unreachable(reason, **where)
    if code in _ACCOUNT:
        return CallStaff(reason, **where)
    if code not in _OURS and status >= 500:
        return TryAgain(reason, after=after or SOON, **where)
    return Unsendable(reason, **where)


def read_content(body: bytes) -> Mapping[str, Any]:
    """Empty for what is no JSON object."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def _read_seconds(header: str) -> timedelta:
    return (
        min(timedelta(seconds=int(header)), LONGEST)
        if header.isascii() and header.isdigit() and len(header) < 7
        else timedelta(0)
    )
