"""`POST /<phone number id>/messages`: messages, read marks, and the statuses that follow."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from bot.sandbox.whatsapp.chats import Chat, Message, Status
from bot.sandbox.whatsapp.people import Payload, Person
from bot.sandbox.whatsapp.platform import Account, Platform
from bot.sandbox.whatsapp.refusals import TITLES, Refused, refuse_missing, refuse_value
from bot.sandbox.whatsapp.rules import USER_ID, check_message

WINDOW = timedelta(hours=24)
TYPING = timedelta(seconds=25)
_TOLERANCE = 0.005
"""Seconds forgiven, so that a sender pacing itself exactly on the limit is not refused over a rounding error."""


@dataclass(frozen=True, slots=True)
class Sending:
    """The calls of one number."""

    platform: Platform
    account: Account

    def take(self, body: Payload) -> Payload:
        """The answer. Raises Refused."""
        if body.get("messaging_product") != "whatsapp":
            raise Refused(100, "messaging_product")
        if body.get("status") == "read":
            return self._mark_read(body)
        kind, content = check_message(body)
        phone, user_id = _read_recipient(body)
        person = self.platform.find_recipient(phone=phone, user_id=user_id)
        message = Message(
            self.platform.make_id(),
            is_from_bot=True,
            at=self.platform.now(),
            kind=kind,
            content=content,
            reference=body.get("biz_opaque_callback_data", ""),
        )
        if person is None:  # a number without WhatsApp is found out later
            self._report(message, Person(0, "", phone, user_id), "failed", code=131026)
        else:
            self._send(self.platform.find_chat(self.account, person), message)
        contact = {
            "input": phone or user_id,
            **({"wa_id": "".join(filter(str.isdigit, phone))} if phone else {"user_id": user_id}),
        }
        return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": message.id}]}

    def _send(self, chat: Chat, message: Message) -> None:
        is_open = chat.last_inbound is not None and self.platform.now() - chat.last_inbound < WINDOW
        switches = self.platform.switches
        if switches.window and not is_open and not switches.window_is_late:
            raise Refused(131047, "more than 24 hours have passed since the customer last wrote")
        self._check_rates(chat)
        self.account.sent += 1
        if (switches.window and not is_open) or chat.person.is_gone:
            self._report(message, chat.person, "failed", code=131026 if chat.person.is_gone else 131047)
            return
        chat.typing_until = None
        self.platform.post(self.account, chat, message)
        self._report(message, chat.person, "sent")
        if not self.platform.delivery.skips_delivered:
            self._report(message, chat.person, "delivered")

    def mark_seen(self, chat: Chat) -> None:
        """The person has looked at the chat."""
        for message in chat.messages.values():
            if message.is_from_bot and message.status in ("sent", "delivered"):
                self._report(message, chat.person, "read")

    def _mark_read(self, body: Payload) -> Payload:
        ident = body.get("message_id")
        if not isinstance(ident, str):
            raise refuse_missing("message_id")
        author = self.account.authors.get(ident)
        chat = self.account.chats.get(author) if author is not None else None
        if chat is None:
            raise refuse_value("message_id")
        for message in chat.messages.values():
            if not message.is_from_bot:
                message.status = "read"
        if body.get("typing_indicator") == {"type": "text"}:
            chat.typing_until = self.platform.now() + TYPING
        self.platform.touch(self.account, chat)
        return {"success": True}

    def _check_rates(self, chat: Chat) -> None:
        switches, now = self.platform.switches, self.platform.now().timestamp()
        if not switches.rates:
            return
        interval, burst = switches.pair_interval_seconds, switches.pair_burst
        if (early := chat.due - now - interval * (burst - 1)) > _TOLERANCE:
            raise self._throttle(131056, early)
        rate = switches.number_rate
        if (early := self.account.due - now - (rate - 1) / rate) > _TOLERANCE:
            raise self._throttle(130429, early)
        chat.due = max(chat.due, now) + interval
        self.account.due = max(self.account.due, now) + 1 / rate

    def _throttle(self, code: int, seconds: float) -> Refused:
        switches = self.platform.switches
        wait = ceil(seconds) if switches.sends_retry_after else 0
        return Refused(code, TITLES[code], status=switches.throttle_status, retry_after=wait)

    def _report(self, message: Message, person: Person, status: Status, *, code: int = 0) -> None:
        message.status = status
        delivery = self.platform.delivery
        if not delivery.statuses:
            return
        row: Payload = {"id": message.id, "status": status, "timestamp": str(int(self.platform.now().timestamp()))}
        # Who it was for is all there is of somebody unknown, and a failed message to a number names nobody's id.
        row.update(person.recipient() if person.id and status != "failed" else {})
        if message.reference:
            row["biz_opaque_callback_data"] = message.reference
        if code:
            row["errors"] = [{"code": code, "title": TITLES[code], "message": TITLES[code], "error_data": {"details": "sandbox"}}]
        value: Payload = {"statuses": [row]}
        if delivery.status_contacts != "none" and person.id and not code:
            contact = person.contact()
            value["contacts"] = [contact if delivery.status_contacts == "full" else {"user_id": contact["user_id"]}]
        self.platform.report(self.account, "messages", value)


def _read_recipient(body: Payload) -> tuple[str, str]:
    """Phone (as given) or business-scoped user id; the phone wins where both are given."""
    phone, user_id = body.get("to"), body.get("recipient")
    if isinstance(phone, str) and phone:
        return phone, ""
    if not isinstance(user_id, str) or not user_id:
        raise Refused(100, "the parameter to is required")
    if not USER_ID.fullmatch(user_id):
        raise refuse_value("recipient")
    return "", user_id
