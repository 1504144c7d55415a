"""The whole of one emulated WhatsApp: numbers, people, chats."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from aiohttp import ClientSession

from bot.sandbox.clock import SandboxClock
from bot.sandbox.whatsapp.chats import Chat, Message
from bot.sandbox.whatsapp.courier import Courier, Hook
from bot.sandbox.whatsapp.people import Payload, Person
from bot.sandbox.whatsapp.switches import Delivery, Switches

# One code per person and portfolio; digits as in Meta's samples, with a letter now and then as its pattern allows.
_FIRST_USER = 13_491_208_655_300_000_000


@dataclass(slots=True)
class Account:
    """One business number."""

    id: int
    """The phone number id."""
    token: str
    display_number: str
    name: str
    business: str
    courier: Courier
    chats: dict[int, Chat] = field(default_factory=dict)
    """By the person's id in the sandbox."""
    due: float = 0.0
    sent: int = 0
    """Service messages accepted: what Meta bills."""
    authors: dict[str, int] = field(default_factory=dict)
    """Who wrote each inbound message, by wamid: read marks name nothing else."""


class Platform:
    """Everything there is, and who hears of a change."""

    def __init__(
        self, clock: SandboxClock, changed: Callable[[str], None], *, seed: int, session: Callable[[], ClientSession]
    ) -> None:
        """`changed` is told "<number id>/<person>"."""
        self.clock = clock
        self.switches = Switches()
        self.delivery = Delivery()
        self.accounts: dict[int, Account] = {}
        self.people: dict[int, Person] = {}
        self._changed = changed
        self._session = session
        self._seed = seed
        self._random = Random(seed)  # noqa: S311  a repeatable emulator, nothing secret
        self._people_made = 0
        self._messages_made = 0

    def add_account(self, ident: int, *, token: str, secret: str, display_number: str, name: str, business: str) -> Account:
        hook = Hook(account_id=f"waba{ident}", number_id=str(ident), display_number=display_number, secret=secret)
        courier = Courier(hook, self.delivery, clock=self.clock, rng=Random(self._seed), session=self._session)  # noqa: S311
        account = self.accounts[ident] = Account(ident, token, display_number, name, business, courier)
        return account

    def add_person(self, name: str, *, phone: str = "", username: str = "", hides_number: bool = False) -> Person:
        """`phone` with or without plus; left out: one of the range kept free for fiction."""
        self._people_made += 1
        ident = self._people_made
        digits = phone.removeprefix("+") or f"1212555{1000 + ident % 9000:04d}"
        person = Person(ident, name, digits, f"US.{_FIRST_USER + ident}", username=username, hides_number=hides_number)
        self.people[ident] = person
        return person

    def find_chat(self, account: Account, person: Person) -> Chat:
        return account.chats.setdefault(person.id, Chat(person))

    def find_recipient(self, *, phone: str, user_id: str) -> Person | None:
        digits = "".join(filter(str.isdigit, phone))
        for person in self.people.values():
            if person.phone == digits if phone else person.user_id == user_id:
                return person
        return None

    def make_id(self) -> str:
        """A wamid."""
        self._messages_made += 1
        return f"wamid.HBgL{self._random.getrandbits(64):016X}{self._messages_made:08X}AA=="

    def post(self, account: Account, chat: Chat, message: Message) -> None:
        chat.add(message)
        self.touch(account, chat)

    def touch(self, account: Account, chat: Chat) -> None:
        chat.version += 1
        self._changed(f"{account.id}/{chat.person.id}")

    def report(self, account: Account, field_name: str, value: Payload) -> None:
        """An item for the bot's webhook."""
        account.courier.take(field_name, value)

    def now(self) -> datetime:
        return self.clock.now()
