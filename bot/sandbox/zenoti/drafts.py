"""Creating a draft and listing its slots (§9.1, §9.2, §10)."""

from datetime import date, datetime, timedelta

from bot.sandbox.zenoti.availability import WARNINGS, Availability, Placement, read_wall
from bot.sandbox.zenoti.call import (
    BAD_REQUEST,
    INPUT_MISSING,
    NO_SUCH_ID,
    Call,
    Json,
    Refusal,
    read_date,
    read_flag,
    read_int,
    read_object,
    read_rows,
    read_text,
)
from bot.sandbox.zenoti.catalogue import Center, Service, Therapist, find_price
from bot.sandbox.zenoti.ledger import CONFIRMED, NEW, Draft, DraftGuest, DraftItem, Guest, Invoice, Ledger, new_id
from bot.sandbox.zenoti.switches import Switches

NOT_RESCHEDULABLE = 5001
"""§2."""
WANTED_GENDER = {1: 1, 2: 0}
"""Draft `therapist.Gender` (1 male, 2 female) to a therapist's `gender` (1 male, 0 female): §15."""


class Drafts:
    """Drafts hold no time; they only remember who wants what on which day."""

    def __init__(self, ledger: Ledger, switches: Switches, availability: Availability) -> None:
        self._ledger = ledger
        self._switches = switches
        self._availability = availability

    def create_draft(self, call: Call) -> Json:
        center = _find_center(call)
        day = read_date(call.body.get("date"))
        rows = read_rows(call.body.get("guests"))
        if day is None or not rows:
            raise Refusal(INPUT_MISSING, "Date and guests are required.")
        draft = Draft(
            id=new_id(),
            center=center,
            day=day,
            guests=tuple(self._read_guest(call, center, row) for row in rows),
            created_at=call.now,
            allows_double_booking=call.flag("is_double_booking_enabled"),
            only_catalog=read_flag(call.body.get("is_only_catalog_employees")),
            single_therapist=read_flag(call.body.get("consider_single_therapist_slot")),
        )
        self._ledger.drafts[draft.id] = draft
        return {"id": draft.id, "error": None}

    def find_draft(self, call: Call) -> Draft:
        """The draft of the path, while it lives. Raises `Refusal`."""
        draft = self._ledger.drafts.get(call.ids["booking_id"])
        if draft is None or call.organization.find_center(draft.center.id) is None:
            raise Refusal(BAD_REQUEST, "Invalid booking id")
        is_held = any(hold.draft is draft for hold in self._ledger.list_live_holds(call.now))
        is_old = call.now >= draft.created_at + timedelta(minutes=self._switches.draft_minutes)
        if is_old and not is_held and draft.confirmation is None:
            raise Refusal(BAD_REQUEST, "Invalid booking id")
        return draft

    def list_slots(self, call: Call) -> Json:
        draft = self.find_draft(call)
        if draft.confirmation is not None:
            raise Refusal(BAD_REQUEST, "Invalid booking id")
        slots = [
            slot for wall in self._availability.list_walls(draft.center, draft.day) for slot in self._show_slot(call, draft, wall)
        ]
        wanted = self._switches.future_days
        is_filled = wanted == "always" or (wanted == "asked" and call.flag("check_future_day_availability"))
        days = self._list_days(call, draft) if is_filled else []
        next_day = next((day["Day"] for day in days if day["IsAvailable"]), None)
        return {"slots": slots, "future_days": days, "next_available_day": next_day, "Error": None}

    def _show_slot(self, call: Call, draft: Draft, wall: datetime) -> list[Json]:
        start = read_wall(draft.center, wall)
        is_past = start is None or start <= call.now
        if start is None or (is_past and self._switches.past_times == "hidden"):
            return []
        placement = self._availability.place(draft, start, call.now)
        is_free = placement.rows is not None and not (is_past and self._switches.past_times == "unavailable")
        if not self._switches.available_flag and not is_free:
            return []
        slot: Json = {"Time": wall.isoformat(), "Warnings": _show_warnings(placement), "Priority": 0, "Available": is_free}
        slot["SalePrice"] = self._sum_prices(draft) if self._switches.slot_prices else None
        if not self._switches.available_flag:
            del slot["Available"]
        return [slot, slot] if self._switches.duplicate_slots else [slot]

    def _sum_prices(self, draft: Draft) -> float:
        return sum(find_price(draft.center, item.service_ids).sale for guest in draft.guests for item in guest.items)

    def _list_days(self, call: Call, draft: Draft) -> list[Json]:
        most = min(self._switches.future_days_ahead, (date.max - draft.day).days)
        days = [draft.day + timedelta(days=ahead) for ahead in range(1, most + 1)]
        return [
            {
                "Day": f"{day.isoformat()}T00:00:00",
                "IsAvailable": self._availability.has_free(draft, day, call.now),
                "IsHoliday": draft.center.find_hours(day) is None,
            }
            for day in days
        ]

    def _read_guest(self, call: Call, center: Center, row: Json) -> DraftGuest:
        guest = self._find_guest(call, read_text(row.get("id")).lower())
        invoice = self._find_invoice(guest, read_text(row.get("invoice_id")).lower())
        items = tuple(_read_item(call, center, item, invoice) for item in read_rows(row.get("items")))
        if not items:
            raise Refusal(INPUT_MISSING, "Items are required.")
        return DraftGuest(guest, items)

    def _find_guest(self, call: Call, guest_id: str) -> Guest | None:
        """None where no guest is named: such a draft is for looking only."""
        if not guest_id:
            return None
        guest = self._ledger.guests.get(guest_id)
        if guest is None or guest.organization_id != call.organization.id:
            raise Refusal(NO_SUCH_ID, "Invalid guest id.")
        return guest

    def _find_invoice(self, guest: Guest | None, invoice_id: str) -> Invoice | None:
        if not invoice_id:
            return None
        invoice = self._ledger.invoices.get(invoice_id)
        if invoice is None or invoice.guest is not guest:
            raise Refusal(NO_SUCH_ID, "Invalid invoice id.")
        return invoice


