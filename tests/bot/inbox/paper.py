"""A business on paper: a flow that does what is said, a chat that remembers, a real Redis between them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from prometheus_client import CollectorRegistry

from bot.channels.base import Arrival, ChannelTraits, Message, Pace
from bot.conversation.codec import encode_event
from bot.conversation.contract import Business, Decision, Event, Reply, Said, Text, Told, Turn
from bot.conversation.engine import Engine
from bot.errors import OutcomeUnknown, Unsendable
from bot.inbox.dead import DeadLetters
from bot.inbox.delivery import Delivery
from bot.inbox.keys import Conversation, keys_of
from bot.inbox.mailbox import Mailbox
from bot.inbox.restarts import Restarts
from bot.inbox.script import Scripts
from bot.inbox.turn import Turns
from bot.model import Location
from bot.office import Office
from bot.redisclient import SharingRedis
from bot.staff.chat import StaffChat
from bot.texts import Texts, find_locales
from tests.bot.conversation.test_saga import HARBOUR, PaperVendor
from tests.bot.inbox.desk import CUSTOMER, LEASE

STAFF = Conversation("harbour", "telegram", "-1")
TELEGRAM = ChannelTraits("telegram", page_rows=8, can_edit=False)


class PaperChannel:
    """Remembers what was sent. What a text says happens to it: "lost" has no answer, "refused" and "broken" fail."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Message]] = []
        self.losses = 0
        """How many answers to a text with "lost" in it go missing."""

    @property
    def traits(self) -> ChannelTraits:
        return TELEGRAM

    def is_authentic(self, body: bytes, headers: Mapping[str, str]) -> bool:
        return True

    @property
    def account(self) -> str:
        return "1"

    async def read(self, body: bytes) -> tuple[Arrival, ...]:
        return ()

    def pace(self, chat: str) -> Pace:
        return Pace(timedelta(0), 100)

    async def acknowledge(self, event: Event) -> None: ...

    async def send(self, chat: str, message: Message) -> str:
        if "refused" in message.text:
            raise Unsendable("400 text must be encoded otherwise")
        if "broken" in message.text:
            raise KeyError("a row that is not there")
        if "lost" in message.text and self.losses:
            self.losses -= 1
            raise OutcomeUnknown("no answer")
        self.sent.append((chat, message))
        return str(len(self.sent))


class PaperFlow:
    """Answers with what was said; "stumble" is more than it can take until it `is_mended`."""

    def __init__(self) -> None:
        self.is_mended = False

    async def decide(self, turn: Turn) -> Decision:
        body = turn.event.body
        if isinstance(body, Said) and body.text == "stumble" and not self.is_mended:
            raise LookupError("no such thing: Mia +351912345678")
        turn.session.name += "+"
        heard = body.text if isinstance(body, (Said, Told)) else body.kind
        return Decision((Reply(Text("staff.line", {"text": f"{heard} {turn.session.name}"})),))


@dataclass
class Shop:
    """Everything of one worker, on a Redis that others may share."""

    redis: SharingRedis
    scripts: Scripts
    mailbox: Mailbox
    turns: Turns
    channel: PaperChannel
    vendor: PaperVendor
    flow: PaperFlow
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    @property
    def letters(self) -> DeadLetters:
        return DeadLetters(self.redis, self.scripts)

    def read(self, who: Conversation = CUSTOMER) -> list[str]:
        """What that chat reads, oldest first."""
        return [message.text for chat, message in self.channel.sent if chat == who.chat]

    async def say(self, text: str, *, who: Conversation = CUSTOMER, told: bool = False) -> None:
        event = Event(Told(text) if told else Said(text))
        await self.put(encode_event(event), who=who)

    async def put(self, body: bytes, *, who: Conversation = CUSTOMER) -> None:
        await self.mailbox.enqueue(who, f"{id(body)}{body!r}{len(self.channel.sent)}", body)

    async def work(self, *, until: Callable[[], bool], who: Conversation = CUSTOMER) -> None:
        """As a worker does: again and again, whenever it may."""
        async with asyncio.timeout(20):
            while not until():
                await self.turns.run(who.id)
                await asyncio.sleep(0.002)

    async def rest(self, who: Conversation = CUSTOMER) -> None:
        """Until nothing is left to be done."""
        keys = keys_of(who.id)
        async with asyncio.timeout(20):
            while await self.redis.zscore(keys.partition.due, keys.id) is not None:
                await self.turns.run(who.id)
                await asyncio.sleep(0.002)

    async def record(self, name: str, who: Conversation = CUSTOMER) -> bytes:
        return await self.redis.hget(keys_of(who.id).record, name) or b""  # type: ignore[return-value]


class PaperDesk:
    """Only what a turn itself asks for."""

    async def find_location(self, location_id: str) -> Location:
        return HARBOUR

    async def forget_openings(self, location_id: str, day: date) -> None: ...


@asynccontextmanager
async def open_shop(
    redis: SharingRedis, *, newer_patience: timedelta = timedelta(minutes=10), lease: timedelta = LEASE
) -> AsyncIterator[Shop]:
    registry = CollectorRegistry()
    scripts = Scripts(redis, registry)
    mailbox = Mailbox(redis, scripts, lease=lease, hints=False, registry=registry)
    channel, vendor, flow = PaperChannel(), PaperVendor(), PaperFlow()
    office = Office(
        business=Business("harbour", "Harbour Studio", ("en", "es")),
        vendor=vendor,
        desk=PaperDesk(),  # type: ignore[arg-type]
        channels={"telegram": channel},
        staff_chats=(StaffChat("telegram", STAFF.chat),),
    )
    turns = Turns(
        mailbox,
        Engine(flow=flow, texts=Texts(find_locales()), now=lambda: datetime.now(UTC)),
        Delivery(mailbox, registry, nudge=lambda _: None),
        offices={"harbour": office},
        restarts=Restarts(redis),
        now_ms=lambda: int(datetime.now(UTC).timestamp() * 1000),
        registry=registry,
        pause=timedelta(milliseconds=1),
        newer_patience=newer_patience,
    )
    yield Shop(redis, scripts, mailbox, turns, channel, vendor, flow, registry)
    await turns.close()
