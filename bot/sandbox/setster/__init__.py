"""An emulator of Setster's API v2: strict where its reference speaks, switchable where that is silent."""

from bot.sandbox.setster.emulator import SetsterEmulator

__all__ = ["SetsterEmulator"]
