"""The bookings that are already in the book when the sandbox starts: the same ones for the same seed and day."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random

from bot.sandbox.zenoti.availability import Availability, read_wall
from bot.sandbox.zenoti.catalogue import Center, Organization, Service, Therapist, make_guid
from bot.sandbox.zenoti.guests import read_fields
from bot.sandbox.zenoti.ledger import BREAK, CLOSED, NEW, Guest, Invoice, Ledger, Visit

AHEAD = timedelta(days=21)
BEFORE = timedelta(days=3)
"""So that a demo guest has past visits too."""
LUNCH = timedelta(minutes=30)
GAPS_MINUTES = (30, 45, 60, 75, 90, 120, 150)
"""Free time before the next booking; chosen so that about 35 % of the working time is taken."""
FIRST_NUMBERS = {"PT": 912000140, "US": 2125550140, "IN": 9820000140, "ES": 612000140}
"""National numbers of demo guests count up from here."""


class Prefill:
    """Fills the book of every center, and goes on as the sandbox's clock does."""

    def __init__(self, ledger: Ledger, availability: Availability, organizations: list[Organization], *, seed: int) -> None:
        self._ledger = ledger
        self._availability = availability
        self._organizations = organizations
        self._seed = seed
        self._filled_until: dict[str, date] = {}
        self._guests: dict[str, list[Guest]] = {}

    def start(self, now: datetime) -> None:
        """Make the demo guests and fill the book around `now`."""
        self._filled_until.clear()
        self._guests.clear()
        for organization in self._organizations:
            for number, (first, last) in enumerate(organization.guest_names):
                guest = _make_guest(organization, number, first, last, now=now)
                self._ledger.guests[guest.id] = guest
                self._guests.setdefault(guest.center.id, []).append(guest)
        self.catch_up(now)

    def catch_up(self, now: datetime) -> None:
        """Fill the days that have come within reach."""
        for organization in self._organizations:
            for center in organization.centers:
                today = now.astimezone(center.zone).date()
                day = self._filled_until.get(center.id, today - BEFORE - timedelta(days=1))
                while day < today + AHEAD:
                    day += timedelta(days=1)
                    self._fill_day(organization, center, day, now)
                    self._filled_until[center.id] = day

    def _fill_day(self, organization: Organization, center: Center, day: date, now: datetime) -> None:
        numbers = count()
        for therapist in center.therapists:
            random = Random(f"{self._seed}/{therapist.id}/{day}")  # noqa: S311 - demo data, not a secret
            for start, service in self._plan_day(organization, center, therapist, day=day, random=random):
                key = f"{therapist.id}/{day}/{next(numbers)}"
                visit = _make_visit(center, therapist, start, service=service, key=key, now=now)
                if not self._availability.is_free(therapist, visit.start, visit.blocked_until, center=center, now=now):
                    continue
                if service is not None:
                    self._open_invoice(organization, visit, random.choice(self._guests[center.id]), key)
                self._ledger.add_visit(visit)

    def _plan_day(
        self, organization: Organization, center: Center, therapist: Therapist, *, day: date, random: Random
    ) -> Iterator[tuple[datetime, Service | None]]:
        """Start (aware) and service of what is booked; no service: the lunch break."""
        shift = center.find_shift(therapist, day)
        if shift is None:
            return
        skills = sorted(therapist.service_ids & center.prices.keys())
        services = [organization.services[one] for one in skills if organization.services[one].can_book]
        wall, has_eaten = shift[0] + timedelta(minutes=random.choice((0, *GAPS_MINUTES))), False
        while wall < shift[1]:
            service = None if not has_eaten and wall.hour >= 13 else random.choice(services)
            has_eaten = has_eaten or service is None
            length = LUNCH if service is None else timedelta(minutes=service.minutes + service.recovery_minutes)
            start = read_wall(center, wall)
            if start is not None and wall + length <= shift[1]:
                yield start, service
            gap = timedelta(minutes=random.choice(GAPS_MINUTES))
            wall = _round_up(wall + length) + (gap if service is not None else timedelta())

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


def _make_guest(organization: Organization, number: int, first: str, last: str, *, now: datetime) -> Guest:
    center = organization.centers[number % len(organization.centers)]
    body = {
        "personal_info": {
            "first_name": first,
            "last_name": last,
            "email": f"guest{number}@example.com",
            "gender": -1,
            "mobile_phone": {"country_code": center.country.id, "number": str(FIRST_NUMBERS[center.country.code] + number)},
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


def _round_up(wall: datetime) -> datetime:
    """To the next quarter of an hour."""
    return wall + timedelta(minutes=-wall.minute % 15)
