"""Many customers at once, acting on the emulated Telegram from inside its process: the bots are what is measured, not HTTP."""

import asyncio
import random
import re
from dataclasses import dataclass, field
from datetime import timedelta

from bot.sandbox.server import Sandbox
from bot.sandbox.telegram.chats import Message
from bot.sandbox.telegram.kinds import make_contact
from bot.sandbox.telegram.people import People

PATIENCE = timedelta(seconds=90)
"""Until a customer who hears nothing counts as lost."""
SCREENS = 60
"""After so many a customer leaves without an appointment."""
IDLE = timedelta(seconds=20)
"""After which a customer taps once more; the bot should have answered long before."""
CONFIRM = re.compile(r"Book \d\d:\d\d")
WAYS_OUT = re.compile("Back|Menu|Talk to a person|More|. Earlier")
"""Buttons that lead away from a booking: these customers know what they want."""
LETTERS = str.maketrans("0123456789", "abcdefghij")
GLANCE = 0.02
"""Seconds between two looks at the phone."""
BOT = 1001


@dataclass
class Talker:
    """One customer, who books and takes what is offered if the time is gone."""

    crowd: "Crowd"
    number: int
    random: random.Random
    confirms: int = 0
    told: str = "nothing"
    """How it ended for this customer: booked, lost (no answer came), or nothing (left without an appointment)."""
    trail: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        platform = self.crowd.platform
        name = "Guest" + str(self.number).translate(LETTERS)  # a name with digits in it would be asked for
        phone = f"+35191{self.number:07d}"
        self.person = platform.add_person(first_name=name, last_name="Test", language_code="en", phone=phone)
        self.account = platform.accounts[BOT]
        self.chat = platform.private_chat(self.account, self.person)
        self._answered: object = None
        """What stood on the screen when this customer last did something."""

    @property
    def booked_lines(self) -> list[str]:
        return [text for text in self._texts() if text.startswith("Booked")]

    async def book(self) -> None:
        """From /start to an outcome."""
        self._say("/start")
        for _ in range(SCREENS):
            message = await self._wait_for_news()
            self.trail.append(message.content.get("text", "")[:60])
            if self.booked_lines:  # perhaps not the last line: a tap made twice may have come after it
                self.told = "booked"
                return
            if "checking with the salon" in message.content.get("text", ""):
                continue  # another word follows by itself
            if not message.rows:  # the prompt for a number has a keyboard of its own
                self._share_contact()
                continue
            self._answer(message)

    def _answer(self, message: Message) -> None:
        rows = message.rows or []
        confirm = next((button for row in rows for button in row if CONFIRM.match(button["text"])), None)
        choices = [button for row in rows for button in row if not WAYS_OUT.match(button["text"])]
        if not choices:  # "one moment", "checking with the salon": what comes next is worth waiting for
            return
        button = confirm or self.random.choice(choices)
        self.confirms += confirm is not None
        self.crowd.people.tap(self.account, self.chat, self.person, message_id=message.id, data=button["callback_data"])
        if self.random.random() < self.crowd.impatience:  # a second thumb on the same button
            self.crowd.people.tap(self.account, self.chat, self.person, message_id=message.id, data=button["callback_data"])

    async def _wait_for_news(self) -> Message:
        """The next thing from the bot that waits for an answer, or an outcome. Nothing for a while: look at it again."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        version = -1
        while loop.time() - began < PATIENCE.total_seconds():
            is_late = loop.time() - began > IDLE.total_seconds()
            if self.chat.version == version and not is_late:
                await asyncio.sleep(GLANCE)
                continue
            version = self.chat.version
            message = next(reversed(self.chat.messages.values()))
            screen = (message.id, message.content.get("text"), str(message.rows))
            if message.is_from_bot and (screen != self._answered or is_late):
                self._answered = screen
                return message
            await asyncio.sleep(GLANCE)
        raise TimeoutError

    def _texts(self) -> list[str]:
        return [message.content.get("text", "") for message in self.chat.messages.values() if message.is_from_bot]

    def _say(self, text: str) -> None:
        self.crowd.people.say(self.account, self.chat, self.person, text=text)

    def _share_contact(self) -> None:
        content = make_contact(self.person, has_user_id=True)
        self.crowd.people.use_up_contact_button(self.chat)
        self.crowd.people.send(self.account, self.chat, self.person, kind="contact", content=content, extra={})


class Crowd:
    """Customers by the hundred."""

    def __init__(self, sandbox: Sandbox, *, seed: int, impatience: float = 0.05) -> None:
        """`impatience`: how many taps are made twice."""
        self.platform = sandbox.telegram.platform
        self.people = People(self.platform)
        self.impatience = impatience
        self._seed = seed

    async def book(self, count: int, *, at_once: int) -> list[Talker]:
        """`count` customers book, `at_once` of them at the same time."""
        talkers = [Talker(self, number, random.Random(f"{self._seed}/{number}")) for number in range(count)]
        gate = asyncio.Semaphore(at_once)

        async def run(talker: Talker) -> None:
            async with gate:
                try:
                    await talker.book()
                except TimeoutError:
                    talker.told = "lost"

        await asyncio.gather(*(run(talker) for talker in talkers))
        return talkers
