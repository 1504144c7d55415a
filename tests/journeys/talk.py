"""Conversations as pairs of said and answered, with the real bot, the emulators and Redis behind real sockets.

async with open_house() as house:
    mia = await house.customer("Mia", phone="+351912345678")
    await mia.says("/start")
    await mia.reads("Where")
    await mia.taps("Harbour")

Bot and emulators share one clock, which starts at `MORNING`: what a customer reads is the same in every run.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar

import aiohttp
import orjson
from aiohttp import web

from bot.app import Running, run_bot
from bot.redisserver import RedisServer
from bot.sandbox.clock import SandboxClock
from bot.sandbox.demo import write_demo_settings
from bot.sandbox.salon.harbour import HARBOUR
from bot.sandbox.server import Sandbox
from bot.sandbox.vendor import Errand, VendorDemo
from bot.sandbox.vendors import EMULATORS
from bot.sandbox.whatsapp.view import CONTACT_LABEL
from bot.serving import register_webhooks
from bot.settings import Settings, load_settings
from tests.journeys.bell import Bell

PATIENCE = timedelta(seconds=20)
"""Until a condition that never comes true fails the test."""
MORNING = datetime(2027, 3, 1, 8, 3, tzinfo=UTC)
"""A Monday: 08:03 in Lisbon, 03:03 in Brooklyn, 13:33 in Bandra. Brooklyn's clocks change on 14 March, Lisbon's on the 28th."""
BOT = 1001
CLINIC = 1002
NUMBER = 1055
"""Harbour's on WhatsApp."""
HARBOUR_DESK = -1001001
BROOKLYN_DESK = -1001002
BANDRA_DESK = -1001003
CLINIC_DESK = -1001004

MORE = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
"""On the button that leads to the next page, in every language."""
NO_BREAK = "\N{NO-BREAK SPACE}"

Messenger = Literal["telegram", "whatsapp"]
Room = dict[str, Any]
"""A chat as the control API shows it."""
Answer = TypeVar("Answer")


async def wait_until(condition: Callable[[], Awaitable[Any]], what: str) -> Any:
    """The condition's first true answer."""
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            while True:
                if answer := await condition():
                    return answer
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"never came true: {what}") from None


@dataclass
class Chat:
    """One chat as the control API shows it."""

    house: "House"
    chat: int
    bot: int = BOT
    channel: Messenger = "telegram"
    _before: object = None
    """What the bot had said when somebody last did something: until that changes, there is no answer."""

    async def room(self) -> Room:
        return await self.house.room(self.bot, self.chat, self.channel)

    async def messages(self) -> list[dict[str, Any]]:
        return list((await self.room())["messages"])

    async def lines(self) -> list[str]:
        """What the bot has said, oldest first."""
        return [message["text"] for message in _said(await self.room())]

    async def reads(self, *parts: str) -> str:
        """The bot's last message, as soon as it answers what was done and contains all `parts`."""

        def find(room: Room) -> str:
            text = _last_text(room)
            return text if all(part in text for part in parts) else ""

        return await self.until(find, f"to read {parts}")

    async def never_reads(self, part: str) -> None:
        """So far."""
        assert not any(part in line for line in await self.lines()), f"did read {part!r}:\n{_transcribe(await self.room())}"

    async def until(self, find: Callable[[Room], Answer | None], what: str) -> Answer:
        """The first true thing found in the room after the bot has answered."""
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                while True:
                    rung = await self.house.bell.expect(self.bot, self.chat)
                    room = await self.room()
                    if _fingerprint(room) != self._before and (found := find(room)):
                        return found
                    await rung.wait()
        except TimeoutError:
            answered = "" if _fingerprint(await self.room()) != self._before else " (the last thing was not answered)"
            raise AssertionError(f"expected {what}{answered}; the chat reads:\n{_transcribe(await self.room())}") from None


