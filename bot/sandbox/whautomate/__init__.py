"""An emulated Whautomate: REST v1 over the demo salon's book."""

from bot.sandbox.whautomate.emulator import WhautomateEmulator
from bot.sandbox.whautomate.offer import DEMO

__all__ = ["DEMO", "WhautomateEmulator"]
