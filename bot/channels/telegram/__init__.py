"""Telegram: updates in, messages out, inside the Bot API's limits."""

from bot.channels.telegram.channel import Telegram, make_rate
from bot.channels.telegram.metrics import CallMetrics
from bot.channels.telegram.settings import TelegramSettings

__all__ = ["CallMetrics", "Telegram", "TelegramSettings", "make_rate"]
