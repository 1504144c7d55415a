"""The time cannot be had: up to three ways on, each one tap with everything else kept."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from hashlib import blake2s

from bot.conversation.contract import Choice, Reply, Text
from bot.errors import TryAgain
from bot.model import Location, Service, Slot, SlotQuery, StaffMember
from flows import ways
from flows.booking.calendar import look_ahead
from flows.booking.wording import describe_staff
from flows.draft import ANYONE, Draft, write_start

# What one message offers beside "other times" and "another day".
MOST_OFFERS = 3

# Whom and where to look for the same time: each is a look at the vendor.
MOST_COLLEAGUES, MOST_PLACES = 3, 2

# Vendors' ids can be long and a button is short, so a person or place is named in it by this many bytes of a digest.
SHORT_BYTES = 4


class Taken:
    """Offers ways on after a time was refused, has passed or no longer fits."""

    async def ask(self, draft: Draft, back: tuple[Choice, ...]) -> Reply:
        lost = await draft.start("lost") or draft.now
        offers = [offer async for offer in self._list_offers(draft, lost)][:MOST_OFFERS]
        others = (Choice(Text("taken.other_times"), "edit", "time"), Choice(Text("taken.other_day"), "edit", "day"))
        text = Text(draft.picks.get("why", "taken.not_free"), {"when": lost, "who": await describe_staff(draft)})
        ask = Text("taken.ask" if offers else "taken.ask_open")
        return Reply(text, more=(ask,), choices=(*offers, *others), ways=(*back, *ways.out()))

    async def take_person(self, draft: Draft, value: str) -> None:
        """The same time, or day, with someone else. `value`: when and person."""
        start, _, short = value.partition("@")
        members = await draft.staff() if {"location", "service"} <= draft.picks.keys() else ()
        found = next((member.id for member in members if shorten(member.id) == short), ANYONE if short == ANYONE else "")
        if not found:
            draft.note("staff.not_here")
        draft.drop("time")
        draft.pick(day=start[:10], **({"staff": found} if found else {}), **({"time": start} if "T" in start else {}))

    async def take_place(self, draft: Draft, value: str) -> None:
        """The same time somewhere else, with anyone. `value`: time and place."""
        start, _, short = value.partition("@")
        place = next((location for location in await draft.locations() if shorten(location.id) == short), None)
        if place is None:
            draft.note("location.gone")
            return
        wanted = await draft.service() if {"location", "service"} <= draft.picks.keys() else None
        service = await _find_same(draft, place, wanted) if wanted else None
        draft.pick(location=place.id, staff=ANYONE, day=start[:10], time=start)
        if service:
            draft.picks["service"] = service.id

    async def _list_offers(self, draft: Draft, lost: datetime) -> AsyncIterator[Choice]:
        """In the order of how little they change."""
        near = await self._find_near(draft, lost)
        for slot in near[:1]:
            yield await _offer_time(draft, slot)
        async for offer in self._find_person(draft, lost):
            yield offer
        async for offer in self._find_place(draft, lost):
            yield offer
        for slot in near[1:]:
            yield await _offer_time(draft, slot)
        if not near and (slot_of_day := await self._find_later(draft, lost)):
            yield Choice(Text("day.first", {"when": slot_of_day.starts_at}), "time", write_start(slot_of_day.starts_at))

    async def _find_near(self, draft: Draft, lost: datetime) -> list[Slot]:
        """Free times of that day with the same person, nearest first."""
        slots = (await draft.openings(lost.date())).slots if lost.date() >= await draft.today() else ()
        return sorted((slot for slot in slots if slot.starts_at != lost), key=lambda slot: abs(slot.starts_at - lost))

    async def _find_person(self, draft: Draft, lost: datetime) -> AsyncIterator[Choice]:
        """The same time with a colleague, by name where one look each finds them."""
        picked = draft.picks.get("staff", ANYONE)
        if picked == ANYONE or lost <= draft.now or not await _is_free(draft, lost, "", draft.picks["service"]):
            return
        colleagues = [member for member in await draft.staff() if member.id != picked]
        for member in colleagues[:MOST_COLLEAGUES]:
            if await _is_free(draft, lost, member.id, draft.picks["service"]):
                yield _offer_person(lost, member)
                return
        if colleagues and draft.turn.desk.traits.can_book_anyone:
            yield Choice(Text("taken.with_anyone", {"when": lost}), "with", f"{write_start(lost)}@{ANYONE}")

    async def _find_place(self, draft: Draft, lost: datetime) -> AsyncIterator[Choice]:
        """The same time at another location of the same time zone; further away nobody goes for a haircut."""
        if draft.is_moving:
            return
        here, service = await draft.picked_location(), await draft.picked_service()
        others = [place for place in await draft.locations() if place.id != here.id and place.time_zone == here.time_zone]
        for place in others[:MOST_PLACES] if lost > draft.now else ():
            same = await _find_same(draft, place, service)
            if same and await _is_free(draft, lost, "", same.id, place.id):
                label = Text("taken.at_place", {"when": lost, "location": place.name})
                yield Choice(label, "at", f"{write_start(lost)}@{shorten(place.id)}")
                return

    async def _find_later(self, draft: Draft, lost: datetime) -> Slot | None:
        """The first free time of the nearest day with anything free, for a day on which nothing is."""
        calendar = await look_ahead(draft, max(lost.date(), await draft.today()))
        for day in calendar.nearest(lost.date() + timedelta(days=1), 1):
            slots = (await draft.openings(day)).slots
            return slots[0] if slots else None
        return None


def shorten(identity: str) -> str:
    """A short stand-in for a vendor's id, the same for ever."""
    return blake2s(identity.encode(), digest_size=SHORT_BYTES).hexdigest()


async def _find_same(draft: Draft, place: Location, wanted: Service) -> Service | None:
    """The same service elsewhere: by id where the business shares ids, else by name."""
    offered = await draft.services(place.id)
    same = [service for service in offered if service.id == wanted.id]
    return next(iter(same or [service for service in offered if service.name == wanted.name]), None)


async def _is_free(draft: Draft, start: datetime, staff_id: str, service_id: str, location_id: str = "") -> bool:
    """Whether the desk shows this time as free. A desk that is slow just now has nothing more to offer."""
    where = location_id or draft.picks["location"]
    try:
        openings = await draft.look(SlotQuery(where, service_id, start.date(), staff_id, draft.session.customer_id))
    except TryAgain:
        return False
    return any(slot.starts_at == start for slot in openings.slots)


async def _offer_time(draft: Draft, slot: Slot) -> Choice:
    label = Text("taken.at_time", {"when": slot.starts_at, "who": await describe_staff(draft)})
    return Choice(label, "time", write_start(slot.starts_at))


def _offer_person(start: datetime, member: StaffMember) -> Choice:
    label = Text("taken.with_person", {"when": start, "staff": member.name})
    return Choice(label, "with", f"{write_start(start)}@{shorten(member.id)}")
