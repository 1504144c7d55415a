"""Zenoti as the demo offers it."""

from bot.sandbox.vendor import DemoAccount, VendorDemo
from bot.sandbox.zenoti.demo import KEY_HARBOUR, KEY_RIVERSIDE, ORGANIZATIONS, TIME_ZONES
from bot.sandbox.zenoti.emulator import SLUG, ZenotiEmulator

DEMO = VendorDemo(
    slug=SLUG,
    name="Zenoti",
    make=lambda clock, changed, seed: ZenotiEmulator(clock, changed, seed=seed),
    accounts={
        ORGANIZATIONS[key].business.slug: DemoAccount(settings={"api_key": key}, time_zones=TIME_ZONES[key], credential=key)
        for key in (KEY_HARBOUR, KEY_RIVERSIDE)
    },
    operations={
        "locations": "centers",
        "services": "services",
        "staff": "service_therapists",
        "slots": "slots",
        "customer": "guest_search",
        "book": "confirm",
        "find": "guest_appointments",
        "move": "confirm",
        "cancel": "invoice_cancel",
    },
)
