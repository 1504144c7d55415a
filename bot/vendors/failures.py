"""The one place where transport failures and HTTP statuses become errors named by what to do next."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

import aiohttp

from bot.errors import CallStaff, FrontdeskError, OutcomeUnknown, TryAgain, VendorChanged


class KeyRefused(CallStaff):
    """401 or 403: this credential is not taken. Certainly not applied; where it can be renewed, worth one more try."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class Fate(Enum):
    """What is known about a request that brought no usable answer."""

    UNSENT = auto()
    """It never left: repeat at will."""
    UNCLEAR = auto()
    """It may have arrived and been applied."""
    UNREADABLE = auto()
    """Something came back that is not an answer; whether it was applied is unclear."""
    MISCONFIGURED = auto()
    """It never left, and will not until somebody changes an address or a certificate."""


FATES: dict[type[BaseException], Fate] = {
    # Nothing was sent.
    aiohttp.ClientConnectorError: Fate.UNSENT,
    aiohttp.ConnectionTimeoutError: Fate.UNSENT,
    aiohttp.ClientHttpProxyError: Fate.UNSENT,
    aiohttp.ClientConnectorCertificateError: Fate.MISCONFIGURED,
    aiohttp.ServerFingerprintMismatch: Fate.MISCONFIGURED,
    aiohttp.InvalidURL: Fate.MISCONFIGURED,
    aiohttp.NonHttpUrlClientError: Fate.MISCONFIGURED,
    # Something came back, but not what was asked for.
    aiohttp.ClientResponseError: Fate.UNREADABLE,
    aiohttp.ClientPayloadError: Fate.UNREADABLE,
    aiohttp.RedirectClientError: Fate.UNREADABLE,
    aiohttp.InvalidUrlRedirectClientError: Fate.UNREADABLE,
    aiohttp.NonHttpUrlRedirectClientError: Fate.UNREADABLE,
    # Everything else may have been sent, in part or in full.
    aiohttp.ClientError: Fate.UNCLEAR,
    asyncio.TimeoutError: Fate.UNCLEAR,
    OSError: Fate.UNCLEAR,
}
"""By the nearest ancestor, so that an exception that a later aiohttp adds is read as its parent, at worst as unclear."""

TRANSPORT_FAILURES = (aiohttp.ClientError, asyncio.TimeoutError, OSError)


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed attempt: the error to raise, and whether the same read may be worth another try at once."""

    error: FrontdeskError
    is_passing: bool = False
    is_vendors: bool = False
    """It speaks against the vendor's health (transport, 5xx): the circuit breaker counts it."""


def find_fate(error: BaseException) -> Fate:
    """What this exception of the HTTP library means."""
    for ancestor in type(error).__mro__:
        if ancestor in FATES:
            return FATES[ancestor]
    raise TypeError(f"not a transport failure: {type(error).__name__}")


def translate_transport(error: BaseException, *, is_write: bool) -> Failure:
    """A failure without an HTTP status. Its reason is the exception's class alone: messages may hold addresses."""
    reason, fate = type(error).__name__, find_fate(error)
    if fate is Fate.MISCONFIGURED:
        return Failure(CallStaff(reason), is_vendors=True)
    if fate is Fate.UNSENT:
        return Failure(TryAgain(reason), is_passing=True, is_vendors=True)
    if is_write:
        return Failure(OutcomeUnknown(reason), is_vendors=True)
    return Failure(TryAgain(reason), is_passing=True, is_vendors=True)


def translate_unreadable(reason: str, *, is_json: bool, is_write: bool) -> Failure:
    """A 2xx or 3xx whose body is no JSON object or list.

    What is no JSON at all (HTML, cut short, too large) happens while a vendor is failing and passes; a bare word, or a
    redirect, is a changed vendor.
    """
    if is_write:
        return Failure(OutcomeUnknown(reason), is_vendors=not is_json)
    if is_json:
        return Failure(VendorChanged(reason))
    return Failure(TryAgain(reason), is_passing=True, is_vendors=True)


def translate_status(status: int, *, has_answer: bool, is_json: bool, is_write: bool, wait: timedelta) -> Failure | None:
    """An HTTP status. None: the body is an answer that the adapter must read.

    `is_json`: the body is JSON; `has_answer`: of a kind that can be an answer, an object or a list. `wait`: how long a
    429 asked us to stay away.
    """
    reason = f"status {status}"
    if status == 429:
        return Failure(TryAgain(reason, after=wait), is_passing=True)
    if status in (401, 403):
        return Failure(KeyRefused(status))
    if status == 402:
        return Failure(CallStaff(reason))
    if status >= 500 or status == 408:
        error = OutcomeUnknown(reason) if is_write else TryAgain(reason)
        return Failure(error, is_passing=True, is_vendors=True)
    if has_answer and (200 <= status < 300 or status >= 400):
        return None
    if status >= 400:  # refused by something before the vendor's own code, so not applied
        return Failure(CallStaff(reason) if is_write else VendorChanged(reason))
    is_redirect = not 200 <= status < 300
    return translate_unreadable(f"{reason}, unreadable", is_json=is_json or is_redirect, is_write=is_write)
