"""The bookings that are already in the book when the sandbox starts: the same ones for the same seed and day."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

from bot.sandbox.salon.business import Place, Regular
from bot.sandbox.salon.prefill import LUNCH, Calendar, choose_random, plan_day
from bot.sandbox.zenoti.availability import Availability
from bot.sandbox.zenoti.catalogue import Center, Organization, Service, Therapist, make_guid
from bot.sandbox.zenoti.guests import read_fields
from bot.sandbox.zenoti.ledger import BREAK, CLOSED, NEW, Guest, Invoice, Ledger, Visit


class Prefill:
    """Fills the book of every center, and goes on as the sandbox's clock does."""

    def __init__(self, ledger: Ledger, availability: Availability, organizations: list[Organization], *, seed: int) -> None:
        self._ledger = ledger
        self._availability = availability
        self._organizations = organizations
        self._seed = seed
        self._calendar = Calendar()
        self._guests: dict[str, list[Guest]] = {}

    def start(self, now: datetime) -> None:
        """Make the demo guests and fill the book around `now`."""
        self._calendar.clear()
        self._guests.clear()
        for organization in self._organizations:
            for number, regular in enumerate(organization.business.list_regulars()):
                guest = _make_guest(organization, number, regular, now=now)
                self._ledger.add_guest(guest)
                self._guests.setdefault(guest.center.id, []).append(guest)
        self.catch_up(now)

    def catch_up(self, now: datetime) -> None:
        """Fill the days that have come within reach."""
        for organization in self._organizations:
            for center, place in zip(organization.centers, organization.business.places, strict=True):
                for day in self._calendar.list_new_days(place, now):
                    self._fill_day(organization, center, place, day=day, now=now)

    def _fill_day(self, organization: Organization, center: Center, place: Place, *, day: date, now: datetime) -> None:
        numbers = count()
        for therapist, person in zip(center.therapists, place.people, strict=True):
            random = choose_random(self._seed, person, day)
            for start, treatment in plan_day(organization.business, place, person, day=day, random=random):
                service = None if treatment is None else organization.services[treatment.id]
                key = f"{therapist.id}/{day}/{next(numbers)}"
                visit = _make_visit(center, therapist, start, service=service, key=key, now=now)
                if not self._availability.is_free(therapist, visit.start, visit.blocked_until, center=center, now=now):
                    continue
                if service is not None:
                    self._open_invoice(organization, visit, random.choice(self._guests[center.id]), key)
                self._ledger.add_visit(visit)

    def _open_invoice(self, organization: Organization, visit: Visit, guest: Guest, key: str) -> None:
        invoice = Invoice(
            id=make_guid("invoice", key),
            number=self._ledger.next_invoice_number(),
            organization=organization,
            center=visit.center,
            guest=guest,
            group_id=make_guid("group", key),
            visits=[visit],
        )
        self._ledger.invoices[invoice.id] = invoice
        visit.guest, visit.invoice_id, visit.group_id = guest, invoice.id, invoice.group_id
        visit.invoice_item_id = make_guid("item", key)


def _name_guest_id(organization: Organization, number: int) -> str:
    return make_guid("guest", organization.id, str(number))


def _make_guest(organization: Organization, number: int, regular: Regular, *, now: datetime) -> Guest:
    center = organization.centers[number % len(organization.centers)]
    body = {
        "personal_info": {
            "first_name": regular.first_name,
            "last_name": regular.last_name,
            "email": regular.email,
            "gender": -1,
            "mobile_phone": {"country_code": center.country.id, "number": regular.number},
        }
    }
    fields = read_fields(body, center)
    return Guest(_name_guest_id(organization, number), organization.id, center, fields, now)


def _make_visit(
    center: Center, therapist: Therapist, start: datetime, *, service: Service | None, key: str, now: datetime
) -> Visit:
    end = start + (LUNCH if service is None else timedelta(minutes=service.minutes))
    recovery = timedelta(minutes=0 if service is None else service.recovery_minutes)
    status = BREAK if service is None else CLOSED if end <= now else NEW
    return Visit(
        id=make_guid("visit", key),
        center=center,
        therapist=therapist,
        start=start.astimezone(UTC),
        end=end.astimezone(UTC),
        blocked_until=(end + recovery).astimezone(UTC),
        created_at=now,
        service=service,
        status=status,
    )
