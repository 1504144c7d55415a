"""Which key opens which business, at every emulator that has keys."""

from bot.sandbox.salon.business import Business
from bot.sandbox.salon.harbour import HARBOUR
from bot.sandbox.salon.riverside import RIVERSIDE

KEY_HARBOUR = "demo"
KEY_RIVERSIDE = "demo-clinic"

BUSINESSES: dict[str, Business] = {KEY_HARBOUR: HARBOUR, KEY_RIVERSIDE: RIVERSIDE}
