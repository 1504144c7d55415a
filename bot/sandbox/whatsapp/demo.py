"""The demo's numbers and people."""

from dataclasses import dataclass

from bot.sandbox.whatsapp.platform import Platform

GRAPH = "/graph/v25.0"
"""The prefix of the Graph API in the sandbox, in the version that the settings name by default."""
APP_SECRET = "sandbox-app-secret"  # noqa: S105  opens nothing but the sandbox
VERIFY_TOKEN = "sandbox-verify-token"  # noqa: S105


@dataclass(frozen=True, slots=True)
class DemoNumber:
    """A business's number."""

    id: int
    token: str
    display_number: str
    name: str
    business: str


# Numbers from the ranges kept free for fiction (North America 555-01xx, Ofcom 07700 900xxx).
NUMBERS = (
    DemoNumber(1055, "harbour-graph-token", "12125550155", "Harbour Studio", "harbour"),
    DemoNumber(1056, "clinic-graph-token", "12125550156", "Riverside Physio", "clinic"),
)
PEOPLE = (
    ("Mia Walker", "+12125550142", "mia.walker", False),
    ("Carlos Ortega", "+17185550123", "", False),
    ("Priya Nair", "+447700900123", "priya_nair", True),
)
"""Name, phone, username, and whether the number is hidden."""


def add_numbers(platform: Platform) -> None:
    """Once: numbers and their webhooks outlive a reset."""
    for number in NUMBERS:
        platform.add_account(
            number.id,
            token=number.token,
            secret=APP_SECRET,
            display_number=number.display_number,
            name=number.name,
            business=number.business,
        )


def fill(platform: Platform) -> None:
    """New people and empty chats."""
    platform.people.clear()
    for name, phone, username, hides_number in PEOPLE:
        platform.add_person(name, phone=phone, username=username, hides_number=hides_number)
    for account in platform.accounts.values():
        account.chats.clear()
        account.authors.clear()
        account.due, account.sent = 0.0, 0
