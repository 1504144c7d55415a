"""The demo's bots, people and staff groups."""

from dataclasses import dataclass

from bot.sandbox.telegram.chats import Chat
from bot.sandbox.telegram.platform import Platform

HARBOUR_TOKEN = "1001:harbour-demo-token"  # noqa: S105  # opens nothing but the sandbox
CLINIC_TOKEN = "1002:clinic-demo-token"  # noqa: S105


@dataclass(frozen=True, slots=True)
class DemoBot:
    """A bot and the staff groups that it is a member of, by chat id."""

    token: str
    username: str
    name: str
    business: str
    groups: dict[int, str]


BOTS = (
    DemoBot(
        HARBOUR_TOKEN,
        "harbour_demo_bot",
        "Harbour Studio",
        "harbour",
        {-1001001: "Harbour front desk", -1001002: "Brooklyn front desk", -1001003: "Bandra front desk"},
    ),
    DemoBot(CLINIC_TOKEN, "clinic_demo_bot", "Riverside Physio", "clinic", {-1001004: "Riverside front desk"}),
)

# Numbers from the ranges kept free for fiction (North America 555-01xx, Ofcom 07700 900xxx).
CUSTOMERS = (
    {"first_name": "Mia", "last_name": "Walker", "username": "mia_w", "language_code": "en", "phone": "+12125550142"},
    {"first_name": "Carlos", "last_name": "Ortega", "language_code": "es", "phone": "+17185550123"},
    {"first_name": "Priya", "last_name": "Nair", "username": "priya_nair", "language_code": "en-GB", "phone": "+447700900123"},
    {"first_name": "Tom", "phone": "+12125550177"},
    {"first_name": "Zoë 🌸", "last_name": "O'Neil-Łukasz", "language_code": "pt-br", "phone": "+447700900456"},
)
STAFF = (
    {"first_name": "Anna", "last_name": "Lee", "username": "anna_desk", "language_code": "en", "phone": "+12125550110"},
    {"first_name": "Dwayne", "last_name": "Price", "language_code": "en", "phone": "+17185550111"},
    {"first_name": "Rohan", "last_name": "Mehta", "language_code": "en", "phone": "+447700900112"},
    {"first_name": "Chloe", "last_name": "Kim", "language_code": "en", "phone": "+12125550113"},
)


def add_bots(platform: Platform) -> None:
    """Once: accounts, webhooks and groups outlive a reset."""
    for bot in BOTS:
        platform.add_account(bot.token, username=bot.username, name=bot.name, business=bot.business)


def fill(platform: Platform) -> None:
    """New people and empty chats."""
    platform.people.clear()
    platform.staff.clear()
    for wish in CUSTOMERS:
        platform.add_person(**wish)
    groups = [(bot, chat, title) for bot in BOTS for chat, title in bot.groups.items()]
    for account in platform.accounts.values():
        account.chats.clear()
        account.queries.clear()
        account.files.clear()
    for wish, (bot, ident, title) in zip(STAFF, groups, strict=True):
        platform.staff[platform.add_person(**wish).id] = ident
        account = platform.accounts[int(bot.token.partition(":")[0])]
        account.chats[ident] = Chat(ident, "group", {"title": title, "all_members_are_administrators": False})
