"""Many customers at once, acting on the emulated Telegram from inside its process: the bots are what is measured, not HTTP."""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from bot.sandbox.server import Sandbox
from bot.sandbox.telegram.chats import Chat, Message
from bot.sandbox.telegram.people import People

PATIENCE = timedelta(seconds=75)
"""Until a customer who hears nothing counts as lost."""
WHEN_CHECKING = 3
"""So many times as long for somebody who was told that the salon is being asked: after a confirm that was refused the
vendor's record is given its minute to show what an earlier one did, and it is looked at in growing intervals."""
IDLE = timedelta(seconds=12)
"""After Redis lost its last second, a customer who hears nothing for so long taps once more."""
BREATH = timedelta(seconds=1.5)
"""How long somebody who did several things at once waits for the next answer before going on."""
SCREENS = 60
"""After so many a customer leaves without an appointment."""
CONFIRM = re.compile(r"Book \d\d:\d\d")
WAYS_OUT = re.compile("Back|Menu|Talk to a person|More|. Earlier|How is it going")
"""Buttons that lead away from a booking: these customers know what they want."""
LETTERS = str.maketrans("0123456789", "abcdefghij")
GLANCE = 0.01
"""Seconds between two looks at all phones."""
BOT = 1001
PROBES = 3
EASY = 0.7
"""How many do not mind who looks after them."""

Ending = Literal["", "booked", "lost", "handed to staff", "left"]
Act = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Probe:
    """Something said that is answered by a line of its own: a phone number, which the bot repeats."""

    number: str
    at: float
    """On the loop's clock."""

    def is_in(self, text: str) -> bool:
        return text.startswith("Thank you, I have noted") and self.number in re.sub(r"\D", "", text)


@dataclass
class Talker:
    """One customer, who books and takes what is offered if the time is gone."""

    crowd: "Crowd"
    number: int
    random: random.Random
    confirms: int = 0
    told: Ending = ""
    trail: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    """Seconds from something done to the next word of the bot."""
    probes: list[Probe] = field(default_factory=list)
    """In the order in which they were sent."""
    repeats: int = 0
    """Taps made again because nothing came, after Redis had lost its last second."""

    def __post_init__(self) -> None:
        platform = self.crowd.platform
        name = "Guest" + str(self.number).translate(LETTERS)  # a name with digits in it would be asked for
        self.person = platform.add_person(first_name=name, last_name="Test", language_code="en", phone=self._phone(0))
        self.account = platform.accounts[BOT]
        self.chat = platform.private_chat(self.account, self.person)
        self.name = self.person.name
        self._owed = 0
        """Answers to come. More than one is waited for, a little: acting on each would be two customers in one chat."""
        self._is_overdue = False
        self.is_easy = self.random.random() < EASY
        self._answered: object = None
        """What stood on the screen when this customer last did something."""

    async def book(self) -> None:
        """From /start to an outcome."""
        await asyncio.sleep(self.random.uniform(0, 0.2))
        act: Act = lambda: self._say("/start")  # noqa: E731  it is done again where Redis forgot it
        act()
        for _ in range(SCREENS):
            message = await self._wait_for_news(act)
            self.trail.append(str(message.content.get("text", ""))[:80])
            if self.is_told:  # perhaps not the last line: a tap made twice may have come after it
                self.told = "booked"
                return
            if "will tell you" in message.content.get("text", "") and "Not booked" in message.content.get("text", ""):
                self.told = "handed to staff"
                return
            chosen = self._choose(message)
            if chosen is not None:
                act = chosen
                self._do(act)
        self.told = "left"

    @property
    def is_told(self) -> bool:
        return bool(self.booked_lines)

    @property
    def booked_lines(self) -> list[str]:
        texts = [str(message.content.get("text", "")) for message in self.chat.messages.values() if message.is_from_bot]
        return [text for text in texts if text.startswith("Booked")]

    def _do(self, act: Act) -> None:
        """Once, mostly."""
        if self.random.random() < self.crowd.hurry:  # a line and a tap in one breath: on their way they may swap
            self._say("?")
        act()
        if act != self._send_probes and self.random.random() < self.crowd.impatience:  # a second thumb on the same button
            act()

    def _choose(self, message: Message) -> Act | None:
        """What to do about a screen; None where only the next word is worth waiting for."""
        text = str(message.content.get("text", ""))
        if not message.rows:  # the prompt for a number has a keyboard of its own
            return self._share_contact if self.chat.reply_keyboard else None
        if len(self.trail) == 1 and self.random.random() < self.crowd.talkativeness:
            return self._send_probes
        choices = [button for row in message.rows for button in row if not WAYS_OUT.match(button["text"])]
        confirm = next((button for button in choices if CONFIRM.match(button["text"])), None)
        if not choices or "checking with the salon" in text:
            return None
        anyone = next((button for button in choices if button["text"] == "Anyone"), None) if self.is_easy else None
        button = confirm or anyone or self.random.choice(choices)
        self.confirms += confirm is not None
        return lambda: self._tap(message.id, button["callback_data"])

    async def _wait_for_news(self, act: Act) -> Message:
        """The next thing from the bot that waits for an answer, or an outcome."""
        loop = asyncio.get_running_loop()
        began = since = loop.time()
        is_checking = bool(self.trail) and "checking with the salon" in self.trail[-1]
        patience = self.crowd.patience * (WHEN_CHECKING if is_checking else 1)
        while True:
            left = min(began + patience, since + IDLE.total_seconds()) - loop.time()
            if left > 0 and not await self.crowd.watch(self.chat, left):
                continue
            if self._find_news() is not None:
                self.waits.append(loop.time() - began)
                return await self._wait_for_rest()
            if loop.time() - began >= patience:
                raise TimeoutError
            if loop.time() - since >= IDLE.total_seconds():
                if self.crowd.has_forgotten(began - IDLE.total_seconds()):
                    self.repeats += 1
                    act()
                since = loop.time()

    @property
    def was_answered_late(self) -> bool:
        """Whether something came after all for somebody who had stopped waiting."""
        return self.told == "lost" and self._find_news() is not None

    def _find_news(self) -> Message | None:
        """The bot's last word, if it has not been seen yet."""
        message = next(reversed(self.chat.messages.values()))
        screen = (message.id, message.content.get("text"), str(message.rows), self.crowd.look(self.chat)[1])
        if not message.is_from_bot or screen == self._answered:
            return None
        self._answered = screen
        self._owed = max(0, self._owed - 1)
        return message

    async def _wait_for_rest(self) -> Message:
        """The last of several answers. Some never come: an edit that changes nothing shows nothing."""
        while self._owed:
            if not await self.crowd.watch(self.chat, BREATH.total_seconds()):
                self._owed = 0 if self._is_overdue else self._owed
                self._is_overdue = not self._is_overdue
                break
            self._find_news()
        return next(message for message in reversed(self.chat.messages.values()) if message.is_from_bot)

    def _tap(self, message_id: int, data: str) -> None:
        self._owed += 1
        self.crowd.people.tap(self.account, self.chat, self.person, message_id=message_id, data=data)

    def _say(self, text: str) -> None:
        self._owed += 1
        self.crowd.people.say(self.account, self.chat, self.person, text=text)

    def _share_contact(self, phone: str = "") -> None:
        contact = {"phone_number": phone or self.person.phone, "first_name": "Guest", "user_id": self.person.id}
        self._owed += 1
        self.crowd.people.use_up_contact_button(self.chat)
        self.crowd.people.send(self.account, self.chat, self.person, kind="contact", content={"contact": contact}, extra={})

    def _send_probes(self) -> None:
        now = asyncio.get_running_loop().time()
        phones = [self._phone(number) for number in range(1, PROBES + 1)]
        self.probes = [Probe(phone.removeprefix("+"), now) for phone in phones]
        for phone in phones:
            self._share_contact(phone)

    def _phone(self, which: int) -> str:
        """Portuguese; a customer has several, none of which anybody else has."""
        return f"+3519{1 + which}{self.number:07d}" if which != 3 else f"+35196{self.number:07d}"


