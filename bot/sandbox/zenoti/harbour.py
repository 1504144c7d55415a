"""Harbour Studio on Zenoti: three centers in Lisbon, New York and Mumbai."""

from bot.sandbox.salon.business import make_id
from bot.sandbox.salon.harbour import HARBOUR
from bot.sandbox.zenoti.catalogue import Category, Currency
from bot.sandbox.zenoti.organization import CenterFacts, make_organization

_CATEGORIES = {name: Category(make_id("harbour", "category", name), name) for name in ("Hair", "Nails", "Massage", "Face")}

_FACTS = {
    "lisbon": CenterFacts(
        code="HBR",
        currency=Currency(47, "EUR", "Euro"),
        zone_id=34,
        zone_text="(UTC+00:00) Dublin, Edinburgh, Lisbon, London",
        culture="pt-PT",
        tax_percent=23,
        prices_include_tax=True,
        room="Room",
    ),
    "brooklyn": CenterFacts(
        code="BKN",
        currency=Currency(148, "USD", "US Dollar"),
        zone_id=10,
        zone_text="(UTC-05:00) Eastern Time (US & Canada)",
        culture="en-US",
        tax_percent=4.5,
        prices_include_tax=False,
        room="Room",
    ),
    "bandra": CenterFacts(
        code="BND",
        currency=Currency(71, "INR", "Indian Rupee"),
        zone_id=61,
        zone_text="(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi",
        culture="en-IN",
        tax_percent=18,
        prices_include_tax=False,
        room="Room",
    ),
}

HARBOUR_STUDIO = make_organization(HARBOUR, _FACTS, _CATEGORIES)
