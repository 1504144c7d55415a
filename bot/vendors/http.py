"""Every HTTP call to a vendor: paced, bounded in time and size, guarded, repeated where that is safe, counted, redacted."""

import asyncio
import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

import aiohttp
import orjson
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from yarl import URL

from bot.errors import FrontdeskError, TryAgain
from bot.vendors.breaker import CircuitBreaker
from bot.vendors.bucket import Priority, TokenBucket, read_rate
from bot.vendors.failures import (
    TRANSPORT_FAILURES,
    Failure,
    translate_status,
    translate_transport,
)

log = logging.getLogger(__name__)

TIMEOUT = timedelta(seconds=10)
"""For one call with its waiting and all its repeats: well inside a worker's lease."""
CONNECT_SHARE = 0.5
"""Of the time left, for getting a connection: a dead host is then known as "never sent" instead of unclear."""
LARGEST_ANSWER = 4 * 1024 * 1024
"""Bytes, unpacked. A page of 100 services with HTML descriptions of 10-20 kB each passes 1 MiB; nothing documented nears 4."""
MOST_REPEATS = 2
"""Zenoti's own advice for 503 and 504 is two or three spaced tries."""
FIRST_PAUSE = timedelta(milliseconds=200)
LONGEST_PAUSE = timedelta(seconds=2)

Json = Any
"""What came out of a JSON parser; adapters turn it into types right away."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a vendor."""

    verb: str
    """The vendor operation in one word, for logs and metrics."""
    method: str
    path: str
    """Below the base address. Never logged: it holds ids."""
    credential: str = field(repr=False)
    """Whose quota is spent: bucket and circuit breaker are kept per credential. Never logged."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Never logged: one vendor wants its session here, others a customer's phone number."""
    body: Mapping[str, Json] | None = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    """Sent form-encoded instead of `body`, as OAuth wants it."""
    is_write: bool = False
    """Not to be repeated blindly: what is unclear becomes `OutcomeUnknown`. A POST that is harmless twice is no write.
    aiohttp itself repeats PUT and DELETE on a connection that had been idle: only POST and PATCH are never sent twice."""
    priority: Priority = Priority.CATALOG
    timeout: timedelta | None = None
    """For the call with its waiting and all its repeats; None: the client's own."""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON object or list that a vendor answered with 2xx or 4xx."""

    status: int
    data: Json


class VendorMetrics:
    """Counters of vendor calls. Made once per registry and handed to every `VendorHttp`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._calls = Counter(
            "frontdesk_vendor_calls", "Requests sent to vendors.", ("vendor", "verb", "outcome"), registry=registry
        )
        self._seconds = Histogram(
            "frontdesk_vendor_call_seconds", "Time to a vendor's answer.", ("vendor", "verb"), registry=registry
        )

        of_whom = ("vendor", "business")
        self._open = Gauge(
            "frontdesk_vendor_circuit_open", "1 while nothing is sent because calls keep failing.", of_whom, registry=registry
        )
        self._left = Gauge("frontdesk_vendor_calls_left", "Calls left to the key last used.", of_whom, registry=registry)
        # Finding a metric by its labels costs more than counting.
        self._count = cache(self._calls.labels)
        self._clock = cache(self._seconds.labels)

    def show_budget(self, vendor: str, business: str, *, is_open: bool, left: int | None) -> None:
        """Whether calls are let through, and how many more; None where that is not known."""
        self._open.labels(vendor, business).set(is_open)
        if left is not None:
            self._left.labels(vendor, business).set(left)

    def count(self, vendor: str, verb: str, outcome: str, seconds: float) -> None:
        self._count(vendor, verb, outcome).inc()
        self._clock(vendor, verb).observe(seconds)


