"""WhatsApp's Cloud API, emulated: numbers, people, chats, webhooks."""

from bot.sandbox.whatsapp.emulator import WhatsappEmulator

__all__ = ["WhatsappEmulator"]
