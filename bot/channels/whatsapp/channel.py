"""One business number on WhatsApp, as the rest of the bot sees it."""

import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from redis.asyncio import Redis

from bot.channels.base import Arrival, ChannelTraits, Message, Odd, Pace, Part, Stray
from bot.channels.rate import AccountRate
from bot.channels.tokens import TokenCodec, derive_secret
from bot.channels.whatsapp import signature, updates
from bot.channels.whatsapp.client import Client
from bot.channels.whatsapp.contacts import Change, Contacts
from bot.channels.whatsapp.items import Item, split, wrap_all
from bot.channels.whatsapp.ledger import FAILED, SENT, UNKNOWN, Fate, Ledger
from bot.channels.whatsapp.metrics import CallMetrics
from bot.channels.whatsapp.refusals import SOURCE, Throttled, explain_code
from bot.channels.whatsapp.render import MAX_ROWS, Renderer
from bot.channels.whatsapp.settings import WhatsappSettings
from bot.conversation.contract import Event, Said, Tapped
from bot.errors import CallStaff, OutcomeUnknown, TryAgain, Unreachable, Unsendable, WindowClosed

TRAITS = ChannelTraits(
    slug="whatsapp",
    page_rows=MAX_ROWS,
    can_edit=False,
    most_buttons=MAX_ROWS,
    asks_contact_alone=True,
    shows_typing=True,
    reports_delivery=True,
)

PAIR = Pace(interval=timedelta(seconds=6), burst=40)
"""To one person: one in 6 s in the long run, 45 at once (whatsapp.md section 10); a little less."""
NUMBER_INTERVAL, NUMBER_BURST = timedelta(seconds=1 / 60), 20
"""80 messages a second of one number, in both directions: room is left for what comes in."""
PATIENCE = timedelta(seconds=2)
"""A longer wait for the number's budget is not spent holding the conversation."""
WINDOW = timedelta(hours=23, minutes=50)
"""24 hours after the customer's last message (section 7), less a margin for clocks and for the way."""
STATUS_WAIT = timedelta(seconds=90)
"""After a lost answer a status may still prove that the message went out (section 11); only then is it sent again."""

log = logging.getLogger("frontdesk.whatsapp")


def make_rate(settings: WhatsappSettings, redis: Redis) -> AccountRate:
    """The budget of one number, for all workers on this Redis."""
    key = f"frontdesk:pace:whatsapp:{settings.number_id}"
    return AccountRate(redis, key, interval=NUMBER_INTERVAL, burst=NUMBER_BURST)


