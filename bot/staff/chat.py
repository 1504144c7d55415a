"""Which staff chat hears of what."""

from dataclasses import dataclass

from bot.conversation.contract import TellStaff

NEWS = frozenset({"booked", "moved", "cancelled"})
"""What a chat may choose not to hear."""


@dataclass(frozen=True, slots=True)
class StaffChat:
    """A chat of the business's own people."""

    channel: str
    chat: str
    locations: frozenset[str] = frozenset()
    """Empty: all locations."""
    events: frozenset[str] = frozenset()
    """Kinds of `TellStaff` this chat wants; empty: all."""

    def is_at(self, conversation_id: str) -> bool:
        """Whether this chat is that conversation, `business:channel:chat`."""
        return conversation_id.split(":", 1)[-1] == f"{self.channel}:{self.chat}"

    def hears(self, notice: TellStaff) -> bool:
        """What needs a person (asked, unclear, failed) reaches every chat of the location, asked for or not."""
        is_here = not self.locations or not notice.location_id or notice.location_id in self.locations
        return is_here and (not self.events or notice.event in self.events or notice.event not in NEWS)
