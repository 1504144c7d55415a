"""Everything one business works with."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.channels.base import Channel
from bot.conversation.contract import Business, Desk
from bot.staff.chat import StaffChat
from bot.vendors.base import Vendor


@dataclass(frozen=True, slots=True)
class Office:
    """A business with its booking system, its accounts on the messengers and its staff chats."""

    business: Business
    vendor: Vendor
    desk: Desk
    """Cached reads of `vendor`."""
    channels: Mapping[str, Channel]
    """By channel slug."""
    staff_chats: tuple[StaffChat, ...] = ()
