"""Which appointments are the customer's own, by the vendor's record of this very moment.

All those of the customer whose phone number the platform proved to be theirs, and those that were made in this
conversation. A number that was merely typed opens nobody's appointments.
"""

from dataclasses import dataclass, replace

from bot.errors import CallStaff, TryAgain
from bot.model import Appointment, AppointmentStatus, Contact, Location
from flows.booking.taken import shorten
from flows.draft import Draft, write_start

# Where an appointment still lies ahead; whoever has arrived changes nothing here any more.
AHEAD = frozenset({AppointmentStatus.BOOKED, AppointmentStatus.CONFIRMED, AppointmentStatus.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Found:
    """What a button of whatever age is about."""

    appointment: Appointment | None
    """As it stands now; None where the record has none."""
    is_elsewhere: bool = False
    """It was at another time when the button was made."""


async def list_own(draft: Draft) -> tuple[Appointment, ...]:
    """By start: those behind and the cancelled ones too. Read once a turn."""
    if draft.own is None:
        draft.own = await _read_own(draft)
    return draft.own


async def list_ahead(draft: Draft) -> list[Appointment]:
    """What is still to come, the next one first."""
    return [one for one in await list_own(draft) if is_ahead(draft, one)]


def is_ahead(draft: Draft, appointment: Appointment) -> bool:
    return appointment.status in AHEAD and appointment.starts_at > draft.now


async def find_shown(draft: Draft, value: str) -> Found:
    """The appointment of a button made by `name_shown`."""
    short, _, start = value.partition("@")
    found = next((one for one in await list_own(draft) if shorten(one.id) == short), None)
    return Found(found, found is not None and bool(start) and write_start(found.starts_at) != start)


async def find_own(draft: Draft, appointment_id: str) -> Appointment | None:
    return next((one for one in await list_own(draft) if one.id == appointment_id), None)


def name_shown(appointment: Appointment) -> str:
    """The value of a button about an appointment: which, and when it was as the button was made."""
    return f"{shorten(appointment.id)}@{write_start(appointment.starts_at)}"


async def find_place(draft: Draft, appointment: Appointment) -> Location | None:
    """None for a location that is not offered any more."""
    return next((place for place in await draft.locations() if place.id == appointment.location_id), None)


def write_contact(draft: Draft, appointment: Appointment) -> Contact:
    """The customer, for staff and for a vendor that books anew what is moved."""
    session = draft.session
    return Contact(session.name or draft.turn.event.person.name, session.phone, session.email, appointment.customer_id)


async def _read_own(draft: Draft) -> tuple[Appointment, ...]:
    draft.learn_phone()
    session, desk = draft.session, draft.turn.desk
    if session.proven and not session.proven_id:
        session.proven_id = await desk.find_customer(Contact(session.name or draft.turn.event.person.name, session.proven))
    made_here = {made.id for made in session.booked}
    customers = [session.proven_id, *(made.customer_id for made in session.booked)]
    found: dict[str, Appointment] = {}
    for customer in dict.fromkeys(one for one in customers if one):
        for row in await desk.list_appointments(customer):
            if customer == session.proven_id or row.id in made_here:
                found[row.id] = row
    places = {place.id: place.zone for place in await draft.locations()}
    local = [replace(one, starts_at=one.starts_at.astimezone(places.get(one.location_id))) for one in found.values()]
    return tuple(sorted([await _name_staff(draft, one) for one in local], key=lambda one: one.starts_at))


async def _name_staff(draft: Draft, appointment: Appointment) -> Appointment:
    """A record may name whoever has it by id alone; that of somebody who is not offered any more stays unsaid."""
    known = any(place.id == appointment.location_id for place in await draft.locations())
    if appointment.staff_name or not appointment.staff_id or not known or not is_ahead(draft, appointment):
        return appointment
    try:
        members = await draft.staff(appointment.location_id, appointment.service_id)
    except (TryAgain, CallStaff):
        return appointment
    same = (member.name for member in members if member.id.lower() == appointment.staff_id.lower())
    return replace(appointment, staff_name=next(same, ""))