def _show_warnings(placement: Placement) -> list[Json] | None:
    rows = [{"Type": kind, "Message": WARNINGS[kind]} for kind in placement.warnings]
    return rows or None


def _find_center(call: Call) -> Center:
    center_id = read_text(call.body.get("center_id")).lower()
    if not center_id:
        raise Refusal(INPUT_MISSING, "Center id is required.")
    center = call.organization.find_center(center_id)
    if center is None:
        raise Refusal(NO_SUCH_ID, "Invalid center id.")
    return center


def _read_item(call: Call, center: Center, row: Json, invoice: Invoice | None) -> DraftItem:
    service = _find_service(call, center, row)
    is_checked = not read_flag(call.body.get("skip_catalog_validations"))
    if is_checked and (not service.can_book or service.has_variant or service.is_add_on):
        raise Refusal(BAD_REQUEST, "The service cannot be booked online.")
    add_ons = tuple(_find_service(call, center, add_on) for add_on in read_rows(row.get("add_ons")))
    if any(add_on.id not in service.add_on_ids for add_on in add_ons):
        raise Refusal(BAD_REQUEST, "The add-on does not belong to the service.")
    therapist, gender = _read_therapist(center, read_object(row.get("therapist")))
    moved = _find_moved(invoice, read_text(row.get("invoice_item_id")).lower(), center)
    return DraftItem(service, add_ons, therapist, gender, moved)


def _find_service(call: Call, center: Center, row: Json) -> Service:
    service_id = read_text(read_object(row.get("item")).get("id")).lower()
    if not service_id:
        raise Refusal(INPUT_MISSING, "Item id is required.")
    service = call.organization.services.get(service_id)
    if service is None or service.id not in center.prices:
        raise Refusal(NO_SUCH_ID, "Invalid service id.")
    return service


def _read_therapist(center: Center, row: Json) -> tuple[Therapist | None, int | None]:
    """The person named, and the gender asked for; absent, `{}` and an empty id mean anyone."""
    therapist_id = read_text(row.get("id")).lower()
    if not therapist_id:
        return None, WANTED_GENDER.get(read_int(row.get("gender"), 0))
    therapist = center.find_therapist(therapist_id)
    if therapist is None:
        raise Refusal(NO_SUCH_ID, "Invalid therapist id.")
    return therapist, None


def _find_moved(invoice: Invoice | None, item_id: str, center: Center) -> str:
    """Id of the appointment behind an invoice item. Raises `Refusal`."""
    if invoice is None:
        return ""
    if not item_id:
        raise Refusal(INPUT_MISSING, "Invoice item id is required.")
    visit = next((one for one in invoice.visits if one.invoice_item_id == item_id), None)
    if visit is None:
        raise Refusal(NO_SUCH_ID, "Invalid invoice item id.")
    if visit.status not in (NEW, CONFIRMED) or visit.center is not center:
        raise Refusal(NOT_RESCHEDULABLE, "The appointment cannot be rescheduled.")
    return visit.id