@dataclass
class Customer(Chat):
    """Somebody with a phone, who does a thing when the one before was answered. What is done itself returns at once."""

    taps_made: int = 0
    lines_typed: int = 0

    async def says(self, text: str, *, at_once: bool = False) -> None:
        """`at_once`: without waiting for the answer to what was done before."""
        self.lines_typed += not text.startswith("/")
        await self._act("say", at_once=at_once, text=text)

    async def sends(self, kind: str) -> None:
        await self._act("send", kind=kind)

    async def shares_contact(self, of: str | int = "own") -> None:
        self.taps_made += 1
        await self._act("contact", of=of)

    async def taps(self, label: str) -> None:
        """The button on the last message, or on the keyboard in place of the phone's own, whose label contains `label`.

        WhatsApp's lists are short: there it may stand on a further page. What shares a number is called by WhatsApp itself.
        """
        is_paged = self.channel == "whatsapp"
        label = CONTACT_LABEL if is_paged and label == "Share my number" else label
        while True:
            button = await self.until(
                lambda room: _find_button(room, label) or (_find_button(room, MORE) if is_paged else None), f"a button {label!r}"
            )
            await self.taps_at(button)
            if label in button["text"]:
                return

    async def taps_at(self, button: dict[str, Any], *, at_once: bool = False) -> None:
        self.taps_made += 1
        match button:
            case {"message_id": message_id, "data": data}:
                await self._act("tap", at_once=at_once, message_id=message_id, data=data)
            case {"request_contact": True}:
                await self._act("contact", of="own")
            case _:
                await self._act("say", text=button["text"])

    async def button(self, label: str) -> dict[str, Any]:
        """A button of now, to be pressed whenever it suits: `taps_at`."""
        return await self.until(lambda room: _find_button(room, label), f"a button {label!r}")

    async def buttons(self) -> list[str]:
        """The labels the customer can press now."""
        return await self.until(lambda room: [button["text"] for button in _list_buttons(room)], "buttons")

    async def books(self, *choices: str) -> str:
        """From /start past these buttons to the line that says it is booked."""
        await self.says("/start")
        for choice in choices:
            await self.taps(choice)
        await self.gives_details()
        await self.taps("Book ")
        return await self.reads("Booked:")

    async def gives_details(self) -> None:
        """Shares the number and types an e-mail address, where the bot asks for them, until it has no more questions."""
        while "Book it?" not in (asked := await self.until(_last_text, "an answer")):
            if "What number" in asked:
                await self.taps("Share my number")
            elif "Which e-mail address" in asked:
                await self.says(f"guest{self.chat}@example.com")
            else:
                raise AssertionError(f"asked for something else:\n{_transcribe(await self.room())}")

    async def books_first_free(self) -> str:
        return await self.books("Harbour", "Haircut", "Anyone", "First free")

    async def _act(self, verb: str, *, at_once: bool = False, **wish: Any) -> None:
        if not at_once:
            await self.until(lambda _: True, "an answer")
        self._before = _fingerprint(await self.room())
        await self.house.control("POST", f"/{self.channel}/{self.bot}/chats/{self.chat}/{verb}", person=self.chat, **wish)


def _said(room: Room) -> list[dict[str, Any]]:
    return [message for message in room["messages"] if message["from_bot"]]


def _last_text(room: Room) -> str:
    said = _said(room)
    return str(said[-1]["text"]) if said else ""


def _fingerprint(room: Room) -> object:
    """What the bot has said, and nothing that the person did."""
    return [(message["message_id"], message["text"], message["inline_keyboard"]) for message in _said(room)]


def _list_buttons(room: Room) -> list[dict[str, Any]]:
    said = _said(room)
    if said and said[-1]["inline_keyboard"]:
        return [button | {"message_id": said[-1]["message_id"]} for row in said[-1]["inline_keyboard"] for button in row]
    keyboard = room["reply_keyboard"]
    return [button for row in keyboard["rows"] for button in row] if keyboard else []


def _find_button(room: Room, label: str) -> dict[str, Any] | None:
    return next((button for button in _list_buttons(room) if label in button["text"]), None)


def _transcribe(room: Room) -> str:
    """The conversation as people would read it to each other."""
    lines = []
    for message in room["messages"]:
        labels = "".join(f" [{button['text']}]" for row in message["inline_keyboard"] for button in row)
        lines.append(f"  {message['sender_name']}: {message['text'] or message['kind']}{labels}")
    keyboard = room["reply_keyboard"]
    return "\n".join(lines) + (f"\n  keyboard: {keyboard['rows']}" if keyboard else "")


