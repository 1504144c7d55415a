"""What the staff of a demo business do at their own screen: book and cancel beside the API."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.sandbox.zenoti.availability import Availability, read_wall
from bot.sandbox.zenoti.bookings import Announce
from bot.sandbox.zenoti.catalogue import Center, Organization, Service, Therapist
from bot.sandbox.zenoti.guests import read_fields
from bot.sandbox.zenoti.ledger import CANCELLED, Guest, Invoice, Ledger, Visit, new_id


class NotFree(Exception):
    """The therapist is not there or has something else at that time."""


class FrontDesk:
    """Books and cancels at the desk; webhooks go out as for anybody."""

    def __init__(self, ledger: Ledger, availability: Availability, *, announce: Announce, now: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._availability = availability
        self._announce = announce
        self._now = now

    def book(
        self,
        organization: Organization,
        center: Center,
        therapist: Therapist,
        *,
        service: Service,
        wall: datetime,
        guest_name: str,
    ) -> Visit:
        """Book `wall` (naive, the center's) for a guest who came in. Raises `NotFree`."""
        now, start = self._now(), read_wall(center, wall)
        if start is None:
            raise NotFree
        end = start + timedelta(minutes=service.minutes)
        blocked = end + timedelta(minutes=service.recovery_minutes)
        is_there = self._availability.is_working(center, therapist, start, end)
        if not is_there or not self._availability.is_free(therapist, start, blocked, center=center, now=now):
            raise NotFree
        guest = self._greet(organization, center, guest_name)
        invoice = Invoice(new_id(), self._ledger.next_invoice_number(), organization, center, guest, group_id=new_id())
        visit = Visit(new_id(), center, therapist, start, end, blocked, now, service=service, guest=guest)
        visit.invoice_id, visit.group_id, visit.invoice_item_id = invoice.id, invoice.group_id, new_id()
        invoice.visits.append(visit)
        self._ledger.invoices[invoice.id] = invoice
        self._ledger.add_visit(visit)
        self._announce("AppointmentGroup.Created", invoice)
        return visit

    def cancel(self, visit: Visit) -> None:
        visit.status = CANCELLED
        invoice = self._ledger.invoices.get(visit.invoice_id)
        if invoice is not None:
            self._announce("AppointmentGroup.Status", invoice)

    def _greet(self, organization: Organization, center: Center, name: str) -> Guest:
        first, _, last = name.strip().partition(" ")
        fields = read_fields({"personal_info": {"first_name": first, "last_name": last, "gender": -1}}, center)
        guest = Guest(new_id(), organization.id, center, fields, self._now())
        self._ledger.add_guest(guest)
        return guest
