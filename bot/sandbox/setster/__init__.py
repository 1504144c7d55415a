"""An emulator of Setster's API v2: strict where its reference speaks, switchable where that is silent."""

from bot.sandbox.setster.emulator import SetsterEmulator
from bot.sandbox.setster.offer import DEMO

__all__ = ["DEMO", "SetsterEmulator"]
