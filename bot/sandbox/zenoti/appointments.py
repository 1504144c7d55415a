"""Cancelling and reading appointments and invoices (§11)."""

from datetime import date, timedelta

from bot.sandbox.zenoti.bookings import Announce
from bot.sandbox.zenoti.call import BAD_REQUEST, INPUT_MISSING, NO_SUCH_ID, Call, Json, Refusal, read_date, read_text
from bot.sandbox.zenoti.guests import find_guest
from bot.sandbox.zenoti.ledger import CANCELLED, CONFIRMED, NEW, NO_SHOW, Invoice, Ledger, Visit
from bot.sandbox.zenoti.payloads import show_appointment, show_guest_appointment, show_invoice
from bot.sandbox.zenoti.switches import Switches

LONGEST_SPAN = timedelta(days=7)
"""§11: of the range read."""


class Appointments:
    """The appointment and invoice endpoints."""

    def __init__(self, ledger: Ledger, switches: Switches, *, announce: Announce) -> None:
        self._ledger = ledger
        self._switches = switches
        self._announce = announce

    def cancel_invoice(self, call: Call) -> Json:
        invoice = self._find_invoice(call)
        comments = call.text("comments") or read_text(call.body.get("comments"))
        if self._switches.cancel_comments_required and not comments:
            raise Refusal(BAD_REQUEST, "Comments are required.")
        if invoice.paid:
            raise Refusal(NO_SUCH_ID, "The invoice has payments.")
        live = [visit for visit in invoice.visits if visit.status in (NEW, CONFIRMED)]
        if not live:
            raise Refusal(NO_SUCH_ID, "The invoice has no appointments.")
        free_until = min(visit.start for visit in live) - timedelta(hours=self._switches.cancel_fee_hours)
        self._set_status(invoice, live, CANCELLED)
        return {"success": True, "is_charge_applied": call.now > free_until, "error": None}

    def confirm_visit(self, call: Call) -> Json:
        """`PUT /v1/invoices/{id}/confirm` (§9.4): the guest said they will come."""
        invoice = self._find_invoice(call)
        before, after = (CONFIRMED, NEW) if call.flag("undo_confirm") else (NEW, CONFIRMED)
        self._set_status(invoice, [visit for visit in invoice.visits if visit.status == before], after)
        return {"success": True, "error": None}

    def mark_no_show(self, call: Call) -> Json:
        invoices = [one for one in self._ledger.invoices.values() if one.group_id == call.ids["group_id"]]
        if not invoices or invoices[0].organization is not call.organization:
            raise Refusal(NO_SUCH_ID, "Invalid appointment group id.")
        for invoice in invoices:
            self._set_status(invoice, [visit for visit in invoice.visits if visit.takes_time], NO_SHOW)
        return {"success": True, "error": None}

    def list_guest_appointments(self, call: Call) -> Json:
        """Latest start first, past and future, cancelled ones included."""
        guest = find_guest(self._ledger, call)
        first, last = read_date(call.text("start_date")), read_date(call.text("end_date"))
        visits = [visit for visit in self._ledger.list_guest_visits(guest) if _is_visible(call, visit)]
        visits = [visit for visit in visits if _is_within(visit.local(visit.start).date(), first, last)]
        visits.sort(key=lambda visit: visit.start, reverse=True)
        invoice_ids = dict.fromkeys(visit.invoice_id for visit in visits)
        page, info = call.cut_page([show_guest_appointment(self._ledger.invoices[one]) for one in invoice_ids])
        return {"appointments": page, "page_info": info}

    def read_appointment(self, call: Call) -> Json:
        visit = self._ledger.visits.get(call.ids["appointment_id"])
        if visit is None or call.organization.find_center(visit.center.id) is None or not _is_visible(call, visit):
            raise Refusal(NO_SUCH_ID, "Invalid appointment id.")
        return show_appointment(visit)

    def list_appointments(self, call: Call) -> Json | list[Json]:
        """The range read; the end is exclusive, block-outs are mixed in."""
        center = call.organization.find_center(call.text("center_id").lower())
        first, last = read_date(call.text("start_date")), read_date(call.text("end_date"))
        if center is None:
            raise Refusal(NO_SUCH_ID, "Invalid center id.")
        if first is None or last is None:
            raise Refusal(INPUT_MISSING, "Start date and end date are required.")
        if not timedelta() < last - first <= LONGEST_SPAN:
            raise Refusal(BAD_REQUEST, "The date range is invalid.")
        therapist_id, is_all = call.text("therapist_id").lower(), call.flag("include_no_show_cancel")
        rows = [
            visit
            for visit in self._ledger.visits.values()
            if visit.center is center
            and first <= visit.local(visit.start).date() < last
            and (is_all or visit.takes_time)
            and therapist_id in ("", visit.therapist.id)
            and _is_visible(call, visit)
        ]
        shown = [show_appointment(visit) for visit in sorted(rows, key=lambda visit: visit.start)]
        return {"appointments": shown} if self._switches.appointments_wrapped else shown

    def read_invoice(self, call: Call) -> Json:
        return show_invoice(self._find_invoice(call), call.expands)

    def _find_invoice(self, call: Call) -> Invoice:
        invoice = self._ledger.invoices.get(call.ids["invoice_id"])
        if invoice is None or invoice.organization is not call.organization:
            raise Refusal(NO_SUCH_ID, "Invalid invoice id.")
        return invoice

    def _set_status(self, invoice: Invoice, visits: list[Visit], status: int) -> None:
        for visit in visits:
            visit.status = status
        self._announce("AppointmentGroup.Status", invoice)


def _is_visible(call: Call, visit: Visit) -> bool:
    return visit.visible_at is None or visit.visible_at <= call.now


def _is_within(day: date, first: date | None, last: date | None) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)