@dataclass
class House:
    """The sandbox, the bot and their Redis."""

    sandbox: Sandbox
    sandbox_url: str
    settings: Settings | None
    """None where the bot runs in a process of its own."""
    session: aiohttp.ClientSession
    vendor: VendorDemo = field(default_factory=lambda: EMULATORS["zenoti"])
    running: Running | None = None
    channel: Messenger = "telegram"
    """Where customers are unless a test says otherwise; staff are on Telegram."""
    bell: Bell = field(init=False)
    _bot: AsyncExitStack = field(default_factory=AsyncExitStack)

    def __post_init__(self) -> None:
        self.bell = Bell(self.session, self.sandbox_url)

    # The bot

    async def start_bot(self) -> None:
        assert self.settings is not None
        running = await self._bot.enter_async_context(run_bot(self.settings, now=self.sandbox.clock.now))
        telegram = self.settings.businesses["harbour"].telegram
        if (telegram and telegram.mode == "webhook") or self.channel == "whatsapp":
            await register_webhooks(running)
        self.running = running

    async def stop_bot(self) -> None:
        self.running = None
        await self._bot.aclose()

    async def metric(self, name: str, **labels: str) -> float:
        """A counter of the bot, summed over the labels not given."""
        assert self.running is not None
        async with self.session.get(f"http://127.0.0.1:{self.running.port}/metrics") as answer:
            lines = (await answer.text()).splitlines()
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        rows = [line for line in lines if line.split("{")[0].split(" ")[0] == name and all(part in line for part in wanted)]
        return sum(float(row.rsplit(" ", 1)[1]) for row in rows)

    # The people

    async def customer(
        self,
        first_name: str = "Mia",
        *,
        last_name: str = "Chen",
        language: str = "en",
        phone: str = "",
        bot: int = 0,
        **more: Any,
    ) -> Customer:
        """`more`: what else the messenger lets be known of a person (`hides_number=True`)."""
        wish = {"first_name": first_name, "last_name": last_name, "language_code": language, "phone": phone, **more}
        person = await self.control("POST", f"/{self.channel}/people", **{key: value for key, value in wish.items() if value})
        return Customer(self, person["id"], bot or (BOT if self.channel == "telegram" else NUMBER), self.channel)

    def staff(self, chat: int = HARBOUR_DESK, bot: int = BOT) -> Chat:
        return Chat(self, chat, bot)

    async def room(self, bot: int, chat: int, channel: Messenger = "telegram") -> Room:
        """Empty for a chat in which nobody has said anything yet. Spaces that hold words together read like any other."""
        async with self.session.get(f"{self.sandbox_url}/control/{channel}/{bot}/chats/{chat}") as answer:
            if answer.status == 404:
                return {"messages": [], "reply_keyboard": None, "toasts": []}
            return dict(orjson.loads((await answer.text()).replace(NO_BREAK, " ")))

    # The vendor

    async def appointments(self) -> list[dict[str, Any]]:
        """Live appointments that came through the bot, by the vendor's own record."""
        rows = await self.vendor_control("GET", "/appointments")
        return [row for row in rows if row["is_from_bot"] and row["status"] == "booked"]

    async def vendor_calls(self) -> dict[str, int]:
        return dict((await self.vendor_control("GET", "/calls"))["by_operation"])

    async def forget_calls(self) -> None:
        await self.vendor_control("DELETE", "/calls")

    async def vendor_control(self, method: str, path: str, **wish: Any) -> Any:
        return await self.control(method, f"/{self.vendor.slug}{path}", **wish)

    async def turn_switches(self, **switches: Any) -> None:
        await self.vendor_control("PUT", "/switches", **switches)

    async def book_at_desk(self, wall: str, *, staff: str = "Anna Lindqvist", service: str = "Swedish massage") -> dict[str, Any]:
        """Somebody rings the salon in Lisbon and gets this time (ISO, Lisbon's clock)."""
        book = await self.vendor_control("GET", "/calendar")
        place = next(one for one in book["locations"] if one["name"] == HARBOUR.places[0].name)
        rows = await self.vendor_control("GET", "/appointments")
        mine = (row for row in rows if row["location_id"] == place["id"])
        made: dict[str, Any] = await self.vendor_control(
            "POST",
            "/appointments",
            location_id=place["id"],
            staff_id=next(one["id"] for one in place["staff"] if one["name"] == staff),
            service_id=next(row["service_id"] for row in mine if row["service_name"] == service),
            start_time=wall,
            guest_name="Olivia Brooks",
        )
        return made

    # What goes wrong, and when

    async def fault(self, emulator: str, operation: str, kind: str, **more: Any) -> None:
        await self.control("POST", f"/{emulator}/faults", operation=operation, kind=kind, **more)

    async def vendor_fault(self, errand: Errand | Literal["*"], kind: str, **more: Any) -> None:
        """At whatever call the vendor has for the errand."""
        await self.fault(self.vendor.slug, "*" if errand == "*" else self.vendor.operations[errand], kind, **more)

    async def wait(self, **by: float) -> None:
        """Let the sandbox's time pass, the bot's with it."""
        await self.control("POST", "/clock", advance_seconds=timedelta(**by).total_seconds())

    async def control(self, method: str, path: str, **wish: Any) -> Any:
        async with self.session.request(method, f"{self.sandbox_url}/control{path}", json=wish or None) as answer:
            if answer.status >= 400:
                raise AssertionError(f"{method} {path}: {answer.status} {await answer.text()}")
            return await answer.json()


