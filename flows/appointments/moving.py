"""Moving an appointment: the day and time are chosen as for a booking, and the old time stays until the new one is certain."""

from bot.conversation.contract import Reply, Text
from bot.model import Appointment, Service
from flows.appointments.agreeing import FROM
from flows.appointments.cards import Cards
from flows.appointments.naming import describe_standing
from flows.appointments.record import find_shown, is_ahead, list_ahead, name_shown
from flows.booking.machine import Mover
from flows.booking.path import Path
from flows.draft import ANYONE, Draft, write_start


class Moving:
    """Leads from an appointment to its new time."""

    def __init__(self, mover: Mover, path: Path, cards: Cards) -> None:
        self._mover = mover
        self._path = path
        self._cards = cards

    async def begin(self, draft: Draft, value: str) -> Reply:
        """Choose another day and time. Without a value: for the only one there is, or for one of the list."""
        if not value:
            ahead = await list_ahead(draft)
            if len(ahead) != 1:
                return await self._cards.show_all(draft)
            value = name_shown(ahead[0])
        found = await find_shown(draft, value)
        if found.appointment is None or not is_ahead(draft, found.appointment):
            return await self._cards.explain_missing(draft, found.appointment)
        if found.is_elsewhere:
            draft.note("visit.elsewhere")
        return await self._begin(draft, found.appointment)

    async def _begin(self, draft: Draft, standing: Appointment) -> Reply:
        service = await self._find_service(draft, standing)
        if service is None:
            draft.note("move.by_person")
            return await self._cards.show_one(draft, name_shown(standing))
        draft.forget()
        draft.pick(location=standing.location_id, service=service.id)
        members = await draft.staff() if draft.turn.desk.traits.can_choose_staff else ()
        who = next((member.id for member in members if member.id.lower() == standing.staff_id.lower()), ANYONE)
        draft.pick(staff=who, moving=standing.id, **{FROM: write_start(standing.starts_at)})
        draft.notes.append(Text("move.begin", {"what": await describe_standing(draft, standing)}))
        return await self._path.advance(draft)

    async def _find_service(self, draft: Draft, standing: Appointment) -> Service | None:
        """What it is of, among what can be booked here: by id, else by name. None: made at the desk, for the desk to move."""
        if all(place.id != standing.location_id for place in await draft.locations()):
            return None
        offered = await draft.services(standing.location_id)
        same = [service for service in offered if service.id.lower() == standing.service_id.lower()]
        return next(iter(same or [service for service in offered if service.name == standing.service_name]), None)
