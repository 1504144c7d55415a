"""The appointment in the making, as one turn sees it: what is picked, what that means in the business's data of now."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo

from bot.conversation.contract import Command, Session, Text, Turn
from bot.model import Appointment, DayOpenings, Location, Service, Slot, SlotQuery, StaffMember
from flows.reading.people import read_own_phone

# The pick that means whoever is free.
ANYONE = "any"

# In the picks: the appointment that is being moved, by the vendor's id.
MOVING = "moving"

# What a customer picks; other entries are notes of the flow.
CHOSEN = frozenset({"location", "service", "staff", "day", "time"})


@dataclass(slots=True)
class Draft:
    """One turn's view. Reads the desk once for each question, collects what has to be said before the prompt."""

    turn: Turn
    notes: list[Text] = field(default_factory=list)
    """Said before the prompt, in this order."""
    commands: list[Command] = field(default_factory=list)
    only: tuple[str, ...] = ()
    """The values a typed line narrowed the choices to, for this one prompt."""
    near: date | None = None
    """The day that could not be had, for this one prompt."""
    own: tuple[Appointment, ...] | None = None
    """The customer's appointments, once this turn has read them."""
    _locations: tuple[Location, ...] | None = None
    _services: dict[str, tuple[Service, ...]] = field(default_factory=dict)
    _staff: dict[tuple[str, str], tuple[StaffMember, ...]] = field(default_factory=dict)
    _openings: dict[SlotQuery, DayOpenings] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        return self.turn.session

    @property
    def picks(self) -> dict[str, str]:
        return self.turn.session.picks

    @property
    def now(self) -> datetime:
        return self.turn.now

    def note(self, key: str, **values: str | datetime | date) -> None:
        """Say this before the prompt."""
        text = Text(key, values)
        if text not in self.notes:
            self.notes.append(text)

    def learn_phone(self) -> None:
        """Keep the number that the platform vouches for, where none is known yet."""
        session, given = self.session, self.turn.event.person.phone
        if given and not (session.phone and session.proven):
            number = read_own_phone(given, "") or ""
            session.phone, session.proven = session.phone or number, session.proven or number

    def pick(self, **values: str) -> None:
        self.picks.update(values)

    def drop(self, *names: str) -> None:
        """Forget these picks."""
        for name in names:
            self.picks.pop(name, None)

    def forget(self) -> None:
        """Leave the appointment in the making; that a person was asked for is no part of it."""
        self.session.picks = {name: value for name, value in self.picks.items() if name == "asked_at"}

    @property
    def is_started(self) -> bool:
        """Whether anything is picked that one could go on with."""
        return not CHOSEN.isdisjoint(self.picks)

    @property
    def is_moving(self) -> bool:
        """Whether the picks are another time for an appointment that stands, not a new one."""
        return MOVING in self.picks

    async def locations(self) -> tuple[Location, ...]:
        if self._locations is None:
            self._locations = await self.turn.desk.list_locations()
        return self._locations

    async def location(self) -> Location | None:
        picked = self.picks.get("location")
        return next((location for location in await self.locations() if location.id == picked), None)

    async def picked_location(self) -> Location:
        """The location, where an earlier step made sure that there is one."""
        location = await self.location()
        if location is None:
            raise LookupError("no location picked")
        return location

    async def services(self, location_id: str = "") -> tuple[Service, ...]:
        where = location_id or self.picks["location"]
        if where not in self._services:
            self._services[where] = await self.turn.desk.list_services(where)
        return self._services[where]

    async def service(self) -> Service | None:
        picked = self.picks.get("service")
        return next((service for service in await self.services() if service.id == picked), None)

    async def picked_service(self) -> Service:
        """The service, where an earlier step made sure that there is one."""
        service = await self.service()
        if service is None:
            raise LookupError("no service picked")
        return service

    async def staff(self, location_id: str = "", service_id: str = "") -> tuple[StaffMember, ...]:
        asked = (location_id or self.picks["location"], service_id or self.picks["service"])
        if asked not in self._staff:
            self._staff[asked] = await self.turn.desk.list_staff(*asked)
        return self._staff[asked]

    async def member(self) -> StaffMember | None:
        """Who was picked; None for anyone."""
        picked = self.picks.get("staff", ANYONE)
        if picked == ANYONE:
            return None
        return next((member for member in await self.staff() if member.id == picked), None)

    async def openings(self, day: date, *, anyone: bool = False) -> DayOpenings:
        """What is free that day for the picks (or with anyone), from now on."""
        staff_id = "" if anyone else self.picks.get("staff", ANYONE).replace(ANYONE, "")
        return await self.look(SlotQuery(self.picks["location"], self.picks["service"], day, staff_id, self.session.customer_id))

    async def look(self, query: SlotQuery) -> DayOpenings:
        """What is free, without the times that have passed since the desk looked."""
        if query not in self._openings:
            seen = await self.turn.desk.find_openings(query)
            # Slots come in order: mostly none has passed, and one comparison tells.
            if seen.slots and seen.slots[0].starts_at <= self.now:
                slots = tuple(slot for slot in seen.slots if slot.starts_at > self.now)
                seen = DayOpenings(seen.day, slots, seen.later, seen.next_day)
            self._openings[query] = seen
        return self._openings[query]

    async def zone(self) -> tzinfo:
        return (await self.picked_location()).zone

    async def today(self) -> date:
        """Today where the appointment will be."""
        return self.now.astimezone(await self.zone()).date()

    async def heard_on(self) -> date:
        """The day on which the remembered sentence was said: its "tomorrow" is the day after that."""
        return datetime.fromisoformat(self.picks.get("heard_at", self.now.isoformat())).astimezone(await self.zone()).date()

    async def moment(self, day: date) -> datetime:
        """The day as a time, so that it can be worded as "tomorrow": a bare date does not say where."""
        return datetime.combine(day, time(), await self.zone())

    def day(self) -> date | None:
        try:
            return date.fromisoformat(self.picks.get("day", ""))
        except ValueError:
            return None

    async def start(self, pick: str = "time") -> datetime | None:
        """The picked time, aware, in the location's zone."""
        return read_start(self.picks.get(pick, ""), await self.zone())

    async def slot(self) -> Slot | None:
        """The slot of the picked time as the desk shows it now, or None if it is gone."""
        start = await self.start()
        slots = (await self.openings(start.date())).slots if start else ()
        return next((slot for slot in slots if slot.starts_at == start), None)

    async def slot_if_seen(self) -> Slot | None:
        """The slot, but only if this turn has looked at its day already: for what is nice to know, not needed."""
        start = await self.start()
        seen = next((openings for query, openings in self._openings.items() if start and query.day == start.date()), None)
        return next((slot for slot in seen.slots if slot.starts_at == start), None) if seen else None


def write_start(start: datetime) -> str:
    """As a pick: the wall clock of its zone."""
    return start.replace(tzinfo=None).isoformat(timespec="minutes")


def read_start(written: str, zone: tzinfo) -> datetime | None:
    """A pick as an aware time, or None if it is none."""
    if len(written) != len("2026-11-20T17:00"):
        return None
    try:
        return datetime.fromisoformat(written).replace(tzinfo=zone)
    except ValueError:
        return None
