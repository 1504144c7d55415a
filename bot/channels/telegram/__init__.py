"""Telegram: updates in, messages out, inside the Bot API's limits."""

from bot.channels.telegram.channel import Telegram
from bot.channels.telegram.metrics import CallMetrics
from bot.channels.telegram.settings import TelegramSettings

__all__ = ["CallMetrics", "Telegram", "TelegramSettings"]
