"""Schedly as the demo offers it."""

from bot.sandbox.salon import BUSINESSES
from bot.sandbox.schedly.emulator import SLUG, SchedlyEmulator
from bot.sandbox.schedly.wire import SPELLING
from bot.sandbox.vendor import DemoAccount, VendorDemo

DEMO = VendorDemo(
    slug=SLUG,
    name="Schedly",
    make=lambda clock, changed, seed: SchedlyEmulator(clock, changed, seed=seed),
    accounts={
        business.slug: DemoAccount(
            settings={"api_key": key},
            time_zones={SPELLING.place(place): place.time_zone for place in business.places},
            credential=key,
        )
        for key, business in BUSINESSES.items()
    },
    operations={
        "locations": "locations",
        "services": "services",
        "staff": "employees",
        "slots": "availability",
        "customer": "customer_search",
        "book": "create",
        "find": "customer",
        "move": "change",
        "cancel": "change",
    },
)
