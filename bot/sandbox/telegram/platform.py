"""The whole of one emulated Telegram: its bots, people, chats, and what happens to them."""

from collections import OrderedDict
from collections.abc import Callable
from itertools import count
from random import Random
from typing import Any

from aiohttp import ClientSession

from bot.sandbox.clock import SandboxClock
from bot.sandbox.telegram.chats import Chat, Message, Payload, Person, Query, open_private_chat
from bot.sandbox.telegram.delivery import Courier
from bot.sandbox.telegram.flood import Flood
from bot.sandbox.telegram.switches import Delivery, Switches
from bot.sandbox.telegram.updates import Update, Updates

_KEPT_QUERIES = 10_000
_KEPT_FILES = 500
# Above 32 bits, where real accounts have been for years; the wall clock on top makes a restarted sandbox's people new ones.
_FIRST_PERSON = 5_000_000_000


class Account:
    """One bot."""

    def __init__(self, token: str, *, username: str, name: str, business: str, updates: Updates, courier: Courier) -> None:
        self.id = int(token.partition(":")[0])
        self.token = token
        self.business = business
        self.updates = updates
        self.courier = courier
        self.payload: Payload = {"id": self.id, "is_bot": True, "first_name": name, "username": username}
        self.chats: dict[int, Chat] = {}
        self.queries: OrderedDict[str, Query] = OrderedDict()
        self.commands: dict[tuple[str, str], list[Payload]] = {}
        """By scope (as canonical JSON) and language."""
        self.files: OrderedDict[str, tuple[Payload, bytes]] = OrderedDict()
        """What the bot uploaded, by file_id: the document's description and its content."""
        self.webhook_set_at = 0.0
        self.message_ids = count(1)
        self.poller: Any = None

    @property
    def username(self) -> str:
        return str(self.payload["username"])

    def keep_query(self, query: Query) -> None:
        self.queries[query.id] = query
        if len(self.queries) > _KEPT_QUERIES:
            self.queries.popitem(last=False)

    def keep_file(self, document: Payload, content: bytes) -> None:
        self.files[document["file_id"]] = (document, content)
        if len(self.files) > _KEPT_FILES:
            self.files.popitem(last=False)


class Platform:
    """State shared by the Bot API methods and the people."""

    def __init__(
        self, clock: SandboxClock, changed: Callable[[str], None], *, seed: int, session: Callable[[], ClientSession]
    ) -> None:
        self.clock = clock
        self.switches = Switches()
        self.delivery = Delivery()
        self.flood = Flood(self.switches)
        self.accounts: dict[int, Account] = {}
        self.people: dict[int, Person] = {}
        self.staff: dict[int, int] = {}
        """Person id to the staff group they work in."""
        self._changed = changed
        self._session = session
        self._rng = Random(seed)  # noqa: S311  # variety, not secrecy
        start = int(clock.now().timestamp()) % 1_000_000_000
        self._person_ids = count(_FIRST_PERSON + start)
        self._query_ids = count(start * 1_000_000 + 4_000_000_000_000_000_000)
        self._supergroup_ids = count(1_000_000_000_000 + 2_000_000_000 + start)

    def now(self) -> float:
        """Unix seconds of the sandbox clock."""
        return self.clock.now().timestamp()

    def add_account(self, token: str, *, username: str, name: str, business: str) -> Account:
        updates = Updates(self.clock, self._rng)
        courier = Courier(updates, self.delivery, clock=self.clock, rng=self._rng, session=self._session)
        account = Account(token, username=username, name=name, business=business, updates=updates, courier=courier)
        self.accounts[account.id] = account
        return account

    def add_person(self, *, first_name: str, phone: str = "", **optional: str) -> Person:
        person = Person(next(self._person_ids), first_name=first_name, phone=phone, **optional)
        self.people[person.id] = person
        return person

    def next_query_id(self) -> str:
        return str(next(self._query_ids))

    def next_supergroup_id(self) -> int:
        return -next(self._supergroup_ids)

    def private_chat(self, account: Account, person: Person) -> Chat:
        """Opened on first contact."""
        chat = account.chats.get(person.id)
        if chat is None:
            chat = account.chats[person.id] = open_private_chat(person)
        return chat

    def post(self, account: Account, chat: Chat, sender: Payload, *, kind: str, content: Payload, **details: Any) -> Message:
        """Put a message into a chat; `details` are further fields of Message."""
        message = Message(
            next(account.message_ids),
            chat,
            sender,
            sender is account.payload,
            int(self.now()),
            kind,
            content,
            **details,
        )
        chat.add(message)
        self.touch(account, chat)
        return message

    def touch(self, account: Account, chat: Chat) -> None:
        """Tell whoever watches that a chat looks different now."""
        chat.version += 1
        self._changed(f"{account.id}/{chat.id}")

    def push(self, account: Account, payload: Payload, *, queue: str, user: int = 0) -> Update | None:
        """Offer an update to the bot; None if it does not want the kind."""
        update = account.updates.add(payload, queue=queue, user=user)
        if update is not None:
            account.courier.take(update)
        return update