class Whatsapp:
    """A `VerifiedChannel`. The session is the application's, shared by all numbers, and closed by it."""

    def __init__(
        self,
        settings: WhatsappSettings,
        session: aiohttp.ClientSession,
        redis: Redis,
        *,
        metrics: CallMetrics,
        now: Callable[[], datetime],
        rate: AccountRate | None = None,
    ) -> None:
        """`rate`: what all workers together may send; without it each chat's own pace is all that is kept."""
        secrets = tuple(secret for secret in settings.app_secrets if secret)
        # An account without a secret takes nothing in; what it sends needs a key all the same.
        keys = [derive_secret(secret, f"{settings.slug}/{settings.number_id}") for secret in secrets or (settings.access_token,)]
        self._settings = settings
        self._secrets = tuple(secret.encode() for secret in secrets)
        self._codec = TokenCodec(keys[0], previous=keys[1:])
        self._renderer = Renderer(self._codec)
        self._client = Client(settings, session, metrics=metrics)
        prefix = f"frontdesk:whatsapp:{{{settings.number_id}}}"
        self._contacts = Contacts(redis, prefix)
        self._ledger = Ledger(redis, prefix)
        self._metrics = metrics
        self._now = now
        self._rate = rate

    @property
    def traits(self) -> ChannelTraits:
        return TRAITS

    @property
    def account(self) -> str:
        return self._settings.number_id

    def is_authentic(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """`headers` must be found without regard to case, as aiohttp's are."""
        return signature.is_signed(self._secrets, body, headers)

    def answer_challenge(self, query: Mapping[str, str]) -> str | None:
        return signature.answer_challenge(self._settings.verify_token, query)

    def pace(self, chat: str) -> Pace:
        return PAIR

    # ── In ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def read(self, body: bytes) -> tuple[Part, ...]:
        items = split(body)
        own = [item for item in items if item.account in ("", self.account)]
        strays = [item for item in items if item.account not in ("", self.account)]
        parts: list[Part] = []
        letters: list[updates.Letter] = []
        changes: list[Change] = []
        outcomes: list[tuple[Item, updates.Outcome]] = []
        for item in own:
            self._metrics.note_item(self._settings.slug, item.kind)
            try:
                match _read_item(item):
                    case updates.Letter() as letter:
                        letters.append(letter)
                    case updates.Outcome() as outcome:
                        outcomes.append((item, outcome))
                    case tuple() as found:
                        changes += found
            except ValueError as error:
                parts.append(Odd(item.wrap(), error=str(error)))
        await self._contacts.rename(changes)
        parts += await self._place(letters)
        parts += await self._take_outcomes(outcomes)
        return (*parts, *_part_strays(strays))

    async def _place(self, letters: Sequence[updates.Letter]) -> list[Arrival]:
        chats = await self._contacts.meet([letter.sender for letter in letters])
        return [
            Arrival(chat, letter.message.id, updates.read_event(letter, chat, self._codec))
            for chat, letter in zip(chats, letters, strict=True)
        ]

    async def _take_outcomes(self, outcomes: Sequence[tuple[Item, updates.Outcome]]) -> list[Odd]:
        """What was accepted and failed later is kept for people, unless it is that its customer cannot be reached."""
        known = [(item, outcome) for item, outcome in outcomes if outcome.report.reference]
        news = await self._ledger.note([outcome.report for _, outcome in known])
        failed = []
        for (item, outcome), is_news in zip(known, news, strict=True):
            if not is_news:
                continue
            report = outcome.report
            self._metrics.note_status(self._settings.slug, report.status, report.code)
            if outcome.category and report.status == "sent":
                self._metrics.note_billed(self._settings.slug, outcome.category, outcome.pricing)
            if report.status == FAILED and not isinstance(explain_code(report.code, verb="status"), Unreachable):
                log.error("accepted and not delivered: %d", report.code)
                failed.append(Odd(item.wrap(), reason="undelivered", error=str(report.code)))
        return failed

    # ── Out ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def acknowledge(self, event: Event) -> None:
        """Marks it read and shows somebody typing: neither is a message, and neither is billed."""
        wamid = event.body.query if isinstance(event.body, (Said, Tapped)) else ""
        if not wamid:
            return
        mark = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid, "typing_indicator": {"type": "text"}}
        with contextlib.suppress(Exception):
            await self._client.send(mark, operation="read")

    async def send(self, chat: str, message: Message) -> str:
        address, fate = await self._ledger.look(chat, message.reference)
        if message.reference and (wamid := self._settle(fate)):
            return wamid
        if address.last_inbound is None or self._now() - address.last_inbound > WINDOW:
            raise WindowClosed("24 hours since the customer wrote", source=SOURCE, verb="messages")
        try:
            payload: dict[str, object] = {"messaging_product": "whatsapp", "recipient_type": "individual", **address.fields()}
            payload.update(self._renderer.render(chat, message))
        except ValueError as error:
            raise Unsendable(f"cannot be rendered: {error}", source=SOURCE, verb="messages") from None
        if message.reference:
            payload["biz_opaque_callback_data"] = message.reference
        if self._rate is not None and (wait := await self._rate.admit(PATIENCE)):
            raise TryAgain("number's pace", after=wait, source=SOURCE, verb="messages")
        return await self._post(chat, message.reference, payload)

    def _settle(self, fate: Fate) -> str:
        """The wamid of a message that went out although its answer got lost; empty where it is to be sent.

        Raises what it failed with, and `OutcomeUnknown` as long as a status may still come.
        """
        if fate.status in SENT:
            return fate.wamid
        if fate.status == FAILED:
            error = explain_code(fate.code, verb="status")
            is_final = isinstance(error, (Unreachable, Unsendable, WindowClosed, CallStaff))
            raise error if is_final else Unsendable(error.reason, source=SOURCE, verb="status")
        if fate.status == UNKNOWN and fate.unclear_since and self._now() - fate.unclear_since < STATUS_WAIT:
            raise OutcomeUnknown("no status yet", source=SOURCE, verb="messages")
        return ""

    async def _post(self, chat: str, reference: str, payload: Mapping[str, object]) -> str:
        try:
            return _read_wamid(await self._client.send(payload))
        except OutcomeUnknown:
            if reference:
                await self._ledger.doubt(reference, self._now())
            raise
        except Throttled as error:
            if self._rate is not None:
                await self._rate.hold(error.after)
            raise
        except WindowClosed:
            await self._contacts.close_window(chat)
            raise

    # ── Setting up ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def identify(self) -> str:
        """The number as people see it."""
        return str((await self._client.describe()).get("display_phone_number", ""))

    async def find_webhook(self) -> str:
        """Where Meta delivers this number's events; empty where only the app's own setting holds."""
        found = (await self._client.describe()).get("webhook_configuration")
        return str(found.get("phone_number", "")) if isinstance(found, dict) else ""

    async def register(self, public_url: str) -> bool:
        """Point the number's own webhook at us where it is not there; True if it was set. The bot must be running."""
        url = f"{public_url.rstrip('/')}/whatsapp/{self._settings.slug}"
        if await self.find_webhook() == url:
            return False
        wish = {"override_callback_uri": url, "verify_token": self._settings.verify_token}
        await self._client.configure({"webhook_configuration": wish})
        return True


def _read_item(item: Item) -> updates.Letter | updates.Outcome | tuple[Change, ...] | None:
    """Raises ValueError for what cannot be read."""
    match item.kind:
        case "messages":
            return updates.read_message(item.content, item.contacts)
        case "statuses":
            return updates.read_status(item.content)
        case "user_id_update":
            return updates.read_update(item.content)
        case "errors":
            log.error("Meta reports: %d", updates.read_code(item.content))
        case "standby":
            log.error("messages go to Meta's own agent, not to us: turn it off, or nobody is answered here")
        case "entry" | "change":
            raise ValueError("of unknown shape")
    return None


def _part_strays(items: Sequence[Item]) -> list[Stray]:
    foreign: dict[str, list[Item]] = {}
    for item in items:
        foreign.setdefault(item.account, []).append(item)
    return [Stray(account, wrap_all(rows)) for account, rows in foreign.items()]


def _read_wamid(sent: Mapping[str, Any]) -> str:
    """The message went out, so an answer without its id is nothing to repeat the call for."""
    messages = sent.get("messages")
    identity = messages[0].get("id") if isinstance(messages, list) and messages and isinstance(messages[0], dict) else None
    if not isinstance(identity, str):
        raise OutcomeUnknown("no message id in the answer", source=SOURCE, verb="messages")
    return identity
