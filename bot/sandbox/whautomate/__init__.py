"""An emulated Whautomate: REST v1 over the demo salon's book."""

from bot.sandbox.whautomate.emulator import WhautomateEmulator

__all__ = ["WhautomateEmulator"]
