"""A salon held in memory: a real desk with three locations in three time zones, for conversations without a vendor."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from bot.conversation.contract import Business, DeskTraits
from bot.errors import FrontdeskError
from bot.model import (
    Appointment,
    AppointmentStatus,
    BookingRequest,
    Contact,
    DayOpenings,
    Location,
    Money,
    Service,
    Slot,
    SlotQuery,
    StaffMember,
)

# Friday, 20 November 2026, 12:00 in Lisbon.
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

BUSINESS = Business("harbour", "Harbour Studio", ("en", "es"))

HARBOUR = Location("loc-harbour", "Harbour", "Europe/Lisbon", "EUR", "PT")
STATION = Location("loc-station", "Station", "Europe/Lisbon", "EUR", "PT")
SOHO = Location("loc-soho", "Soho", "America/New_York", "USD", "US")
BANDRA = Location("loc-bandra", "Bandra", "Asia/Kolkata", "INR", "IN")

HOUR, HALF = timedelta(hours=1), timedelta(minutes=30)


def _service(key: str, name: str, minutes: int, price: int) -> Service:
    return Service(f"svc-{key}", name, timedelta(minutes=minutes), Money(price * 100, "EUR"))


HAIRCUT = _service("haircut", "Haircut", 45, 35)
SWEDISH = _service("swedish", "Swedish Massage", 60, 55)
DEEP = _service("deep", "Deep Tissue Massage", 60, 65)
STONE = _service("stone", "Hot Stone Massage", 90, 80)
MANICURE = _service("manicure", "Manicure", 40, 25)
PEDICURE = _service("pedicure", "Pedicure", 50, 30)
FACIAL = _service("facial", "Classic Facial", 60, 60)
PEEL = _service("peel", "Chemical Peel", 45, 90)
COLOUR = _service("colour", "Colour and Blow-dry", 120, 95)
BROWS = _service("brows", "Brow Shaping", 20, 15)
LASHES = _service("lashes", "Lash Lift", 60, 50)
WAX = _service("wax", "Leg Wax", 30, 28)
SERVICES = (HAIRCUT, SWEDISH, DEEP, STONE, MANICURE, PEDICURE, FACIAL, PEEL, COLOUR, BROWS, LASHES, WAX)

ANNA, MARCO, JOAO = StaffMember("st-anna", "Anna"), StaffMember("st-marco", "Marco"), StaffMember("st-joao", "João Sá")
PRIYA = StaffMember("st-priya", "Priya")


@dataclass
class Salon:
    """The desk of a business: what it offers, and which times are free. Counts how often it is looked at."""

    traits: DeskTraits = field(default_factory=DeskTraits)
    now: datetime = NOON
    locations: tuple[Location, ...] = (HARBOUR, SOHO, BANDRA)
    services: dict[str, tuple[Service, ...]] = field(
        default_factory=lambda: {
            HARBOUR.id: SERVICES,
            STATION.id: (HAIRCUT, SWEDISH),
            SOHO.id: (HAIRCUT, replace(SWEDISH, price=None), MANICURE),
            BANDRA.id: (HAIRCUT,),
        }
    )
    staff: dict[str, tuple[StaffMember, ...]] = field(
        default_factory=lambda: {HARBOUR.id: (ANNA, MARCO, JOAO), STATION.id: (MARCO,), SOHO.id: (), BANDRA.id: (PRIYA,)}
    )
    opens: time = time(9)
    closes: time = time(19)
    closed: frozenset[int] = frozenset({6})
    """Weekdays on which nothing is free; Sunday is 6."""
    taken: set[tuple[str, str]] = field(default_factory=set)
    """Staff id and local start; an empty id takes the time with everybody."""
    tells_later: bool = True
    """Whether a look at one day tells of the others."""
    lag: timedelta = timedelta()
    """How old what it shows may be."""
    broken: FrontdeskError | None = None
    looks: int = 0
    record: dict[str, Appointment] = field(default_factory=dict)
    """Every appointment there is, by id."""
    customers: dict[str, str] = field(default_factory=dict)
    """Customer ids by phone number."""

    async def list_locations(self) -> tuple[Location, ...]:
        self._check()
        return self.locations

    async def list_services(self, location_id: str) -> tuple[Service, ...]:
        self._check()
        return self.services[location_id]

    async def list_staff(self, location_id: str, service_id: str) -> tuple[StaffMember, ...]:
        self._check()
        return self.staff[location_id]

    async def find_openings(self, query: SlotQuery) -> DayOpenings:
        self._check()
        self.looks += 1
        later = [query.day + timedelta(days=ahead) for ahead in range(1, 7)] if self.tells_later else []
        return DayOpenings(
            query.day,
            tuple(self._list_slots(query, query.day)),
            {day: any(self._list_slots(query, day)) for day in later},
            next((day for day in later if any(self._list_slots(query, day))), None),
        )

    async def list_appointments(self, customer_id: str) -> tuple[Appointment, ...]:
        self._check()
        mine = (one for one in self.record.values() if one.customer_id == customer_id)
        return tuple(sorted(mine, key=lambda one: one.starts_at))

    async def find_customer(self, contact: Contact) -> str:
        self._check()
        return self.customers.get(contact.phone, "")

    def take(self, start: str, *staff: StaffMember) -> None:
        """Somebody else books: with these people, or with all."""
        self.taken |= {(member.id, start) for member in staff} if staff else {("", start)}

    def take_day(self, day: date) -> None:
        for minutes in range(0, 24 * 60, 30):
            self.take((datetime.combine(day, time()) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M"))

    def book(self, request: BookingRequest) -> Appointment:
        """The record of a request, as a vendor would show it."""
        offered = {service.id: service for service in SERVICES}
        service = offered[request.service_id]
        team = {member.id: member for member in self.staff[request.location_id]}
        member = team.get(request.staff_id) or next(iter(team.values()), StaffMember("", ""))
        made = Appointment(
            id=f"ap-{request.reference}",
            location_id=request.location_id,
            service_id=service.id,
            service_name=service.name,
            starts_at=request.starts_at,
            ends_at=request.starts_at + service.duration,
            staff_id=member.id,
            staff_name=member.name,
            customer_id="cu-1",
        )
        self.record[made.id] = made
        return made

    def move(self, appointment: Appointment, request: BookingRequest) -> Appointment:
        length = appointment.ends_at - appointment.starts_at
        moved = replace(appointment, starts_at=request.starts_at, ends_at=request.starts_at + length)
        self.record[moved.id] = moved
        return moved

    def cancel(self, appointment: Appointment) -> None:
        self.record[appointment.id] = replace(appointment, status=AppointmentStatus.CANCELLED)

    def note_down(self, start: datetime, *, customer: str = "cu-1", service: Service = SWEDISH, key: str = "desk") -> Appointment:
        """An appointment that was made at the desk, with Anna at Harbour."""
        made = Appointment(
            id=f"ap-{key}",
            location_id=HARBOUR.id,
            service_id=service.id,
            service_name=service.name,
            starts_at=start,
            ends_at=start + service.duration,
            staff_id=ANNA.id,
            staff_name=ANNA.name,
            customer_id=customer,
        )
        self.record[made.id] = made
        return made

    def _list_slots(self, query: SlotQuery, day: date) -> Iterable[Slot]:
        zone = next(location for location in self.locations if location.id == query.location_id).zone
        if day.weekday() in self.closed:
            return
        start, end = datetime.combine(day, self.opens, zone), datetime.combine(day, self.closes, zone)
        while start < end:
            if start > self.now - self.lag and self._is_free(query, f"{start:%Y-%m-%dT%H:%M}"):
                yield Slot(start, f"{query.location_id}|{query.staff_id}|{start:%Y-%m-%dT%H:%M}")
            start += HALF

    def _is_free(self, query: SlotQuery, start: str) -> bool:
        if ("", start) in self.taken:
            return False
        asked = [query.staff_id] if query.staff_id else [member.id for member in self.staff[query.location_id]] or [""]
        return any((member, start) not in self.taken for member in asked)

    def _check(self) -> None:
        if self.broken:
            raise self.broken
