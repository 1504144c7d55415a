"""A stand-in for the Telegram Bot API, over real HTTP, with people who write and tap on command."""

from bot.sandbox.telegram.emulator import TelegramEmulator

__all__ = ["TelegramEmulator"]