class Crowd:
    """Customers by the hundred."""

    def __init__(
        self,
        sandbox: Sandbox,
        *,
        seed: int,
        impatience: float = 0.05,
        hurry: float = 0.0,
        talkativeness: float = 0.0,
        patience: timedelta = PATIENCE,
        has_forgotten: Callable[[float], bool] = lambda _: False,
        unchanged: Mapping[int, int] | None = None,
    ) -> None:
        """`impatience`: how many taps are made twice; `hurry`: before how many a line is sent at the same time.

        `talkativeness`: how many customers send several things at once whose answers can be told apart.
        `has_forgotten`: whether Redis has come back without its last second since a moment of the loop's clock.
        `unchanged`: how many answers changed nothing, by chat; they are answers nevertheless.
        """
        self.platform = sandbox.telegram.platform
        self.people = People(self.platform)
        self.impatience, self.hurry, self.talkativeness = impatience, hurry, talkativeness
        self.has_forgotten = has_forgotten
        self.patience = patience.total_seconds()
        self._unchanged: Mapping[int, int] = {} if unchanged is None else unchanged
        self.talkers: list[Talker] = []
        self.done = 0
        self._seed = seed
        self._glancing: asyncio.Task[None] | None = None
        self._watched: dict[int, tuple[Chat, object, asyncio.Future[bool]]] = {}

    async def book(self, count: int, *, at_once: int, may_start: Callable[[int], Awaitable[None]] | None = None) -> None:
        """`count` customers book, `at_once` of them at the same time; each when `may_start` returns for its number."""
        gate = asyncio.Semaphore(at_once)
        async with asyncio.TaskGroup() as group:
            for number in range(count):
                await gate.acquire()
                if may_start is not None:
                    await may_start(number)
                talker = Talker(self, number, random.Random(f"{self._seed}/{number}"))
                self.talkers.append(talker)
                group.create_task(self._run(talker, gate))

    async def _run(self, talker: Talker, gate: asyncio.Semaphore) -> None:
        try:
            await talker.book()
        except TimeoutError:
            talker.told = "lost"
        finally:
            self.done += 1
            gate.release()

    async def watch(self, chat: Chat, seconds: float) -> bool:
        """Until the chat looks different from now, or the time is up."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._watched[chat.id] = (chat, self.look(chat), future)
        if self._glancing is None or self._glancing.done():
            self._glancing = asyncio.create_task(self._glance())
        try:
            await asyncio.wait((future,), timeout=seconds)
            return future.done()
        finally:
            del self._watched[chat.id]

    def look(self, chat: Chat) -> tuple[int, int]:
        """Changes whenever the bot or the customer does something."""
        return chat.version, self._unchanged.get(chat.id, 0)

    async def _glance(self) -> None:
        while self._watched:
            for chat, before, future in list(self._watched.values()):
                if self.look(chat) != before and not future.done():
                    future.set_result(True)
            await asyncio.sleep(GLANCE)
