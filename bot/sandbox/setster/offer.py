"""Setster as the demo offers it."""

from bot.sandbox.setster.demo import ACCOUNTS, Account, list_time_zones
from bot.sandbox.setster.emulator import SLUG, SetsterEmulator
from bot.sandbox.vendor import DemoAccount, VendorDemo


def _describe(account: Account) -> DemoAccount:
    settings = {
        "email": account.email,
        "api_key": account.api_key,
        "company_id": account.company_id,
        "company_time_zone": account.time_zone,
        "reference_field": "booking_ref",
    }
    opens = f"e-mail {account.email}, API key {account.api_key}, company {account.company_id}"
    return DemoAccount(settings, list_time_zones(account.api_key), opens)


DEMO = VendorDemo(
    slug=SLUG,
    name="Setster",
    make=lambda clock, changed, seed: SetsterEmulator(clock, changed, seed=seed),
    accounts={account.business.slug: _describe(account) for account in ACCOUNTS},
    operations={
        "locations": "locations",
        "services": "services",
        "staff": "employees",
        "slots": "availability",
        "book": "create",
        "find": "appointments",
        "move": "change",
        "cancel": "change",
    },
)