class VendorHttp:
    """Carries calls to one vendor. Raises only errors of `bot.errors`, each with vendor, verb and reference.

    The session is shared and should have no cookie jar (`DummyCookieJar`): vendors are called with a key, not a login.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        vendor: str,
        base_url: str,
        bucket: TokenBucket,
        metrics: VendorMetrics,
        timeout: timedelta = TIMEOUT,
        business: str = "",
    ) -> None:
        """`business` is its slug, for the metrics."""
        self._business = business
        self._session = session
        self._vendor = vendor
        self._base = str(URL(base_url)).rstrip("/")
        self._bucket = bucket
        self._metrics = metrics
        self._timeout = timeout
        self._breakers: dict[str, CircuitBreaker] = {}

    async def send(self, call: Call) -> Answer:
        """Carry out one call within its timeout, repeats included.

        Reads: `TryAgain`, `CallStaff`, `VendorChanged`. Writes: `TryAgain` and `CallStaff` mean certainly not applied,
        `OutcomeUnknown` everything else.
        """
        deadline = asyncio.get_running_loop().time() + (call.timeout or self._timeout).total_seconds()
        repeats = 0
        while True:
            result = await self._attempt(call, deadline)
            if isinstance(result, Answer):
                return result
            if call.is_write or not result.is_passing or repeats >= MOST_REPEATS:
                raise self._sign(result.error, call)
            if not await _pause(repeats, deadline):
                raise self._sign(result.error, call)
            repeats += 1

    async def _attempt(self, call: Call, deadline: float) -> Answer | Failure:
        breaker = self._breakers.setdefault(call.credential, CircuitBreaker(asyncio.get_running_loop().time))
        is_failure: bool | None = None
        try:
            breaker.enter()
        except TryAgain as error:
            return Failure(error)
        try:
            await self._bucket.take(call.credential, call.priority, patience=_left(deadline) / 2)
            result = await self._request(call, deadline)
            is_failure = isinstance(result, Failure) and result.is_vendors
        except TryAgain as error:
            return Failure(error)
        else:
            return result
        finally:
            breaker.leave(is_failure=is_failure)
            left = self._bucket.left(call.credential)
            self._metrics.show_budget(self._vendor, self._business, is_open=breaker.is_open, left=left)

    async def _request(self, call: Call, deadline: float) -> Answer | Failure:
        started = asyncio.get_running_loop().time()
        outcome = "cancelled"
        try:
            result = await self._exchange(call, _left(deadline).total_seconds())
            outcome = type(result.error).__name__ if isinstance(result, Failure) else "answered"
        except TRANSPORT_FAILURES as error:
            outcome = type(error).__name__
            return translate_transport(error, is_write=call.is_write)
        else:
            return result
        finally:
            seconds = asyncio.get_running_loop().time() - started
            self._metrics.count(self._vendor, call.verb, outcome, seconds)
            log.debug("%s.%s [%s] %s in %.0f ms", self._vendor, call.verb, call.reference, outcome, seconds * 1000)

    async def _exchange(self, call: Call, seconds: float) -> Answer | Failure:
        timeout = aiohttp.ClientTimeout(total=seconds, connect=seconds * CONNECT_SHARE)
        body = _write_body(call)
        kind = "application/json" if call.form is None else "application/x-www-form-urlencoded"
        headers = {"Accept": "application/json", "Content-Type": kind, **call.headers}
        async with self._session.request(
            call.method,
            URL(self._base + call.path, encoded=True),
            params=call.query,
            data=body,
            headers=headers,
            timeout=timeout,
            allow_redirects=False,
        ) as response:
            hint = read_rate(response.headers)
            wait = await self._bucket.learn(call.credential, hint, is_refused=response.status == 429)
            is_json, data = _parse(await _read(response))
            has_answer = isinstance(data, dict | list)
            failure = translate_status(response.status, has_answer=has_answer, is_json=is_json, is_write=call.is_write, wait=wait)
            return failure or Answer(response.status, data)

    def _sign(self, error: FrontdeskError, call: Call) -> FrontdeskError:
        error.source, error.verb, error.reference = self._vendor, call.verb, call.reference
        log.warning("%s: %s", type(error).__name__, error)
        return error


def _write_body(call: Call) -> bytes | None:
    if call.form is not None:
        return urlencode(call.form).encode()
    return None if call.body is None else orjson.dumps(call.body)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The body, or nothing once it is larger than any answer should be."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_chunked(65_536):
        size += len(chunk)
        if size > LARGEST_ANSWER:
            return b""
        chunks.append(chunk)
    return b"".join(chunks)


def _parse(body: bytes) -> tuple[bool, Json]:
    """Whether it is JSON, and what it says."""
    try:
        return True, orjson.loads(body)
    except orjson.JSONDecodeError:
        return False, None


def _left(deadline: float) -> timedelta:
    return timedelta(seconds=max(deadline - asyncio.get_running_loop().time(), 0.001))


async def _pause(repeats: int, deadline: float) -> bool:
    """Wait with full jitter before a repeat. False when no time would be left for it."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2**repeats)
    pause = timedelta(seconds=random.uniform(0, longest.total_seconds()))  # noqa: S311 - jitter
    if pause >= _left(deadline) / 2:
        return False
    await asyncio.sleep(pause.total_seconds())
    return True
