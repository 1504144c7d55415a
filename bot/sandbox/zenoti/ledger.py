"""What changes while the emulator runs: guests, drafts, holds, appointments, invoices."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import uuid4

from bot.sandbox.zenoti.call import Json
from bot.sandbox.zenoti.catalogue import Center, Organization, Service, Therapist

NO_SHOW, CANCELLED, NEW, CLOSED, CHECKED_IN, CONFIRMED, BREAK = -2, -1, 0, 1, 2, 4, 10
"""Appointment statuses (§15)."""
PHONE_TAIL = 4
"""Digits by which guests are found quickly."""


def new_id() -> str:
    return str(uuid4())


@dataclass(slots=True)
class Guest:
    """A guest of an organisation; `fields` is the flat object the API shows (§8), without its id."""

    id: str
    organization_id: str
    center: Center
    fields: Json
    created_at: datetime

    @property
    def person(self) -> Json:
        info: Json = self.fields["personal_info"]
        return info

    @property
    def phone_tail(self) -> str:
        """The last digits of the number, whatever stands before them."""
        phone = self.person["mobile_phone"] or {}
        return str(phone.get("number", ""))[-PHONE_TAIL:]

    @property
    def first_name(self) -> str:
        return str(self.person["first_name"])

    @property
    def last_name(self) -> str:
        return str(self.person["last_name"])

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class DraftItem:
    """One service wanted, with its add-ons; on a reschedule draft, which invoice item it moves."""

    service: Service
    add_ons: tuple[Service, ...] = ()
    therapist: Therapist | None = None
    gender: int | None = None
    """Wanted gender as on a therapist (0 female, 1 male), where one was asked for."""
    moves: str = ""
    """Id of the appointment that this item moves."""

    @property
    def minutes(self) -> int:
        return self.service.minutes + sum(add_on.minutes for add_on in self.add_ons)

    @property
    def service_ids(self) -> tuple[str, ...]:
        return (self.service.id, *(add_on.id for add_on in self.add_ons))


@dataclass(frozen=True, slots=True)
class DraftGuest:
    """A guest of a draft (None: only looking) and what they want, one after another."""

    guest: Guest | None
    items: tuple[DraftItem, ...]


@dataclass(slots=True)
class Draft:
    """A booking being made. Holds no time by itself."""

    id: str
    center: Center
    day: date
    guests: tuple[DraftGuest, ...]
    created_at: datetime
    allows_double_booking: bool = False
    only_catalog: bool = False
    single_therapist: bool = False
    confirmation: Json | None = None
    """The answer of confirm, once given."""

    @property
    def moved_ids(self) -> frozenset[str]:
        return frozenset(item.moves for guest in self.guests for item in guest.items if item.moves)


@dataclass(frozen=True, slots=True)
class Placed:
    """A wanted item with its person and time. Aware UTC."""

    guest: Guest | None
    item: DraftItem
    therapist: Therapist
    start: datetime
    end: datetime
    blocked_until: datetime
    """End plus the service's recovery time: the therapist is busy, the guest is not."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Time held for a draft until `expires_at`."""

    id: str
    draft: Draft
    rows: tuple[Placed, ...]
    expires_at: datetime


@dataclass(slots=True)
class Visit:
    """An appointment (or a block-out of a therapist's time, without a guest). Aware UTC."""

    id: str
    center: Center
    therapist: Therapist
    start: datetime
    end: datetime
    blocked_until: datetime
    created_at: datetime
    service: Service | None = None
    add_ons: tuple[Service, ...] = ()
    guest: Guest | None = None
    group_id: str = ""
    invoice_id: str = ""
    invoice_item_id: str = ""
    booking_id: str = ""
    status: int = NEW
    notes: str = ""
    is_requested: bool = False
    """The therapist was named by the guest."""
    visible_at: datetime | None = None
    """Not shown in the appointment reads before, where that is delayed."""

    @property
    def takes_time(self) -> bool:
        return self.status not in (CANCELLED, NO_SHOW)

    @property
    def service_ids(self) -> tuple[str, ...]:
        return () if self.service is None else (self.service.id, *(add_on.id for add_on in self.add_ons))

    def local(self, moment: datetime) -> datetime:
        """`moment` in the center's wall time, naive as the API writes it."""
        return moment.astimezone(self.center.zone).replace(tzinfo=None)


