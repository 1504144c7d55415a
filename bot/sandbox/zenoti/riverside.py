"""Riverside Physio on Zenoti: one center in Madrid."""

from bot.sandbox.salon.business import make_id
from bot.sandbox.salon.riverside import RIVERSIDE
from bot.sandbox.zenoti.catalogue import Category, Currency
from bot.sandbox.zenoti.organization import CenterFacts, make_organization

_CATEGORIES = {"Fisioterapia": Category(make_id("riverside", "category", "physio"), "Fisioterapia")}

_FACTS = {
    "madrid": CenterFacts(
        code="RVS",
        currency=Currency(47, "EUR", "Euro"),
        zone_id=38,
        zone_text="(UTC+01:00) Brussels, Copenhagen, Madrid, Paris",
        culture="es-ES",
        tax_percent=0,
        prices_include_tax=True,
        room="Sala",
    )
}

RIVERSIDE_PHYSIO = make_organization(RIVERSIDE, _FACTS, _CATEGORIES)
