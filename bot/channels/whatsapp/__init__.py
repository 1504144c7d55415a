"""WhatsApp's Cloud API: webhooks in, messages out, inside the platform's limits."""

from bot.channels.whatsapp.channel import Whatsapp, make_rate
from bot.channels.whatsapp.metrics import CallMetrics
from bot.channels.whatsapp.settings import WhatsappSettings

__all__ = ["CallMetrics", "Whatsapp", "WhatsappSettings", "make_rate"]
