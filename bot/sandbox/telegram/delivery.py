"""Webhook delivery: one update a POST, in order within a queue, again until it is acknowledged or expires."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import orjson
from aiohttp import ClientConnectorDNSError, ClientConnectorError, ClientError, ClientSession, ClientTimeout

from bot.sandbox.clock import SandboxClock
from bot.sandbox.telegram.chats import Payload
from bot.sandbox.telegram.switches import Delivery
from bot.sandbox.telegram.updates import Update, Updates

# telegram.md section 2: seconds; the cap of the growing wait is drawn between the two, our own Retry-After is cut at the last.
_LOWEST_CAP = 60.0
_HIGHEST_CAP = 120.0
_LONGEST_RETRY_AFTER = 3600.0
# Real seconds between looks at the sandbox clock, which may jump.
_TICK = 0.05

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the header's name


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a bot wants its updates."""

    url: str
    secret: str = ""
    max_connections: int = 40
    ip_address: str = ""


@dataclass(frozen=True, slots=True)
class _Outcome:
    is_ok: bool
    retry_after: float | None = None


class Courier:
    """Delivers one bot's updates."""

    def __init__(
        self, updates: Updates, plan: Delivery, *, clock: SandboxClock, rng: Random, session: Callable[[], ClientSession]
    ) -> None:
        self._updates = updates
        self._plan = plan
        self._clock = clock
        self._rng = rng
        self._session = session
        self._queues: dict[str, deque[Update]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._overtaken: dict[int, asyncio.Event] = {}
        """By user: set when a tap got ahead of the message that waits for it."""
        self._slots = asyncio.Semaphore(1)
        self.webhook: Webhook | None = None
        self.failures = 0
        """Deliveries that were not acknowledged, since the start."""
        self.last_error_at: datetime | None = None
        self.last_error = ""
        self.embedded_call: Callable[[Payload], Awaitable[None]] | None = None
        """Runs the call that a webhook's answer may carry."""

    def start(self, webhook: Webhook) -> None:
        """Deliver to `webhook` from now on, beginning with what is pending."""
        self.stop()
        self.webhook = webhook
        self._slots = asyncio.Semaphore(webhook.max_connections)
        for update in self._updates:
            self.take(update)

    def stop(self) -> None:
        self.webhook = None
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()
        self._queues.clear()

    def forget(self) -> None:
        """Drop what is under way, keep the webhook."""
        if self.webhook is not None:
            self.start(self.webhook)

    def take(self, update: Update) -> None:
        if self.webhook is None:
            return
        queue = self._queues.get(update.queue)
        if queue is not None:
            queue.append(update)
            return
        queue = self._queues[update.queue] = deque((update,))
        task = asyncio.create_task(self._drain(update.queue, queue))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, name: str, queue: deque[Update]) -> None:
        while queue:
            await self._deliver(queue[0])
            queue.popleft()
        if self._queues.get(name) is queue:
            del self._queues[name]

    async def _deliver(self, update: Update) -> None:
        await self._hold(update)
        failures = 0
        while not update.done.is_set():
            if self._clock.now() >= update.expires:
                self._updates.drop(update)
                return
            if self._plan.paused:
                await asyncio.sleep(_TICK)
                continue
            outcome = await self._post_with_duplicates(update)
            if outcome.is_ok:
                self._acknowledge(update)
                return
            failures += 1
            await self._sleep_until(min(update.expires, self._clock.now() + self._choose_wait(outcome, failures)))

    async def _hold(self, update: Update) -> None:
        if self._plan.delay_seconds:
            await self._sleep_until(self._clock.now() + timedelta(seconds=self._plan.delay_seconds))
        if self._plan.swap_callbacks and update.kind == "message" and self._rng.random() < self._plan.swap_share:
            await self._let_tap_overtake(update)

    async def _let_tap_overtake(self, update: Update) -> None:
        """Wait, in real time, until a tap of the same person was acknowledged."""
        overtaken = self._overtaken.setdefault(update.user, asyncio.Event())
        try:
            async with asyncio.timeout(self._plan.swap_hold_seconds):
                await overtaken.wait()
        except TimeoutError:
            return

    def _acknowledge(self, update: Update) -> None:
        self._updates.acknowledge(update)
        if update.kind == "callback_query" and update.user in self._overtaken:
            self._overtaken.pop(update.user).set()

    def _choose_wait(self, outcome: _Outcome, failures: int) -> timedelta:
        if outcome.retry_after is not None:
            return timedelta(seconds=min(outcome.retry_after, _LONGEST_RETRY_AFTER))
        if failures == 1:
            return timedelta()
        grown = self._plan.retry_base_seconds * 2.0 ** min(failures - 2, 30)
        return timedelta(seconds=min(grown, self._rng.uniform(_LOWEST_CAP, _HIGHEST_CAP)))

    async def _sleep_until(self, moment: datetime) -> None:
        while (left := (moment - self._clock.now()).total_seconds()) > 0:  # noqa: ASYNC110  # the clock may jump and tells nobody
            await asyncio.sleep(min(left, _TICK))

    async def _post_with_duplicates(self, update: Update) -> _Outcome:
        duplicates = self._plan.duplicates if self._rng.random() < self._plan.duplicate_share else 0
        if duplicates and self._plan.concurrent_duplicates:
            outcomes = await asyncio.gather(*(self._post(update) for _ in range(duplicates + 1)))
            return next((outcome for outcome in outcomes if outcome.is_ok), outcomes[0])
        outcome = await self._post(update)
        if outcome.is_ok:
            for _ in range(duplicates):
                await self._post(update)
        return outcome

    async def _post(self, update: Update) -> _Outcome:
        webhook = self.webhook
        if webhook is None:
            return _Outcome(False)
        async with self._slots:
            try:
                async with self._session().post(
                    webhook.url,
                    data=update.body,
                    headers=self._headers(webhook),
                    timeout=ClientTimeout(total=self._plan.answer_timeout_seconds),
                    allow_redirects=False,
                ) as response:
                    body = await response.read()
            except TimeoutError:
                return self._note("Read timeout expired")
            except ClientConnectorDNSError:
                return self._note("Failed to resolve host: Name or service not known")
            except ClientConnectorError:
                return self._note("Connection refused")
            except (ClientError, OSError):
                return self._note("Connection closed")
        if 200 <= response.status < 300:
            await self._run_embedded(body)
            return _Outcome(True)
        wait = response.headers.get("Retry-After", "")
        self._note(f"Wrong response from the webhook: {response.status} {response.reason}")
        return _Outcome(False, float(wait) if wait.isdecimal() else None)

    def _headers(self, webhook: Webhook) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        if webhook.secret and not self._plan.no_secret:
            headers[SECRET_HEADER] = "wrong" if self._plan.wrong_secret else webhook.secret
        return headers

    def _note(self, reason: str) -> _Outcome:
        self.failures += 1
        self.last_error, self.last_error_at = reason, self._clock.now()
        return _Outcome(False)

    async def _run_embedded(self, body: bytes) -> None:
        if not body.startswith(b"{") or self.embedded_call is None:
            return
        try:
            call = orjson.loads(body)
        except ValueError:
            return
        if isinstance(call.get("method"), str):
            await self.embedded_call(call)
