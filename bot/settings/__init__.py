"""frontdesk.toml and the environment, typed, checked at start."""

from bot.settings.load import check_settings, load_settings
from bot.settings.model import (
    BusinessSettings,
    RedisSettings,
    SchedlyAccount,
    ServerSettings,
    SetsterAccount,
    Settings,
    StaffChatSettings,
    StaffSettings,
    TelegramAccount,
    WhatsappAccount,
    WhautomateAccount,
    ZenotiAccount,
)

__all__ = [
    "BusinessSettings",
    "RedisSettings",
    "SchedlyAccount",
    "ServerSettings",
    "SetsterAccount",
    "Settings",
    "StaffChatSettings",
    "StaffSettings",
    "TelegramAccount",
    "WhatsappAccount",
    "WhautomateAccount",
    "ZenotiAccount",
    "check_settings",
    "load_settings",
]
