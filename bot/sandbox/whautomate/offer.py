"""Whautomate as the demo offers it."""

from bot.sandbox.salon import BUSINESSES
from bot.sandbox.vendor import DemoAccount, VendorDemo
from bot.sandbox.whautomate.emulator import SLUG, WhautomateEmulator
from bot.sandbox.whautomate.spelling import SPELLING

DEMO = VendorDemo(
    slug=SLUG,
    name="Whautomate",
    make=lambda clock, changed, seed: WhautomateEmulator(clock, changed, seed=seed),
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
        "staff": "staffs",
        "slots": "slots",
        "customer": "clients",
        "book": "book",
        "find": "appointments",
        "move": "reschedule",
        "cancel": "cancel",
    },
)
