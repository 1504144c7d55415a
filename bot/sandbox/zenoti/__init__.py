"""A stand-in for Zenoti that keeps state, enforces its documented rules, and misbehaves on command."""

from bot.sandbox.zenoti.emulator import ZenotiEmulator
from bot.sandbox.zenoti.offer import DEMO

__all__ = ["DEMO", "ZenotiEmulator"]
