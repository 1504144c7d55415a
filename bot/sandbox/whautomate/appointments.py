"""Appointments (§5): booked, listed, moved, cancelled."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from bot.sandbox.salon import Book, Directory, Person, Place, Treatment, Visit, What
from bot.sandbox.whautomate.call import Call, Json, Refusal, find_place, find_treatment, read_zone, refuse_body, refuse_parameters
from bot.sandbox.whautomate.clients import Clients
from bot.sandbox.whautomate.listings import cut_page
from bot.sandbox.whautomate.payloads import show_appointment
from bot.sandbox.whautomate.slots import find_person, read_start
from bot.sandbox.whautomate.spelling import SPELLING
from bot.sandbox.whautomate.switches import Switches

Announce = Callable[[What, Visit], None]


class Appointments:
    """Handlers of `/v1/appointments`, each one step."""

    def __init__(self, book: Book, directory: Directory, switches: Switches, *, clients: Clients, announce: Announce) -> None:
        self._book = book
        self._directory = directory
        self._switches = switches
        self._clients = clients
        self._announce = announce

    # ── Book ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def book(self, call: Call) -> Json:
        day, text = call.read_body_day(), call.read_text("time")
        place = find_place(self._directory, call.business, call.read_id("location"))
        treatment = find_treatment(self._directory, place, call.read_id("service"))
        person = find_person(self._directory, place, call.read_id("staff"))
        zone = read_zone(call.read_option("timezone"), place)
        start = read_start(text, day, zone, self._switches)
        add_ons = self._read_add_ons(call, place)
        if start is None or (person is None and self._switches.book_without_staff == "error"):
            raise refuse_parameters()
        minutes = treatment.minutes + sum(one.minutes for one in add_ons)
        chosen = self._choose(place, treatment, start, person=person, minutes=minutes, call=call)
        guest = self._clients.find_or_add(call, place)
        visit = self._book.add(
            call.business,
            place,
            chosen,
            treatment,
            start,
            minutes=minutes,
            guest=guest,
            note=call.read_option("notes"),
            is_from_bot=True,
            visible_at=call.now + timedelta(seconds=self._switches.read_delay_seconds),
            extra={"zone": zone.key, "add_ons": add_ons, "override": call.body.get("overrideTimeSlotValidation", False)},
        )
        self._announce("created", visit)
        return show_appointment(visit, self._switches)

    def _read_add_ons(self, call: Call, place: Place) -> list[Treatment]:
        wishes = call.body.get("addOnServices") or []
        if not isinstance(wishes, list) or not all(isinstance(one, dict) for one in wishes):
            raise refuse_body()
        return [find_treatment(self._directory, place, str(one.get("id") or "")) for one in wishes]

    def _choose(
        self, place: Place, treatment: Treatment, start: datetime, *, person: Person | None, minutes: int, call: Call
    ) -> Person:
        """Who takes it. Raises `Refusal` where nobody can, unless a clash is asked for."""
        override = call.body.get("overrideTimeSlotValidation", False)
        if not isinstance(override, bool):
            raise refuse_body()
        if override:
            skilled = call.business.list_skilled(place, treatment)
            return person or skilled[0]
        length = minutes if self._switches.checks_add_ons else treatment.minutes
        free = self._book.find_free_person(place, treatment, start, length, person=person)
        if free is None:
            raise self._refuse_time()
        return free

    def _refuse_time(self) -> Refusal:
        return Refusal(self._switches.taken_status, "The selected time slot is not available")

    # ── Read ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def list_appointments(self, call: Call) -> list[Json]:
        """§5.2: by the location's date. No status filter: cancelled ones are there too."""
        ident = call.query.get("locationId", "")
        place = find_place(self._directory, call.business, ident) if ident else None
        first, last = call.read_day("startDate", is_required=False), call.read_day("endDate", is_required=False)
        found = [
            visit
            for visit in self._book.list_visits(call.business)
            if place in (None, visit.place) and self._is_within(visit, first, last) and self._is_wanted(visit, call)
        ]
        return cut_page([show_appointment(visit, self._switches) for visit in found], call, self._switches)

    def _is_within(self, visit: Visit, first: date | None, last: date | None) -> bool:
        day = visit.place.tell_day(visit.start)
        if last is not None and self._switches.end_date == "exclusive":
            last -= timedelta(days=1)
        return (first is None or first <= day) and (last is None or day <= last)

    @staticmethod
    def _is_wanted(visit: Visit, call: Call) -> bool:
        staff_id, client_id = call.query.get("staffId", ""), call.query.get("clientId", "")
        is_visible = visit.visible_at is None or visit.visible_at <= call.now
        is_staffs = staff_id in ("", SPELLING.person(visit.person))
        return is_visible and is_staffs and client_id in ("", SPELLING.guest(visit.guest_id) if visit.guest_id else None)

    def read_appointment(self, call: Call) -> Json:
        return show_appointment(self._find(call, call.ids["id"]), self._switches)

    # ── Change ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def reschedule(self, call: Call) -> Json:
        visit, day, text = self._find(call, call.read_text("appointmentId")), call.read_body_day(), call.read_text("time")
        zone = read_zone(call.read_option("timezone"), visit.place)
        start = read_start(text, day, zone, self._switches)
        if visit.status != "booked" or visit.treatment is None or start is None:
            raise refuse_parameters()
        minutes = (visit.end - visit.start) // timedelta(minutes=1)
        free = self._book.find_free_person(
            visit.place, visit.treatment, start, minutes, person=visit.person, ignoring=visit.number
        )
        if free is None or start == visit.start:
            raise self._refuse_time()
        moved = self._copy(visit) if self._switches.moved_id == "new" else visit
        self._book.move(moved.number, moved.person, start)
        moved.extra |= {"word": self._switches.moved_status, "zone": zone.key}
        self._announce("moved", moved)
        return show_appointment(moved, self._switches)

    def _copy(self, visit: Visit) -> Visit:
        self._book.cancel(visit.number)
        copy = self._book.add(
            visit.business,
            visit.place,
            visit.person,
            visit.treatment,
            visit.start,
            minutes=(visit.end - visit.start) // timedelta(minutes=1),
            note=visit.note,
            is_from_bot=visit.is_from_bot,
            extra=dict(visit.extra),
        )
        copy.guest_id, copy.guest_name, copy.guest_phone = visit.guest_id, visit.guest_name, visit.guest_phone
        return copy

    def cancel(self, call: Call) -> Json:
        visit = self._find(call, call.read_text("appointmentId"))
        if visit.status != "booked":
            if visit.status == "cancelled" and self._switches.cancelled_again == 200:
                return {}
            raise Refusal(400, "Appointment cannot be cancelled")
        self._book.cancel(visit.number)
        visit.extra["reason"] = call.read_option("cancellationReason")
        self._announce("cancelled", visit)
        return {}

    def _find(self, call: Call, ident: str) -> Visit:
        visit = self._directory.find_visit(self._book.visits, ident)
        if visit is None or visit.business is not call.business:
            raise Refusal(404, "Appointment not found")
        place_id = call.read_id("location")
        if place_id not in ("", SPELLING.place(visit.place)):
            raise Refusal(404, "Invalid locationId")
        return visit
