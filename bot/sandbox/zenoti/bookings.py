"""Holding a slot and confirming it (§9.3, §9.4); confirming a reschedule draft moves (§10)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.sandbox.zenoti.availability import Availability, read_wall
from bot.sandbox.zenoti.call import BAD_REQUEST, Call, Json, Refusal, read_text
from bot.sandbox.zenoti.drafts import Drafts
from bot.sandbox.zenoti.ledger import CONFIRMED, NEW, Draft, Guest, Hold, Invoice, Ledger, Placed, Visit, new_id
from bot.sandbox.zenoti.payloads import show_confirmation, show_held
from bot.sandbox.zenoti.switches import Switches

SLOT_LOST = 4072
"""§2: confirming failed, date and time must be chosen again."""

Announce = Callable[[str, Invoice], None]
"""Told the webhook's event type and the invoice whose appointments changed."""


class Bookings:
    """Every method is one step without a pause in it, so of two takers of one slot only the first gets it."""

    def __init__(
        self, ledger: Ledger, switches: Switches, *, drafts: Drafts, availability: Availability, announce: Announce
    ) -> None:
        self._ledger = ledger
        self._switches = switches
        self._drafts = drafts
        self._availability = availability
        self._announce = announce

    def reserve_slot(self, call: Call) -> Json:
        draft = self._drafts.find_draft(call)
        if draft.confirmation is not None or any(guest.guest is None for guest in draft.guests):
            raise Refusal(BAD_REQUEST, "Invalid booking id")
        if self._switches.second_reserve == "refused" and self._list_holds(draft, call.now):
            raise Refusal(BAD_REQUEST, "A slot is already reserved for this booking.")
        rows = self._place(call, draft)
        if self._switches.second_reserve == "moves":
            self._release(draft)
        ends_at = call.now + timedelta(minutes=self._switches.hold_minutes)
        hold = Hold(new_id(), draft, rows, ends_at)
        self._ledger.holds.append(hold)
        return {
            "is_reserved": True,
            "reservation_id": hold.id,
            "expiry_time": ends_at.replace(tzinfo=None, microsecond=0).isoformat(),
            "blocking_time": int(self._switches.hold_minutes),
            "invoices": show_held(hold),
            "Error": None,
        }

    def confirm_booking(self, call: Call) -> Json:
        draft = self._drafts.find_draft(call)
        if draft.confirmation is not None:
            if self._switches.second_confirm == "repeat":
                return draft.confirmation
            raise Refusal(self._switches.second_confirm_code, "The booking is already confirmed.")
        holds = self._list_holds(draft, call.now)
        if not holds:
            raise Refusal(SLOT_LOST, "Confirmation failed. Please choose date and time again.")
        if any(self._ledger.visits[visit_id].status not in (NEW, CONFIRMED) for visit_id in draft.moved_ids):
            raise Refusal(SLOT_LOST, "The appointment is no longer there.")
        invoices = self._apply(call, holds[-1])
        self._release(draft)
        draft.confirmation = show_confirmation(invoices)
        event = "AppointmentGroup.Updated" if draft.moved_ids else "AppointmentGroup.Created"
        for invoice in invoices:
            self._announce(event, invoice)
        return draft.confirmation

    def _place(self, call: Call, draft: Draft) -> tuple[Placed, ...]:
        """The rows to hold for the time asked. Raises `Refusal`."""
        asked = read_text(call.body.get("slot_time"))
        walls = self._availability.list_walls(draft.center, draft.day)
        wall = next((one for one in walls if one.isoformat() == asked), None)
        start = None if wall is None else read_wall(draft.center, wall)
        if start is None:
            raise Refusal(BAD_REQUEST, "Invalid slot time.")
        rows = self._availability.place(draft, start, call.now).rows
        if rows is None or start <= call.now:
            raise Refusal(BAD_REQUEST, "The selected slot is no longer available.")
        return rows

    def _list_holds(self, draft: Draft, now: datetime) -> list[Hold]:
        return [hold for hold in self._ledger.list_live_holds(now) if hold.draft is draft]

    def _release(self, draft: Draft) -> None:
        self._ledger.holds[:] = [hold for hold in self._ledger.holds if hold.draft is not draft]

    def _apply(self, call: Call, hold: Hold) -> list[Invoice]:
        """Make or move the appointments of a hold; the invoices they stand on, one per guest."""
        notes = read_text(call.body.get("notes"))
        group_id = new_id()
        invoices: dict[str, Invoice] = {}
        for row in hold.rows:
            invoice = self._move(row, hold.draft, notes) if row.item.moves else None
            if invoice is None:
                guest = _name_guest(row)
                invoice = invoices.get(guest.id) or self._open_invoice(call, hold.draft, guest, group_id)
                self._add(call, hold.draft, row, invoice=invoice, notes=notes)
            invoices[invoice.guest.id] = invoice
        return list(invoices.values())

    def _move(self, row: Placed, draft: Draft, notes: str) -> Invoice:
        visit = self._ledger.visits[row.item.moves]
        self._ledger.move_visit(visit, to=row)
        visit.booking_id = draft.id
        visit.notes = notes or visit.notes
        return self._ledger.invoices[visit.invoice_id]

    def _open_invoice(self, call: Call, draft: Draft, guest: Guest, group_id: str) -> Invoice:
        number = self._ledger.next_invoice_number()
        invoice = Invoice(new_id(), number, call.organization, draft.center, guest, group_id)
        self._ledger.invoices[invoice.id] = invoice
        return invoice

    def _add(self, call: Call, draft: Draft, row: Placed, *, invoice: Invoice, notes: str) -> None:
        visit = Visit(
            id=new_id(),
            center=draft.center,
            therapist=row.therapist,
            start=row.start,
            end=row.end,
            blocked_until=row.blocked_until,
            created_at=call.now,
            service=row.item.service,
            add_ons=row.item.add_ons,
            guest=invoice.guest,
            group_id=invoice.group_id,
            invoice_id=invoice.id,
            invoice_item_id=new_id(),
            booking_id=draft.id,
            notes=notes,
            is_requested=row.item.therapist is not None,
            visible_at=call.now + timedelta(seconds=self._switches.read_delay_seconds),
        )
        self._ledger.add_visit(visit)
        invoice.visits.append(visit)


def _name_guest(row: Placed) -> Guest:
    if row.guest is None:
        raise Refusal(BAD_REQUEST, "Guest is required.")
    return row.guest