@asynccontextmanager
async def open_sandbox(
    *, seed: int = 0, at: datetime | None = None, vendors: Iterable[str] = ("zenoti",)
) -> AsyncIterator[tuple[Sandbox, str]]:
    sandbox = Sandbox(SandboxClock(at), seed=seed, vendors=vendors)
    runner = web.AppRunner(sandbox.app(), access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield sandbox, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def open_house(
    *,
    at: datetime = MORNING,
    quiet: bool = True,
    redis_url: str = "",
    is_embedded: bool = False,
    mode: Literal["webhook", "polling"] = "webhook",
    vendor_timeout: timedelta = timedelta(seconds=10),
    vendor: str = "zenoti",
    channel: Messenger = "telegram",
    switches: Mapping[str, Any] | None = None,
) -> AsyncIterator[House]:
    """`quiet`: no rate limits, neither the emulators' nor the bot's own pace: a test taps faster than a person.

    `channel`: where customers are; the bot has a WhatsApp number only for "whatsapp". `switches`: of the vendor's emulator.
    `is_embedded`: the bot starts and stops its own Redis, as without a url in the settings.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if not redis_url and not is_embedded:  # without fsync: nobody pulls the plug of this machine
            redis_url = (await stack.enter_async_context(RedisServer(folder / "redis", appendfsync="no"))).url
        sandbox, url = await stack.enter_async_context(open_sandbox(at=at, vendors=(vendor,)))
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        file = write_demo_settings(
            folder / "frontdesk.toml",
            url,
            vendor=vendor,
            redis_url=redis_url,
            mode=mode,
            vendor_timeout_seconds=vendor_timeout.total_seconds(),
            pace_seconds=0.001 if quiet else 1.0,
            has_whatsapp=channel == "whatsapp",
        )
        house = House(sandbox, url, load_settings(file, {}), session, vendor=EMULATORS[vendor], channel=channel)
        stack.push_async_callback(house.bell.close)
        if quiet:
            await house.control("PUT", "/telegram/switches", flood=False)
            await house.control("PUT", "/telegram/delivery", retry_base_seconds=0.05)
            await house.control("PUT", "/whatsapp/delivery", retry_base_seconds=0.05)
            await house.turn_switches(calls_per_minute=100_000)
        if switches:
            await house.turn_switches(**switches)
        stack.push_async_callback(house.stop_bot)
        await house.start_bot()
        yield house


def play(scenario: Callable[[House], Awaitable[None]], **options: Any) -> None:
    """Afterwards nothing may have been swallowed: no turn failed, no message was dropped."""

    async def run() -> None:
        async with open_house(**options) as house:
            await scenario(house)
            assert await house.metric("frontdesk_turns_total", end="failed") == 0
            assert await house.metric("frontdesk_messages_total", outcome="unsendable") == 0

    asyncio.run(run())
