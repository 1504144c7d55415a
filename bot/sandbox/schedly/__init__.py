"""Schedly as its wire document describes it, on top of the shared appointment book."""

from bot.sandbox.schedly.emulator import SchedlyEmulator
from bot.sandbox.schedly.offer import DEMO

__all__ = ["DEMO", "SchedlyEmulator"]
