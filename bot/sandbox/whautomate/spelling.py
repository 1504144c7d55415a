"""Whautomate's ids: opaque text. A service belongs to one location, so the same treatment has another id at each (§3.4)."""

from bot.sandbox.salon import Spelling
from bot.sandbox.salon.business import make_id

SPELLING = Spelling(
    place=lambda place: place.id.replace("-", "")[:24],
    person=lambda person: person.id.replace("-", "")[:24],
    treatment=lambda place, treatment: make_id("whautomate", place.key, treatment.key).replace("-", "")[:24],
    visit=lambda number: f"65f0a1b2{number:016x}",
    guest=lambda number: f"65e9c3d4{number:016x}",
)
