"""Webhooks out: batched, escaped, signed over the very bytes that are sent, repeated until they are answered 200."""

import asyncio
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout
from yarl import URL

from bot.sandbox.clock import SandboxClock
from bot.sandbox.whatsapp.people import Payload
from bot.sandbox.whatsapp.switches import Delivery

SIGNATURE_HEADER = "X-Hub-Signature-256"

_KEPT_FOR = timedelta(days=7)
"""How long an undelivered webhook is repeated (whatsapp.md section 3)."""
_TICK = 0.05
"""Real seconds between looks at the sandbox clock, which may jump."""
_LONGEST_WAIT = 120.0

_Item = tuple[str, Payload]
"""Field and value."""


@dataclass(slots=True)
class Hook:
    """Where one number's webhooks go, and what they say of the number."""

    account_id: str
    number_id: str
    display_number: str
    secret: str
    url: str = ""


class Courier:
    """Delivers one number's webhooks."""

    def __init__(
        self, hook: Hook, plan: Delivery, *, clock: SandboxClock, rng: Random, session: Callable[[], ClientSession]
    ) -> None:
        self.hook = hook
        self.failures = 0
        """Deliveries that were not answered 200."""
        self.posts = 0
        self._plan = plan
        self._clock = clock
        self._rng = rng
        self._session = session
        self._waiting: list[_Item] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def verify(self, url: str, token: str) -> bool:
        """The handshake (section 1): whether the address answers with the challenge and nothing else."""
        challenge = str(self._rng.randrange(10**9, 10**10))
        query = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": challenge}
        try:
            timeout = ClientTimeout(total=self._plan.answer_timeout_seconds)
            async with self._session().get(URL(url).with_query(query), timeout=timeout) as answer:
                return answer.status == 200 and await answer.text() == challenge
        except (ClientError, TimeoutError, OSError):
            return False

    def take(self, field: str, value: Payload) -> None:
        """Nothing is kept for a number without a webhook."""
        if not self.hook.url:
            return
        self._waiting.append((field, value))
        if len(self._waiting) >= self._plan.batch:
            self.flush()

    def flush(self) -> None:
        """Send what waits, in one POST."""
        items, self._waiting = self._waiting, []
        if items:
            self.send(self.pack(items))

    def send(self, body: bytes) -> None:
        """Deliver these bytes, signed, until they are taken."""
        task = asyncio.create_task(self._deliver(body))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def forget(self) -> None:
        """Drop what is under way."""
        self._waiting.clear()
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()

    def sign(self, body: bytes) -> str:
        return "sha256=" + hmac.new(self.hook.secret.encode(), body, "sha256").hexdigest()

    def pack(self, items: list[_Item]) -> bytes:
        """Several changes in several entries, everything but ASCII and the slash escaped, as Meta does it."""
        if self._plan.shuffle:
            self._rng.shuffle(items)
        changes = [change for group in _group(items, self._plan.items_per_change) for change in self._write_changes(group)]
        per = self._plan.changes_per_entry
        entries = [
            {"id": self.hook.account_id, "time": int(self._clock.now().timestamp()), "changes": changes[at : at + per]}
            for at in range(0, len(changes), per)
        ]
        return json.dumps({"object": "whatsapp_business_account", "entry": entries}).replace("/", r"\/").encode()

    def _write_changes(self, group: list[_Item]) -> list[Payload]:
        """Items of one field become one change, their lists joined."""
        changes: dict[str, Payload] = {}
        for field, part in group:
            value = changes.setdefault(field, {"messaging_product": "whatsapp", "metadata": self._metadata()})
            for name, content in part.items():
                value[name] = [*value.get(name, ()), *content] if isinstance(content, list) else content
        return [{"field": field, "value": value} for field, value in changes.items()]

    def _metadata(self) -> dict[str, str]:
        return {"display_phone_number": self.hook.display_number, "phone_number_id": self.hook.number_id}

    async def _deliver(self, body: bytes) -> None:
        expires = self._clock.now() + _KEPT_FOR
        failures = 0
        while self._clock.now() < expires:
            if self._plan.paused:
                await asyncio.sleep(_TICK)
                continue
            if await self._post(body):
                for _ in range(self._plan.duplicates):
                    await self._post(body)
                return
            failures += 1
            await self._pause(failures)

    async def _pause(self, failures: int) -> None:
        seconds = 0.0 if failures == 1 else min(self._plan.retry_base_seconds * 2.0 ** min(failures - 2, 30), _LONGEST_WAIT)
        until = self._clock.now() + timedelta(seconds=seconds)
        while (left := (until - self._clock.now()).total_seconds()) > 0:  # noqa: ASYNC110  the clock may jump and tells nobody
            await asyncio.sleep(min(left, _TICK))

    async def _post(self, body: bytes) -> bool:
        signature = "sha256=" + "0" * 64 if self._plan.bad_signature else self.sign(body)
        headers = {"Content-Type": "application/json", SIGNATURE_HEADER: signature}
        self.posts += 1
        try:
            timeout = ClientTimeout(total=self._plan.answer_timeout_seconds)
            async with self._session().post(self.hook.url, data=body, headers=headers, timeout=timeout) as answer:
                await answer.read()
                is_taken = answer.status == 200
        except (ClientError, TimeoutError, OSError):
            is_taken = False
        self.failures += not is_taken
        return is_taken


def _group(items: list[_Item], size: int) -> list[list[Any]]:
    return [items[at : at + size] for at in range(0, len(items), size)]
