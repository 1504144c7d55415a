"""My appointments: the list, one of them with what can be done about it, and the question before it is cancelled."""

from urllib.parse import quote_plus

from bot.conversation.contract import Cancel, Choice, Reply, Text
from bot.model import Appointment, BookingRequest
from flows import ways
from flows.appointments.naming import describe_standing, name_facts
from flows.appointments.record import find_place, find_shown, is_ahead, list_ahead, name_shown, write_contact
from flows.booking.machine import Mover
from flows.booking.waiting import mention_pending
from flows.draft import Draft

# In the picks: the appointment on the screen, as its button names it.
SHOWN = "shown"

# Opens the map application of a phone, and a page elsewhere.
MAP = "https://www.google.com/maps/search/?api=1&query="


class Cards:
    """Shows appointments. Nothing shown is kept: every look reads the vendor's record."""

    def __init__(self, mover: Mover) -> None:
        self._mover = mover

    async def show_all(self, draft: Draft, value: str = "") -> Reply:
        """The list; a single one at once."""
        ahead = await list_ahead(draft)
        is_complete = bool(draft.session.proven)
        if len(ahead) == 1 and is_complete:
            return await self._show(draft, ahead[0])
        return await self._list(draft, ahead)

    async def show_one(self, draft: Draft, value: str) -> Reply:
        """One of them, from a button of any age."""
        found = await find_shown(draft, value)
        if found.appointment is None or not is_ahead(draft, found.appointment):
            return await self.explain_missing(draft, found.appointment)
        if found.is_elsewhere:
            draft.note("visit.elsewhere")
        return await self._show(draft, found.appointment)

    async def show_way(self, draft: Draft, value: str) -> Reply:
        """Where it is, with a link that leads there."""
        found = await find_shown(draft, value)
        place = await find_place(draft, found.appointment) if found.appointment else None
        if found.appointment is None or place is None or not place.address:
            return await self.show_one(draft, value)
        where = f"{draft.turn.business.name}, {place.address}"
        text = Text("visit.way", {"location": place.name, "address": place.address, "link": MAP + quote_plus(where)})
        back = Choice(Text("way.back"), "visit", name_shown(found.appointment))
        return Reply(text, choices=(back,), ways=ways.out())

    async def ask_call_off(self, draft: Draft, value: str) -> Reply:
        """What will happen, in full words, before it happens. Without a value: the only one there is, or the list."""
        if not value:
            ahead = await list_ahead(draft)
            if len(ahead) != 1:
                return await self._list(draft, ahead)
            value = name_shown(ahead[0])
        found = await find_shown(draft, value)
        if found.appointment is None or not is_ahead(draft, found.appointment):
            return await self.explain_missing(draft, found.appointment)
        if found.is_elsewhere:
            draft.note("visit.elsewhere")
        if not draft.turn.desk.traits.can_cancel:
            draft.note("call_off.by_person")
            return await self._show(draft, found.appointment)
        return await self._ask_call_off(draft, found.appointment)

    async def call_off(self, draft: Draft, value: str) -> Reply:
        """Have it cancelled, if it still is what the question was about."""
        found = await find_shown(draft, value)
        standing = found.appointment
        if standing is None or not is_ahead(draft, standing):
            return await self.explain_missing(draft, standing)
        if note := mention_pending(draft, "waiting.first"):
            draft.notes.append(note)
            return await self._show(draft, standing)
        if found.is_elsewhere or not draft.turn.desk.traits.can_cancel:
            return await self.ask_call_off(draft, value)
        request = BookingRequest(
            reference=draft.turn.reference,
            location_id=standing.location_id,
            service_id=standing.service_id,
            starts_at=standing.starts_at,
            handle="",
            contact=write_contact(draft, standing),
            staff_id=standing.staff_id,
        )
        draft.session.pending = request
        draft.session.wish = {**await name_facts(draft, standing), "task": "cancel", "changing": standing.id}
        self._mover.move(draft.session, "look")
        self._mover.move(draft.session, "call_off")
        self._mover.move(draft.session, "confirm")
        draft.commands.append(Cancel(request, standing))
        return Reply(Text("booking.one_moment"), ways=ways.out(), replaces=True)

    async def ask_number(self, draft: Draft, value: str) -> Reply:
        """All of somebody's appointments are shown to whoever has their number, and having it is more than knowing it."""
        self._mover.move(draft.session, "look")
        text = Text("mine.typed" if value == "typed" else "mine.prove", {"business": draft.turn.business.name})
        return Reply(text, ways=ways.out(), asks_contact=Text("phone.share"))

    async def ask(self, draft: Draft) -> Reply:
        """The current one of these prompts, with data of now."""
        shown = draft.picks.get(SHOWN, "")
        if draft.session.state == "calling_off":
            return await self.ask_call_off(draft, shown)
        return await (self.show_one(draft, shown) if draft.session.state == "appointment" else self.show_all(draft))

    async def go_back(self, draft: Draft) -> Reply:
        if draft.session.state == "calling_off":
            return await self.show_one(draft, draft.picks.get(SHOWN, ""))
        return await self._list(draft, await list_ahead(draft))

    async def explain_missing(self, draft: Draft, appointment: Appointment | None) -> Reply:
        """What became of it, and what there is."""
        if appointment is None:
            draft.note("visit.missing")
        elif not appointment.status.is_live:
            draft.note("visit.cancelled", service=appointment.service_name, when=appointment.starts_at)
        else:
            draft.note("visit.over", service=appointment.service_name, when=appointment.starts_at)
        return await self._list(draft, await list_ahead(draft))

    async def _list(self, draft: Draft, ahead: list[Appointment]) -> Reply:
        draft.drop(SHOWN)
        is_complete = bool(draft.session.proven)
        if not ahead and not is_complete:
            return await self.ask_number(draft, "")
        self._mover.move(draft.session, "look")
        rows = tuple(
            Choice(Text("mine.label", {"when": one.starts_at, "service": one.service_name}), "visit", name_shown(one))
            for one in ahead
        )
        more = () if is_complete else (Choice(Text("mine.more"), "own"),)
        book = () if ahead else (ways.to_booking(),)
        text = Text("mine.ask" if ahead else "mine.none", {"business": draft.turn.business.name})
        return Reply(text, choices=(*rows, *more, *book), ways=ways.out(), replaces=True)

    async def _show(self, draft: Draft, appointment: Appointment) -> Reply:
        value = draft.picks[SHOWN] = name_shown(appointment)
        self._mover.move(draft.session, "look")
        self._mover.move(draft.session, "show")
        place = await find_place(draft, appointment)
        address = (Text("visit.address", {"address": place.address}),) if place and place.address else ()
        way = (Choice(Text("visit.directions"), "directions", value),) if address else ()
        cancel = (Choice(Text("visit.cancel"), "call_off", value),) if draft.turn.desk.traits.can_cancel else ()
        choices = (Choice(Text("visit.move"), "move", value), *cancel, *way)
        others = len(await list_ahead(draft)) > 1 or not draft.session.proven
        back = (Choice(Text("visit.others"), "mine"),) if others else ()
        text = Text("visit.text", {"what": await describe_standing(draft, appointment)})
        return Reply(text, more=address, choices=choices, ways=(*back, *ways.out()), replaces=True)

    async def _ask_call_off(self, draft: Draft, appointment: Appointment) -> Reply:
        value = draft.picks[SHOWN] = name_shown(appointment)
        self._mover.move(draft.session, "look")
        self._mover.move(draft.session, "call_off")
        text = Text("call_off.ask", {"what": await describe_standing(draft, appointment)})
        choices = (
            Choice(Text("call_off.sure", {"when": appointment.starts_at}), "off_sure", value, style="danger"),
            Choice(Text("call_off.move"), "move", value),
            Choice(Text("call_off.keep"), "visit", value),
        )
        return Reply(text, choices=choices, ways=ways.out(), replaces=True)
