"""What an appointment that stands is called, and what is remembered of it while it is changed."""

from bot.conversation.contract import Text
from bot.model import Appointment
from flows.appointments.record import find_place
from flows.booking.telling import describe_appointment
from flows.draft import Draft

# From so many time zones on, hours are said with their zone.
MANY = 2


async def describe_standing(draft: Draft, appointment: Appointment) -> Text:
    """ "Tomorrow, Saturday 21 November, 17:00 with Anna at Harbour, Haircut"."""
    return describe_appointment(appointment, await name_facts(draft, appointment))


async def name_facts(draft: Draft, appointment: Appointment) -> dict[str, str]:
    """What the outcome is told with: it must be sayable even while the desk cannot be read."""
    places = await draft.locations()
    place = await find_place(draft, appointment)
    facts = {
        "location": appointment.location_id,
        "location_name": place.name if place else draft.turn.business.name,
        "location_address": place.address if place else "",
        "location_zone": place.time_zone if place else "",
        "service_name": appointment.service_name,
        "staff_name": appointment.staff_name,
    }
    if place and len({one.time_zone for one in places}) >= MANY:
        facts["zone"] = place.time_zone
    return facts
