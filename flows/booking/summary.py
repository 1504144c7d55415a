"""The summary: what will happen in full words before it happens, and the button that makes it happen."""

from bot.conversation.contract import Book, Choice, Reply, Text, Value
from flows import ways
from flows.appointments.agreeing import ask_move, confirm_move
from flows.booking.machine import Mover
from flows.booking.step import Step
from flows.booking.time import lose
from flows.booking.wish import build_request, digest_wish
from flows.booking.wording import describe_staff
from flows.draft import Draft
from flows.reading.people import show_phone

# What can be changed from here, and what the button says.
EDITS = {
    "time": "summary.edit_time",
    "day": "summary.edit_day",
    "staff": "summary.edit_staff",
    "service": "summary.edit_service",
    "location": "summary.edit_location",
    "name": "summary.edit_name",
    "phone": "summary.edit_phone",
    "email": "summary.edit_email",
}

# What can be changed of an appointment that is moved: the rest would make another one of it.
MOVABLE = ("time", "day", "staff")

# The confirm button has a row of its own, the changes stand side by side below it.
COLUMNS = 2

# From so many time zones on, hours are said with their zone.
MANY = 2


class Summary:
    """Shows the wish and carries its confirmation."""

    id = "summary"

    def __init__(self, mover: Mover, steps: dict[str, Step]) -> None:
        self._mover = mover
        self._steps = steps

    async def ask(self, draft: Draft, back: tuple[Choice, ...]) -> Reply:
        if draft.is_moving:
            await self._name_zone(draft)
            await self._remember_names(draft)
            return await ask_move(draft, back, await self._list_edits(draft))
        start = await draft.start()
        location = await draft.picked_location()
        what: dict[str, Value] = {"when": start or draft.now, "who": await describe_staff(draft), "location": location.name}
        zone = await self._name_zone(draft)
        await self._remember_names(draft)
        confirm = Choice(Text("summary.book", {"when": start or draft.now}), "confirm", digest_wish(draft), style="primary")
        return Reply(
            Text("summary.what_zone", {**what, "zone": zone}) if zone else Text("summary.what", what),
            more=(await self._describe_service(draft), self._describe_contact(draft)),
            choices=(confirm, *await self._list_edits(draft)),
            columns=COLUMNS,
            ways=(*back, *ways.out()),
        )

    async def confirm(self, draft: Draft) -> Reply | None:
        """Have the shown wish booked. None: its time has passed meanwhile."""
        start = await draft.start()
        if start is None or start <= draft.now:
            lose(draft, "taken.passed")
            self._mover.move(draft.session, "lose")
            return None
        if draft.is_moving:
            return await confirm_move(draft, self._mover)
        request = build_request(draft, start)
        self._mover.move(draft.session, "confirm")
        draft.session.pending = request
        draft.picks["confirmed"] = digest_wish(draft)
        draft.session.wish = dict(draft.picks)
        draft.commands.append(Book(request))
        return Reply(Text("booking.one_moment"), ways=ways.out(), replaces=True, is_passing=True)

    async def _remember_names(self, draft: Draft) -> None:
        """What the outcome is told with: it must be sayable even while the desk cannot be read."""
        member = await draft.member()
        location = await draft.picked_location()
        draft.pick(
            location_name=location.name,
            location_address=location.address,
            location_zone=location.time_zone,
            service_name=(await draft.picked_service()).name,
            staff_name=member.name if member else "",
        )

    async def _describe_service(self, draft: Draft) -> Text:
        service = await draft.picked_service()
        slot = await draft.slot_if_seen()
        price = (slot.price if slot else None) or service.price
        if price is None:
            return Text("summary.service", {"service": service.name, "length": service.duration})
        return Text("summary.service_priced", {"service": service.name, "length": service.duration, "price": price})

    def _describe_contact(self, draft: Draft) -> Text:
        session = draft.session
        reach = ", ".join(detail for detail in (session.phone and show_phone(session.phone), session.email) if detail)
        if not reach:
            return Text("summary.contact", {"name": session.name})
        return Text("summary.contact_reach", {"name": session.name, "reach": reach})

    async def _name_zone(self, draft: Draft) -> str:
        """The zone, where the business has more than one and a bare hour could mean another; else empty."""
        if len({location.time_zone for location in await draft.locations()}) < MANY:
            return ""
        zone = (await draft.picked_location()).time_zone
        draft.pick(zone=zone)
        return zone

    async def _list_edits(self, draft: Draft) -> tuple[Choice, ...]:
        """A button for each part that can be other than it is."""
        details = {"phone": draft.session.phone, "email": draft.session.email}
        offered = MOVABLE if draft.is_moving else EDITS
        parts = [part for part in offered if details.get(part, "-") and await self._steps[part].has_choice(draft)]
        return tuple(Choice(Text(EDITS[part]), "edit", part) for part in parts)
