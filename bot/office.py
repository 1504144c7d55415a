"""Everything one business works with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.channels.base import Channel
from bot.conversation.contract import Business, Desk
from bot.model import Location
from bot.staff.chat import StaffChat
from bot.vendors.base import Vendor


class OfficeDesk(Desk, Protocol):
    """What the engine needs of the cached reads beside what flows may use."""

    async def find_location(self, location_id: str) -> Location:
        """Raises `CallStaff` for one that is not offered (any more), `TryAgain` when the vendor does not say."""

    async def forget_openings(self, location_id: str, day: date) -> None:
        """What is free that day has just changed by our own doing."""


@dataclass(frozen=True, slots=True)
class Office:
    """A business with its booking system, its accounts on the messengers and its staff chats."""

    business: Business
    vendor: Vendor
    desk: OfficeDesk
    """Cached reads of `vendor`."""
    channels: Mapping[str, Channel]
    """By channel slug."""
    staff_chats: tuple[StaffChat, ...] = ()
