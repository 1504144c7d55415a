"""People with WhatsApp, and what a business gets to see of them (whatsapp.md section 5)."""

from dataclasses import dataclass
from typing import Any

Payload = dict[str, Any]


@dataclass(slots=True)
class Person:
    """Somebody with an account."""

    id: int
    """The sandbox's own, never on the wire."""
    name: str
    phone: str
    """E.164 digits without the plus, which is also the `wa_id`."""
    user_id: str
    """Business-scoped; one for the whole sandbox, as if all its businesses were of one portfolio."""
    username: str = ""
    hides_number: bool = False
    """Has a username and no history with the business: numbers are left out of every webhook."""
    is_gone: bool = False
    """Not on WhatsApp any more: what is sent to them is accepted, then fails."""

    def contact(self) -> Payload:
        """As in `contacts[]` of a message."""
        profile: Payload = {"name": self.name}
        if self.username:
            profile["username"] = self.username
        contact: Payload = {"profile": profile, "user_id": self.user_id}
        if not self.hides_number:
            contact["wa_id"] = self.phone
        return contact

    def sender(self) -> Payload:
        """As in a message of theirs."""
        sender = {"from_user_id": self.user_id}
        if not self.hides_number:
            sender["from"] = self.phone
        return sender

    def recipient(self) -> Payload:
        """As in a status of a message to them."""
        recipient = {"recipient_user_id": self.user_id}
        if not self.hides_number:
            recipient["recipient_id"] = self.phone
        return recipient
