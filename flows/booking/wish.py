"""One confirmed wish: what identifies it, so that its button never books anything else, and what is sent to be booked."""

from datetime import datetime
from hashlib import blake2s

from bot.model import BookingRequest, Contact
from flows.draft import ANYONE, Draft

# Of the digest in a confirm button; 64 bits are far beyond chance within one conversation.
DIGEST_BYTES = 8

# What a wish consists of. "wish" tells two bookings of the same thing apart.
PARTS = ("wish", "moving", "location", "service", "staff", "day", "time")


def digest_wish(draft: Draft) -> str:
    """What the summary on the screen says, in 16 letters: another wish, or another name in it, is another digest."""
    draft.picks.setdefault("wish", draft.turn.reference)
    session = draft.session
    parts = [*(draft.picks.get(part, "") for part in PARTS), session.name, session.phone, session.email]
    return blake2s("\n".join(parts).encode(), digest_size=DIGEST_BYTES).hexdigest()


def build_request(draft: Draft, start: datetime, contact: Contact | None = None) -> BookingRequest:
    """The wish as it is written down before anything is done about it."""
    session, picks = draft.session, draft.picks
    return BookingRequest(
        reference=draft.turn.reference,
        location_id=picks["location"],
        service_id=picks["service"],
        starts_at=start,
        handle=picks["handle"],
        contact=contact or Contact(session.name, session.phone, session.email, session.customer_id),
        staff_id=picks.get("staff", ANYONE).replace(ANYONE, ""),
    )
