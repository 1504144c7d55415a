"""Webhooks (§8): kept through the API, sent once each in the background, without a signature but with the owner's headers."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from bot.sandbox.clock import SandboxClock
from bot.sandbox.salon import Visit, What
from bot.sandbox.whautomate.call import Call, Json, Refusal, refuse_body
from bot.sandbox.whautomate.payloads import show_appointment, split_phone, write_utc
from bot.sandbox.whautomate.switches import Switches

TIMEOUT_SECONDS = 10
PROVEN = frozenset({"appointment_scheduled", "appointment_cancelled", "client_created"})
"""Event names that have been seen."""
INFERRED = frozenset({"appointment_rescheduled", "appointment_visited", "appointment_no_show", "appointment_waitlisted"})
EVENTS: dict[What, str] = {
    "created": "appointment_scheduled",
    "cancelled": "appointment_cancelled",
    "moved": "appointment_rescheduled",
    "no_show": "appointment_no_show",
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event sent: its id and type, and the receiver's HTTP status (0: no answer)."""

    id: str
    type: str
    status: int


class Webhooks:
    """Handlers of `/v1/webhooks`, and the sender. Nobody knows how often Whautomate tries: here it is once."""

    def __init__(self, clock: SandboxClock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._hooks: defaultdict[str, dict[str, Json]] = defaultdict(dict)
        self._session: ClientSession | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self.log: list[Delivery] = []

    async def run(self, _: web.Application) -> AsyncIterator[None]:
        """A cleanup context of the emulator's app."""
        self._session = ClientSession(timeout=ClientTimeout(total=TIMEOUT_SECONDS))
        yield
        sending = list(self._sending)
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)
        await self._session.close()
        self._session = None

    def reset(self) -> None:
        self._hooks.clear()
        self.log.clear()

    # ── The API ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def list_hooks(self, call: Call) -> list[Json]:
        return list(self._hooks[call.business.slug].values())

    def create_hook(self, call: Call) -> Json:
        hook = {"id": uuid4().hex[:24], **self._read(call)}
        self._hooks[call.business.slug][hook["id"]] = hook
        return hook

    def read_hook(self, call: Call) -> Json:
        return self._find(call)

    def replace_hook(self, call: Call) -> Json:
        hook = {"id": self._find(call)["id"], **self._read(call)}
        self._hooks[call.business.slug][hook["id"]] = hook
        return hook

    def delete_hook(self, call: Call) -> Json:
        del self._hooks[call.business.slug][self._find(call)["id"]]
        return {}

    def _find(self, call: Call) -> Json:
        hook = self._hooks[call.business.slug].get(call.ids["id"])
        if hook is None:
            raise Refusal(404, "Webhook not found")
        return hook

    def _read(self, call: Call) -> Json:
        """Raises `Refusal` also for an event that nobody has proven, unless the switch lets it pass."""
        is_active, events, headers = (call.body.get(name) for name in ("active", "events", "webhookHeaders"))
        known = PROVEN if self._switches.webhook_events_strict else PROVEN | INFERRED
        if not isinstance(is_active, bool) or not _is_list_of(events, str) or not set(events or [None]) <= known:
            raise refuse_body()
        if not _is_list_of(headers or [], dict) or not all(set(row) == {"key", "value"} for row in headers or []):
            raise refuse_body()
        name, url = call.read_text("name"), call.read_text("serverUrl")
        return {"name": name, "active": is_active, "serverUrl": url, "webhookHeaders": headers or [], "events": events}

    # ── Sending ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def announce(self, what: What, visit: Visit) -> None:
        """Tell whoever wants to know, beside everything else."""
        for hook in self._hooks[visit.business.slug].values():
            if self._session is not None and hook["active"] and EVENTS[what] in hook["events"]:
                body = self._describe(EVENTS[what], visit)
                task = asyncio.get_running_loop().create_task(self._send(self._session, hook, body))
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)

    def _describe(self, kind: str, visit: Visit) -> Json:
        """Richer than any answer: the client's phone and e-mail, the notes, two stamps."""
        appointment = show_appointment(visit, self._switches)
        code, digits = split_phone(visit.guest_phone, visit.place)
        appointment["client"] |= {"countryCode": code, "phone": digits, "email": visit.guest_email}
        appointment |= {
            "overrideTimeSlotValidation": visit.extra.get("override", False),
            "notes": visit.note,
            "createdAt": write_utc(visit.created_at),
            "updatedAt": write_utc(self._clock.now()),
        }
        event = {
            "id": f"evt{uuid4().hex[:20]}",
            "type": kind,
            "timeStamp": write_utc(self._clock.now()),
            "key": appointment["id"],
        }
        return {"event": event, "appointment": appointment}

    async def _send(self, session: ClientSession, hook: Json, body: Json) -> None:
        status, headers = 0, {row["key"]: row["value"] for row in hook["webhookHeaders"]}
        with suppress(ClientError, TimeoutError, ValueError):
            async with session.post(hook["serverUrl"], json=body, headers=headers) as response:
                status = response.status
        self.log.append(Delivery(body["event"]["id"], body["event"]["type"], status))


def _is_list_of(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(one, kind) for one in value)
