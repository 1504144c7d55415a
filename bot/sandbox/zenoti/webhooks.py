"""Sends Zenoti's webhooks, signed as seen on real traffic (§14)."""

import asyncio
import hmac
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from bot.sandbox.clock import SandboxClock
from bot.sandbox.zenoti.call import Json
from bot.sandbox.zenoti.events import show_created, show_status
from bot.sandbox.zenoti.ledger import Invoice, new_id
from bot.sandbox.zenoti.switches import Switches

SIGNATURE_HEADER = "zenoti-webhook-signature"
TIMEOUT_SECONDS = 10
TRIES = 5
LONGEST_BACKOFF_SECONDS = 600
FAILURES_UNTIL_OFF = 20
"""§14: in a row; then the webhook is switched off."""
LOG_LENGTH = 1000


def sign_body(secret: str, body: bytes) -> str:
    """HMAC-SHA256 as upper-case byte pairs joined by dashes; the space before `=` is real."""
    digest = hmac.new(secret.encode(), body, "sha256").hexdigest().upper()
    return "sha256 =" + "-".join(digest[at : at + 2] for at in range(0, len(digest), 2))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try: which event, and the receiver's HTTP status (0: no answer)."""

    id: str
    event_type: str
    status: int


class WebhookSender:
    """Delivers in the background; every event on its own, so a failing one holds up no other."""

    def __init__(self, clock: SandboxClock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._session: ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures = 0
        self._failed_url = ""
        self.log: deque[Delivery] = deque(maxlen=LOG_LENGTH)

    async def run(self, _: web.Application) -> AsyncIterator[None]:
        """A cleanup context of the emulator's app."""
        self._session = ClientSession(timeout=ClientTimeout(total=TIMEOUT_SECONDS))
        yield
        await self._stop()
        await self._session.close()
        self._session = None

    @property
    def is_off(self) -> bool:
        """Switched off after too many failures; another url switches it on again."""
        return self._failures >= FAILURES_UNTIL_OFF and self._failed_url == self._switches.webhook_url

    def switch_on(self) -> None:
        self._failures = 0

    def reset(self) -> None:
        self._failures = 0
        self.log.clear()
        for task in self._tasks:
            task.cancel()

    def announce(self, event_type: str, invoice: Invoice) -> None:
        """Queue the event for delivery; nothing where no url is set."""
        if not self._switches.webhook_url or self.is_off or self._session is None:
            return
        data = show_status(invoice) if event_type == "AppointmentGroup.Status" else show_created(invoice)
        self._start(event_type, data)

    async def ping(self) -> int:
        """The admin page's "test trigger": an empty POST without signature. The receiver's status."""
        return await self._post(b"", {})

    def _start(self, event_type: str, data: Json) -> None:
        event_id = new_id()
        envelope = {
            "id": event_id,
            "event_id": event_id,
            "event_schema": "v1",
            "event_resource": "AppointmentGroup",
            "event_type": event_type,
            "event_timestamp": self._clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "data": data,
        }
        body = json.dumps(envelope, ensure_ascii=False).encode()
        task = asyncio.get_running_loop().create_task(self._deliver(event_id, event_type, body))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, event_id: str, event_type: str, body: bytes) -> None:
        backoff = self._switches.webhook_backoff_seconds
        headers = {"Content-Type": "application/json", SIGNATURE_HEADER: sign_body(self._switches.webhook_secret, body)}
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(min(backoff * 2 ** (attempt - 1), LONGEST_BACKOFF_SECONDS))
            status = await self._post(body, headers)
            self.log.append(Delivery(event_id, event_type, status))
            if 200 <= status < 300:
                self._failures = 0
                return
            self._failures += 1
            self._failed_url = self._switches.webhook_url
            if self.is_off:
                return

    async def _post(self, body: bytes, headers: dict[str, str]) -> int:
        """The receiver's status; 0 where none came."""
        if self._session is None or not self._switches.webhook_url:
            return 0
        with suppress(ClientError, TimeoutError):
            async with self._session.post(self._switches.webhook_url, data=body, headers=headers) as response:
                return response.status
        return 0

    async def _stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
