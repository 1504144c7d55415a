"""A stand-in for Zenoti that keeps state, enforces its documented rules, and misbehaves on command."""

from bot.sandbox.zenoti.emulator import ZenotiEmulator

__all__ = ["ZenotiEmulator"]