@dataclass(slots=True)
class Invoice:
    """What one guest owes for one booking."""

    id: str
    number: str
    organization: Organization
    center: Center
    guest: Guest
    group_id: str
    visits: list[Visit] = field(default_factory=list)
    paid: float = 0.0

    @property
    def status(self) -> int:
        """0 open, 99 voided (§15)."""
        return 0 if any(visit.takes_time for visit in self.visits) else 99


class Ledger:
    """All rows of all organisations, with the index that makes looking for free time quick."""

    def __init__(self) -> None:
        self.guests: dict[str, Guest] = {}
        self.drafts: dict[str, Draft] = {}
        self.holds: list[Hold] = []
        self.visits: dict[str, Visit] = {}
        self.invoices: dict[str, Invoice] = {}
        self._days: defaultdict[tuple[str, date], list[Visit]] = defaultdict(list)
        self._guest_visits: defaultdict[str, list[Visit]] = defaultdict(list)
        self._phones: defaultdict[str, dict[str, Guest]] = defaultdict(dict)

    def clear(self) -> None:
        for rows in (
            self.guests,
            self.drafts,
            self.holds,
            self.visits,
            self.invoices,
            self._days,
            self._guest_visits,
            self._phones,
        ):
            rows.clear()

    def add_guest(self, guest: Guest) -> None:
        self.guests[guest.id] = guest
        self._phones[guest.phone_tail][guest.id] = guest

    def change_guest(self, guest: Guest, fields: Json) -> None:
        self._phones[guest.phone_tail].pop(guest.id, None)
        guest.fields = fields
        self._phones[guest.phone_tail][guest.id] = guest

    def list_guests(self, phone: str = "") -> list[Guest]:
        """All who may have this number (digits); without one, everybody."""
        return list(self._phones.get(phone[-PHONE_TAIL:], {}).values() if phone else self.guests.values())

    def add_visit(self, visit: Visit) -> None:
        self.visits[visit.id] = visit
        self._days[self._key(visit)].append(visit)
        if visit.guest is not None:
            self._guest_visits[visit.guest.id].append(visit)

    def move_visit(self, visit: Visit, *, to: Placed) -> None:
        self._days[self._key(visit)].remove(visit)
        visit.therapist, visit.start, visit.end, visit.blocked_until = to.therapist, to.start, to.end, to.blocked_until
        visit.service, visit.add_ons, visit.is_requested = to.item.service, to.item.add_ons, to.item.therapist is not None
        self._days[self._key(visit)].append(visit)

    def give_time_back(self, visit: Visit) -> None:
        """Let others have the time of an appointment that stays on record: a load test needs more room than a salon has."""
        self._days[self._key(visit)].remove(visit)

    def list_day(self, therapist: Therapist, day: date) -> list[Visit]:
        """What takes up the therapist's time on the center's calendar day."""
        return [visit for visit in self._days.get((therapist.id, day), ()) if visit.takes_time]

    def list_live_holds(self, now: datetime) -> list[Hold]:
        """Holds that have not run out; the others are forgotten."""
        self.holds[:] = [hold for hold in self.holds if hold.expires_at > now]
        return self.holds

    def list_guest_visits(self, guest: Guest) -> list[Visit]:
        return list(self._guest_visits.get(guest.id, ()))

    def next_invoice_number(self) -> str:
        return str(20_000 + len(self.invoices))

    @staticmethod
    def _key(visit: Visit) -> tuple[str, date]:
        return visit.therapist.id, visit.local(visit.start).date()
